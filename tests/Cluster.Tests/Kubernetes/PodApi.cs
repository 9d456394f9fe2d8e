using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Kubernetes;

/// <summary>
/// As much of the Kubernetes API as a silo uses, over HTTPS with a certificate and a token of its own. It can refuse verbs, answer slowly or with
/// failures, cut watches and delete pods.
/// </summary>
internal sealed class PodApi : IAsyncDisposable
{
    public const string Namespace = "deliveries";

    private readonly string _token = Guid.NewGuid().ToString("N");
    private readonly X509Certificate2 _certificate = MakeCertificate();
    private readonly ConcurrentDictionary<string, JsonObject> _pods = [];
    private readonly ConcurrentDictionary<Channel<JsonObject>, string> _watches = [];
    private readonly ConcurrentQueue<string> _calls = [];
    private readonly WebApplication _app;

    private PodApi(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(_certificate)));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        Port = port;
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>Verbs that the caller's Role lacks. It never has more than get, list and watch.</summary>
    public ISet<string> Missing { get; } = new HashSet<string>();

    /// <summary>How long every answer takes.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>What every call is answered with; null for the truth.</summary>
    public HttpStatusCode? Failure { get; set; }

    /// <summary>Whether the token counts for nothing.</summary>
    public bool TokenIsUnknown { get; set; }

    /// <summary>The verbs asked for so far, in order.</summary>
    public IReadOnlyCollection<string> Calls => _calls;

    /// <summary>Watches that are open now.</summary>
    public int OpenWatches => _watches.Count;

    public static async Task<PodApi> StartAsync(int port)
    {
        var api = new PodApi(port);
        await api._app.StartAsync();
        return api;
    }

    /// <summary>Writes a kubeconfig that leads here.</summary>
    public void WriteKubeConfig(string path) => File.WriteAllText(path, $$"""
        apiVersion: v1
        kind: Config
        current-context: test
        clusters: [{ name: test, cluster: { server: "https://127.0.0.1:{{Port}}", certificate-authority-data: {{Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(_certificate.ExportCertificatePem()))}} } }]
        users: [{ name: test, user: { token: {{_token}} } }]
        contexts: [{ name: test, context: { cluster: test, user: test, namespace: {{Namespace}} } }]
        """);

    /// <summary>Adds a running pod.</summary>
    public void Add(string name, string serviceId, string clusterId)
    {
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = Namespace,
                ["resourceVersion"] = "1",
                ["labels"] = new JsonObject { ["orleans/serviceId"] = serviceId, ["orleans/clusterId"] = clusterId },
            },
        };
        _pods[name] = pod;
        Tell("ADDED", pod);
    }

    /// <summary>As <c>kubectl delete pod --force</c>: it is gone from the API, whatever its process does.</summary>
    public void Delete(string name)
    {
        if (_pods.TryRemove(name, out var pod)) Tell("DELETED", pod);
    }

    /// <summary>Ends every open watch, as the API does every few minutes.</summary>
    public void CutWatches()
    {
        foreach (var (watch, _) in _watches) watch.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        CutWatches();
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var stop = context.RequestAborted;
        if (path is not ["api", "v1", "namespaces", Namespace, "pods", .. { Length: <= 1 } rest])
        {
            await RefuseAsync(context, HttpStatusCode.NotFound);
            return;
        }

        var verb = (context.Request.Method, rest.Length) switch
        {
            ("GET", 1) => "get",
            ("GET", 0) => context.Request.Query["watch"] == "true" ? "watch" : "list",
            var (method, _) => method.ToLowerInvariant(),
        };
        _calls.Enqueue(verb);
        await Task.Delay(Delay, stop);
        if (Failure is { } failure) await RefuseAsync(context, failure);
        else if (TokenIsUnknown || context.Request.Headers.Authorization != $"Bearer {_token}") await RefuseAsync(context, HttpStatusCode.Unauthorized);
        else if (Missing.Contains(verb) || verb is not ("get" or "list" or "watch")) await RefuseAsync(context, HttpStatusCode.Forbidden);
        else if (verb == "get") await (_pods.TryGetValue(rest[0], out var pod) ? WriteAsync(context, pod) : RefuseAsync(context, HttpStatusCode.NotFound));
        else if (verb == "list") await WriteAsync(context, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "PodList", ["metadata"] = new JsonObject(), ["items"] = new JsonArray([.. Selected(Selector(context)).Select(item => item.DeepClone())]) });
        else await WatchAsync(context);
    }

    private async Task WatchAsync(HttpContext context)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        if (int.TryParse(context.Request.Query["timeoutSeconds"], out var seconds)) limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        var selector = Selector(context);
        var events = Channel.CreateUnbounded<JsonObject>();
        foreach (var pod in Selected(selector)) events.Writer.TryWrite(Event("ADDED", pod));
        _watches[events] = selector;
        try
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.FlushAsync(limit.Token);
            await foreach (var occurred in events.Reader.ReadAllAsync(limit.Token))
            {
                await context.Response.WriteAsync(occurred.ToJsonString() + "\n", limit.Token);
                await context.Response.Body.FlushAsync(limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The watcher has gone, or its time is up.
        }
        finally
        {
            _watches.TryRemove(events, out _);
        }
    }

    private void Tell(string kind, JsonObject pod)
    {
        foreach (var (watch, selector) in _watches)
        {
            if (Matches(pod, selector)) watch.Writer.TryWrite(Event(kind, pod));
        }
    }

    private IEnumerable<JsonObject> Selected(string selector) => _pods.Values.Where(pod => Matches(pod, selector));

    private static string Selector(HttpContext context) => context.Request.Query["labelSelector"].ToString();

    private static bool Matches(JsonObject pod, string selector) => selector.Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(term => term.Split('='))
        .All(term => (string?)pod["metadata"]!["labels"]![term[0]] == term[1]);

    private static JsonObject Event(string kind, JsonObject pod) => new() { ["type"] = kind, ["object"] = pod.DeepClone() };

    private static async Task RefuseAsync(HttpContext context, HttpStatusCode code)
    {
        context.Response.StatusCode = (int)code;
        await WriteAsync(context, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Status", ["status"] = "Failure", ["code"] = (int)code, ["reason"] = code.ToString() });
    }

    private static Task WriteAsync(HttpContext context, JsonObject body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(JsonSerializerOptions.Default), context.RequestAborted);
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=pod-api", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
    }
}
