using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Telemetry;

/// <summary>Stands in for the ingestion endpoint of Azure Monitor, on loopback: takes what the exporter sends and says so.</summary>
internal sealed class IngestionEndpoint : IAsyncDisposable
{
    private readonly WebApplication _server;

    private IngestionEndpoint(WebApplication server) => _server = server;

    /// <summary>What a process is told so that it sends here soon, and nowhere else.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = $"InstrumentationKey={InstrumentationKey};IngestionEndpoint={_server.Urls.Single()}/;LiveEndpoint={_server.Urls.Single()}/",
        ["APPLICATIONINSIGHTS_STATSBEAT_DISABLED"] = "true",
        ["APPLICATIONINSIGHTS_SDKSTATS_DISABLED"] = "true",
        ["OTEL_TRACES_SAMPLER"] = "microsoft.fixed_percentage",
        ["OTEL_TRACES_SAMPLER_ARG"] = "1",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
    };

    public Guid InstrumentationKey { get; } = Guid.NewGuid();

    /// <summary>Everything sent.</summary>
    public ConcurrentQueue<JsonNode> Envelopes { get; } = new();

    public static async Task<IngestionEndpoint> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var endpoint = new IngestionEndpoint(builder.Build());
        endpoint._server.MapPost("/v2.1/track", endpoint.Take);
        await endpoint._server.StartAsync();
        return endpoint;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<IResult> Take(HttpRequest request)
    {
        await using var body = request.Headers.ContentEncoding == "gzip" ? new GZipStream(request.Body, CompressionMode.Decompress) : request.Body;
        using var lines = new StreamReader(body);
        var count = 0;
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.Length == 0) continue;
            Envelopes.Enqueue(JsonNode.Parse(line)!);
            count++;
        }

        return TypedResults.Json(new { itemsReceived = count, itemsAccepted = count, errors = Array.Empty<object>() });
    }
}
