using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using DroneDelivery.Processes;

namespace DroneDelivery.Telemetry;

/// <summary>What real processes tell of themselves, as collectors get it.</summary>
[Collection(nameof(Processes))]
public sealed class TelemetryTests
{
    private static string Order => $$"""{"dropOffLocation":"b","ownerId":"me","packageInfo":{"size":"Small","weight":1},"pickupLocation":"a","pickupTime":"{{DateTimeOffset.UtcNow.AddDays(30):O}}"}""";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SQLite", "DroneDelivery.Sqlite", "INSERT OrleansStorage")]
    [InlineData("Cosmos", "Orleans.Providers.Cosmos", "create_item requests")]
    public async Task One_trace_leads_from_the_request_through_the_grain_to_the_store_and_metrics_name_the_route(string kind, string storeSource, string storeSpan)
    {
        await using ClusterStore store = kind == "SQLite" ? new LocalStore() : await CosmosStore.StartAsync(Stop);
        await using var collector = await OtlpCollector.StartAsync();
        await using var cluster = await StartedAsync(store, collector.Settings);
        const string caller = "00f067aa0ba902b7";
        var traceId = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());

        await AskAsync(cluster.Gateway, $"00-{traceId}-{caller}-01");

        // The processes send what they have in their own time.
        var chain = new List<ExportedSpan>();
        await Eventually.HoldsAsync("a span of the store has come with all that led to it", () => Task.FromResult(TryFollow()), Patience, Stop);
        var told = string.Join(" → ", chain.Select(span => $"{span.Service}: {span.Name} ({span.Source})"));

        Assert.Equal(("POST /api/deliveryrequests/", "DroneDelivery.Gateway"), (chain[0].Name, chain[0].Service));
        Assert.True(chain.Any(span => span.Service == "DroneDelivery.Gateway" && span.Name == "IDeliveryRequestGrain/Submit"), told);
        Assert.True(chain.Any(span => span.Service == "DroneDelivery.Silo" && span.Name == "IDeliveryRequestGrain/Submit"), told);
        Assert.Equal((storeSource, "DroneDelivery.Silo"), (chain[^1].Source, chain[^1].Service));
        await Eventually.HoldsAsync(
            "the metric of the route has come", () => Task.FromResult(collector.Metrics.ContainsKey("http.server.request.duration http.route=/api/deliveryrequests/")), Patience, Stop);

        bool TryFollow()
        {
            var spans = collector.Spans.Where(span => span.TraceId == traceId).ToDictionary(span => span.SpanId);
            chain.Clear();
            for (var span = spans.Values.FirstOrDefault(span => span.Name == storeSpan); span is not null; span = spans.GetValueOrDefault(span.ParentId)) chain.Insert(0, span);
            return chain.Count > 0 && chain[0].ParentId == caller;
        }
    }

    [Fact]
    public async Task Azure_monitor_gets_traces_metrics_and_logs_of_gateway_and_silo()
    {
        await using var store = new LocalStore();
        await using var monitor = await IngestionEndpoint.StartAsync();
        await using var cluster = await StartedAsync(store, monitor.Settings);
        var traceId = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());

        await AskAsync(cluster.Gateway, $"00-{traceId}-00f067aa0ba902b7-01");

        await Come("the request, from the gateway", "DroneDelivery.Gateway", "RequestData", data => (string?)data["name"] == "POST /api/deliveryrequests/" && (string?)data["responseCode"] == "202");
        await Come("the call of the grain, from the gateway", "DroneDelivery.Gateway", "RemoteDependencyData", data => (string?)data["name"] == "IDeliveryRequestGrain/Submit");
        await Come("the call of the grain, from the silo", "DroneDelivery.Silo", "RequestData", data => (string?)data["name"] == "IDeliveryRequestGrain/Submit");
        await Come("the write, from the silo", "DroneDelivery.Silo", "RemoteDependencyData", data => (string?)data["name"] == "INSERT OrleansStorage");
        await Come("logs", "DroneDelivery.Silo", "MessageData", data => ((string?)data["message"])?.Length > 0);

        // Metrics go once a minute, and when the process ends.
        await cluster.Gateway.StopAsync();
        await cluster.Silo.StopAsync();
        await Come("requests by route", "DroneDelivery.Gateway", "MetricData", data => Metric(data) == "http.server.request.duration" && (string?)data["properties"]!["http.route"] == "/api/deliveryrequests/");
        await Come("grains in memory", "DroneDelivery.Silo", "MetricData", data => Metric(data) == "orleans-catalog-activations");
        Assert.All(monitor.Envelopes, envelope => Assert.Equal(monitor.InstrumentationKey.ToString(), (string?)envelope["iKey"]));

        async Task Come(string what, string role, string kind, Func<JsonNode, bool> isIt)
        {
            try
            {
                await Eventually.HoldsAsync(what, () => Task.FromResult(monitor.Envelopes.Any(envelope =>
                    (string?)envelope["tags"]!["ai.cloud.role"] == role
                    && (string?)envelope["data"]!["baseType"] == kind
                    && (kind is "MetricData" or "MessageData" || (string?)envelope["tags"]!["ai.operation.id"] == traceId)
                    && isIt(envelope["data"]!["baseData"]!))), Patience, Stop);
            }
            catch (TimeoutException exception)
            {
                Assert.Fail($"{exception.Message} Of {kind} came: {string.Join(", ", monitor.Envelopes.Where(envelope => (string?)envelope["data"]!["baseType"] == kind).Select(envelope => Name(envelope["data"]!["baseData"]!)).Distinct())}");
            }
        }

        static string? Metric(JsonNode data) => (string?)data["metrics"]![0]!["name"];

        static string? Name(JsonNode data) => (string?)data["name"] ?? (string?)data["message"] ?? $"{Metric(data)} {data["properties"]?["http.route"]}";
    }

    private static async Task AskAsync(GatewayProcess gateway, string traceParent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/deliveryrequests") { Content = new StringContent(Order, Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", traceParent);
        using var answer = await gateway.Http.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    private static async Task<Cluster> StartedAsync(ClusterStore store, IReadOnlyDictionary<string, string> telemetry)
    {
        var settings = store.Settings.Concat(telemetry).Append(new("Hosting:Mode", "Local")).ToDictionary();
        var cluster = new Cluster(new(settings), new(settings));
        cluster.Silo.Start();
        cluster.Gateway.Start();
        await cluster.Silo.WaitUntilReadyAsync(Stop);
        await cluster.Gateway.WaitUntilReadyAsync(Stop);
        return cluster;
    }

    private sealed record Cluster(SiloProcess Silo, GatewayProcess Gateway) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Gateway.DisposeAsync();
            await Silo.DisposeAsync();
        }
    }
}
