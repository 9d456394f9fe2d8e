using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace DroneDelivery.Gateway.Tests.Hostile;

/// <summary>Tests that measure the process; they run while no other does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>No request, however wrong, gets a 5xx, hangs, or leaves anything behind. <c>HOSTILE_REQUESTS=n</c> and <c>HOSTILE_SEED=n</c> try others.</summary>
[Collection(nameof(Alone))]
public sealed class HostileRequestTests
{
    private const int Seed = 20_261;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private const int Workers = 16;

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["DroneDeliveries:Wait"] = "00:00:00",
        ["Tracking:Pause"] = "00:00:00.050",
        ["Tracking:IdlePause"] = "00:00:00.050",
    };

    [Fact, Trait("Category", "Slow")]
    public Task A_thousand_requests_made_from_the_document_do_no_harm() => AssertHarmless(1_000);

    [Fact, Trait("Category", "Slow")]
    public Task Twenty_thousand_requests_made_from_the_document_do_no_harm() => AssertHarmless(Setting("HOSTILE_REQUESTS", 20_000));

    [Fact, Trait("Category", "Slow")]
    public Task Bytes_that_are_no_request_do_no_harm() => AssertRawHarmless(300);

    [Fact, Trait("Category", "Slow")]
    public Task Many_bytes_that_are_no_request_do_no_harm() => AssertRawHarmless(Setting("HOSTILE_REQUESTS", 20_000) / 4);

    private static async Task AssertHarmless(int count)
    {
        var seed = Setting("HOSTILE_SEED", Seed);
        await using var own = new GatewayFixture();
        await own.InitializeAsync();
        var (host, http) = await own.Open(Settings);
        using var client = http;
        await using var gateway = host;
        var document = await http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken);
        var answered = new int[600];

        // The first tenth warms everything up that stays.
        await Run(seed, count / 10);
        var before = Memory(own);
        await Run(seed + 1, count - (count / 10));
        var grown = Memory(own) - before;

        TestContext.Current.SendDiagnosticMessage($"{count} requests, {string.Join(", ", answered.Select((n, status) => (n, status)).Where(a => a.n > 0).Select(a => $"{a.status}: {a.n}"))}; grown by {grown / 1024} KB");
        Assert.True(answered[200] + answered[201] + answered[202] + answered[204] > count / 50, "hardly any request got through to a handler");
        Assert.True(answered[400] > count / 10, "hardly any request was refused");
        Assert.InRange(grown, long.MinValue, 32L * 1024 * 1024);
        Assert.Equal(HttpStatusCode.Accepted, (await http.Call("POST", "/api/deliveryrequests", Http.Request())).Status);

        async Task Run(int from, int many) => await Task.WhenAll(Enumerable.Range(0, Workers).Select(async worker =>
        {
            var requests = new HostileRequests(JsonNode.Parse(document)!, new Random((from * 1_000) + worker));
            for (var i = 0; i < many / Workers; i++)
            {
                using var request = requests.Next();
                var what = $"seed {from}/{worker}/{i}: {request.Method} {request.RequestUri} {string.Join(' ', request.Headers.Select(header => $"{header.Key}={string.Join(',', header.Value)}"))}";
                var body = request.Content is null ? "" : Encoding.UTF8.GetString(await request.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
                patience.CancelAfter(Patience);
                try
                {
                    // Of a stream that goes on for ever the beginning will do.
                    using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
                    Interlocked.Increment(ref answered[(int)response.StatusCode]);

                    // That no drone is free yet is an answer of this one route.
                    var waits = response.StatusCode == HttpStatusCode.ServiceUnavailable && request.RequestUri!.ToString().Contains("/dronedeliveries/", StringComparison.Ordinal);
                    Assert.True((int)response.StatusCode < 500 || waits, $"{what} → {response.StatusCode}\n{body}");
                    if (response.Content.Headers.ContentType?.MediaType != "text/event-stream") await response.Content.ReadAsByteArrayAsync(patience.Token);
                }
                catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse || exception.InnerException is IOException)
                {
                    // The server refused by closing, as HTTP lets it; that it still answers is asked at the end.
                    Interlocked.Increment(ref answered[0]);
                }
                catch (OperationCanceledException)
                {
                    Assert.Fail($"{what} hangs\n{body}");
                }
            }
        }));
    }

    private static async Task AssertRawHarmless(int count)
    {
        await using var own = new GatewayFixture();
        await own.InitializeAsync();
        var address = own.Http.BaseAddress!;
        var random = new Random(Setting("HOSTILE_SEED", Seed));
        await Send(count / 10);
        var before = Memory(own);

        await Send(count);

        Assert.InRange(Memory(own) - before, long.MinValue, 32L * 1024 * 1024);
        Assert.Equal(HttpStatusCode.OK, (await own.Http.Call("GET", "/api/probe")).Status);

        async Task Send(int many)
        {
            var all = Enumerable.Range(0, many).Select(_ => RawRequests.Next(random));
            await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = Workers }, async (bytes, cancellationToken) =>
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                patience.CancelAfter(Patience);
                using var socket = new TcpClient();
                await socket.ConnectAsync(address.Host, address.Port, patience.Token);
                var stream = socket.GetStream();
                var answer = new byte[512];
                var read = 0;
                try
                {
                    await stream.WriteAsync(bytes, patience.Token);
                    socket.Client.Shutdown(SocketShutdown.Send);
                    read = await stream.ReadAtLeastAsync(answer, 12, throwOnEndOfStream: false, patience.Token);
                }
                catch (Exception exception) when (exception is IOException or SocketException)
                {
                    // Reset: refused as well.
                }
                catch (OperationCanceledException)
                {
                    Assert.Fail($"The server holds on to {Encoding.Latin1.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 300)))}");
                }

                var status = Encoding.Latin1.GetString(answer, 0, read);
                Assert.False(status.StartsWith("HTTP/1.1 5", StringComparison.Ordinal) && !status.StartsWith("HTTP/1.1 505", StringComparison.Ordinal), $"{status}\n{Encoding.Latin1.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 300)))}");
            });
        }
    }

    // Without what the stand-in grains keep on purpose.
    private static long Memory(GatewayFixture gateway)
    {
        gateway.World.Clear();
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
