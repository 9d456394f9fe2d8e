using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Gateway.Tests;

/// <summary>What is written down about requests, at the most talkative level: never whose or what they are, and no token; but what operators do.</summary>
public sealed class PrivacyTests(GatewayFixture gateway)
{
    private static readonly string[] Personal = ["17 Hidden Lane", "jane.doe@example.org", "+15550123456", "my-barcode-778", "YmxvYg-of-a-fingerprint", "before the kids are home"];

    [Fact]
    public async Task Neither_logs_nor_traces_hold_personal_data_or_tokens()
    {
        var log = new Recorder();
        using var traces = new Traces();
        await using var issuer = await TokenIssuer.StartAsync();
        var (host, http) = await gateway.OpenToTheWorld(issuer, new() { ["Logging:LogLevel:Default"] = "Trace", ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace", ["Logging:LogLevel:Orleans"] = "Trace" }, Record(log));
        var token = issuer.Token(["Deliveries.ReadWrite"]);
        var forged = issuer.Sign(issuer.Claims(["Operators"]), new SigningKey());
        string id;
        using (http)
        await using (host)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", token);
            id = await http.Order(b =>
            {
                b["ownerId"] = "somebody";
                (b["pickupLocation"], b["dropOffLocation"]) = (Personal[0], Personal[0]);
                b["deadline"] = Personal[5];
                b["packageInfo"]!["tag"] = Personal[3];
            });
            var notification = $$"""{"emailAddress":"{{Personal[1]}}","sms":"{{Personal[2]}}"}""";
            await http.Call("POST", $"/api/deliveries/{id}/notifymerequests", notification);
            await http.Call("POST", $"/api/deliveries/{id}/confirmations", $$"""{"confirmationType":"FingerPrint","confirmationBlob":"{{Personal[4]}}"}""");
            await http.Call("POST", $"/api/deliveries/{id}/notifymerequests", notification[..^3]);
            await http.Call("GET", $"/api/deliveries/{id}/overview");
            gateway.Faults.Throw(id, 2, () => new InvalidOperationException("broken"));
            await http.Call("PATCH", $"/api/deliveries/{id}", $$"""{"dropoff":"{{Personal[0]}}"}""");
            await http.Call("GET", $"/api/deliveries/{id}");
            Assert.Equal(HttpStatusCode.Unauthorized, await http.StatusWith(forged, "/api/deliveries"));
            Assert.Equal(HttpStatusCode.Unauthorized, await http.StatusWith(issuer.Token(["Operators"], change: claims => claims["exp"] = 1), "/api/deliveries"));
        }

        var written = log.Text + traces.Text;
        Assert.Contains(id, written, StringComparison.Ordinal); // It is recorded at all.
        Assert.Empty(Personal.SelectMany(log.WhoSays).Distinct());
        foreach (var secret in Personal.Append(token).Append(forged).Append(token.Split('.')[2])) Assert.DoesNotContain(secret, written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neither_logs_nor_traces_hold_a_share_link()
    {
        var log = new Recorder();
        using var traces = new Traces();
        var id = await gateway.Http.Order();
        var (host, http) = await gateway.Open(new() { ["Sharing:Key"] = GatewayFixture.SharingKey, ["Logging:LogLevel:Default"] = "Trace", ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace" }, Record(log));
        string link;
        using (http)
        await using (host)
        {
            var path = (string)(await http.Call("POST", $"/v1/api/deliveries/{id}/shares", "{}")).Body!["path"]!;
            link = path.Split('/')[^1];
            await http.Call("DELETE", $"/api/deliveries/{id}");
            foreach (var good in new[] { path, path.Replace("/v1/api/shared", "/API/Shared", StringComparison.Ordinal), $"{path}/", $"{path}/tracking" }) Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(good, TestContext.Current.CancellationToken)).StatusCode);
            foreach (var bad in new[] { $"{path}/nothing", $"{path}=", $"/api/shared//{link}" }) Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(bad, TestContext.Current.CancellationToken)).StatusCode);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, (await http.Call("PUT", path, "{}")).Status);
        }

        Assert.Contains("/api/shared/", log.Text, StringComparison.Ordinal);
        Assert.Contains("/api/shared/", traces.Text, StringComparison.Ordinal);
        Assert.Empty(log.WhoSays(link).Distinct());
        Assert.DoesNotContain(link, traces.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_operators_change_is_written_down_with_who_did_it()
    {
        var log = new Recorder();
        await using var issuer = await TokenIssuer.StartAsync();
        var (host, http) = await gateway.OpenToTheWorld(issuer, services: Record(log));
        using (http)
        await using (host)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", issuer.Token(["Operators"], "olga"));
            await http.Call("PUT", "/api/accounts/some-shop", """{"standing":"Suspended","reason":"secret reason"}""");
            await http.Call("POST", "/api/operations/deadletters/nobody-asked-for-it/replay", "{}");
            await http.Call("GET", "/api/operations/deadletters");
            await http.Call("GET", "/api/deliveries/nobody-asked-for-it");
            await http.Call("PUT", "/api/accounts/some-shop", """{"standing":"Nonsense"}""");

            // Who may not is written down too; who is nobody is not, or a stranger could fill the log.
            http.DefaultRequestHeaders.Authorization = new("Bearer", issuer.Token(["Deliveries.ReadWrite"], "mallory"));
            await http.Call("GET", "/api/operations/deadletters");
            await http.Call("PUT", "/api/accounts/some-shop", """{"standing":"Active"}""");
            await http.Call("GET", "/api/deliveries/nobody-asked-for-it");
            http.DefaultRequestHeaders.Authorization = null;
            await http.Call("PUT", "/api/accounts/some-shop", """{"standing":"Active"}""");
        }

        Assert.Equal(
            [
                "Operator olga: PUT /api/accounts/some-shop was answered 200", "Operator olga: POST /api/operations/deadletters/nobody-asked-for-it/replay was answered 404",
                "Operator olga: PUT /api/accounts/some-shop was answered 400",
                "mallory may not: GET /api/operations/deadletters", "mallory may not: PUT /api/accounts/some-shop",
            ],
            log.Of("DroneDelivery.Gateway.Security.AuditLog"));
    }

    [Fact]
    public async Task One_trace_leads_from_the_request_through_the_grain()
    {
        using var traces = new Traces();
        var id = await gateway.Http.Order();
        using var asking = new Activity("a client asks").Start();

        await gateway.Http.Call("GET", $"/api/deliveryrequests/{id}");

        await Eventually.Holds(() => Task.FromResult(traces.Of(asking.TraceId).Exists(span => span.Source.Name == "Microsoft.AspNetCore")), "the request has ended");
        var spans = traces.Of(asking.TraceId);
        var server = Assert.Single(spans, span => span.Source.Name == "Microsoft.AspNetCore");
        var client = Assert.Single(spans, span => span.Kind == ActivityKind.Client && span.OperationName.Contains("Get", StringComparison.Ordinal));
        var grain = Assert.Single(spans, span => span.Kind == ActivityKind.Server && span.Source.Name.StartsWith("Microsoft.Orleans", StringComparison.Ordinal));
        Assert.Equal(client.SpanId, grain.ParentSpanId);
        Assert.Equal(server.SpanId, client.ParentSpanId);
    }

    private static Action<IServiceCollection> Record(Recorder log) => services => services.AddSingleton<ILoggerProvider>(log);

    /// <summary>Everything that is logged, scopes and exceptions too.</summary>
    private sealed class Recorder : ILoggerProvider, ISupportExternalScope
    {
        private readonly ConcurrentQueue<(string Category, string Message, string All)> _lines = new();
        private IExternalScopeProvider? _scopes;

        public string Text => string.Join('\n', _lines.Select(line => line.All));

        public IEnumerable<string> WhoSays(string text) => _lines.Where(line => line.All.Contains(text, StringComparison.Ordinal)).Select(line => line.Category);

        public IEnumerable<string> Of(string category) => _lines.Where(line => line.Category == category).Select(line => line.Message);

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose()
        {
        }

        private sealed class Logger(Recorder recorder, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state) where TState : notnull => recorder._scopes?.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                var all = new StringBuilder(formatter(state, exception)).Append(exception);
                if (state is IEnumerable<KeyValuePair<string, object?>> values) all.AppendJoin(' ', values.Select(value => value.Value));
                recorder._scopes?.ForEachScope((scope, text) => text.Append(' ').Append(scope), all);
                recorder._lines.Enqueue((category, formatter(state, exception), all.ToString()));
            }
        }
    }

    /// <summary>Every span of this process.</summary>
    private sealed class Traces : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _ended = new();
        private readonly ActivityListener _listener;

        public Traces()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name.StartsWith("Microsoft.", StringComparison.Ordinal),
                Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public string Text => string.Join('\n', _ended.Select(span => $"{span.DisplayName} {string.Join(' ', span.TagObjects)} {string.Join(' ', span.Baggage)} {string.Join(' ', span.Events.SelectMany(e => e.Tags))}"));

        public List<Activity> Of(ActivityTraceId trace) => [.. _ended.Where(span => span.TraceId == trace)];

        public void Dispose() => _listener.Dispose();
    }
}
