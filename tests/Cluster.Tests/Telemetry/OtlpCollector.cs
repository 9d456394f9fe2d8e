using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Telemetry;

/// <summary>A span as a collector gets it.</summary>
/// <param name="TraceId">The trace, hexadecimal.</param>
/// <param name="SpanId">Its id.</param>
/// <param name="ParentId">Its parent; empty: it begins the trace.</param>
/// <param name="Name">What was done.</param>
/// <param name="Source">The activity source.</param>
/// <param name="Service">The process.</param>
internal sealed record ExportedSpan(string TraceId, string SpanId, string ParentId, string Name, string Source, string Service);

/// <summary>Stands in for a collector: takes OTLP over HTTP on loopback and reads of it what tests ask about.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _server;

    private OtlpCollector(WebApplication server) => _server = server;

    /// <summary>What a process is told so that it sends here soon.</summary>
    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _server.Urls.Single(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
    };

    public ConcurrentQueue<ExportedSpan> Spans { get; } = new();

    /// <summary>Metrics, and the attributes that each came with: <c>name</c> and <c>name key=value</c>.</summary>
    public ConcurrentDictionary<string, bool> Metrics { get; } = new();

    /// <summary>Logs, as text.</summary>
    public ConcurrentQueue<string> Logs { get; } = new();

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        Map("/v1/traces", collector.ReadSpans);
        Map("/v1/metrics", collector.ReadMetrics);
        Map("/v1/logs", collector.ReadLogs);
        await collector._server.StartAsync();
        return collector;

        void Map(string path, Action<ProtobufMessage> read) => collector._server.MapPost(path, async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            read(new(body.ToArray()));
            return TypedResults.Bytes([], "application/x-protobuf");
        });
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    // The numbers are those of opentelemetry/proto/*/v1/*.proto.
    private void ReadSpans(ProtobufMessage export)
    {
        foreach (var resource in export.Messages(1))
        {
            var service = Service(resource);
            foreach (var scope in resource.Messages(2))
            {
                var source = scope.Messages(1).Select(named => named.Text(1)).FirstOrDefault() ?? "";
                foreach (var span in scope.Messages(2)) Spans.Enqueue(new(span.Hex(1), span.Hex(2), span.Hex(4), span.Text(5), source, service));
            }
        }
    }

    private void ReadMetrics(ProtobufMessage export)
    {
        foreach (var metric in export.Messages(1).SelectMany(resource => resource.Messages(2)).SelectMany(scope => scope.Messages(2)))
        {
            Metrics[metric.Text(1)] = true;
            foreach (var points in metric.Messages(9).SelectMany(histogram => histogram.Messages(1)))
                foreach (var (key, value) in points.Messages(9).Select(Attribute)) Metrics[$"{metric.Text(1)} {key}={value}"] = true;
        }
    }

    private void ReadLogs(ProtobufMessage export)
    {
        foreach (var record in export.Messages(1).SelectMany(resource => resource.Messages(2)).SelectMany(scope => scope.Messages(2)))
            Logs.Enqueue(record.Messages(5).Select(body => body.Text(1)).FirstOrDefault() ?? "");
    }

    private static string Service(ProtobufMessage resource) =>
        resource.Messages(1).SelectMany(attributes => attributes.Messages(1)).Select(Attribute).FirstOrDefault(attribute => attribute.Key == "service.name").Value ?? "";

    private static (string Key, string Value) Attribute(ProtobufMessage pair) => (pair.Text(1), pair.Messages(2).Select(value => value.Text(1)).FirstOrDefault() ?? "");
}

/// <summary>A message of Protocol Buffers, read by field number: as much as these tests need of it.</summary>
internal readonly struct ProtobufMessage
{
    private readonly List<(int Number, ReadOnlyMemory<byte> Bytes)> _fields = [];

    public ProtobufMessage(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var (number, wire) = Math.DivRem((int)Varint(ref bytes), 8);
            var length = wire switch
            {
                0 => Varint(ref bytes) is var _ ? 0 : 0,
                1 => 8,
                2 => (int)Varint(ref bytes),
                5 => 4,
                _ => throw new InvalidDataException($"Wire type {wire}."),
            };
            if (wire == 2) _fields.Add((number, bytes[..length]));
            bytes = bytes[length..];
        }
    }

    public IEnumerable<ProtobufMessage> Messages(int number) => Bytes(number).Select(bytes => new ProtobufMessage(bytes));

    public string Text(int number) => Encoding.UTF8.GetString(Bytes(number).FirstOrDefault().Span);

    public string Hex(int number) => Convert.ToHexStringLower(Bytes(number).FirstOrDefault().Span);

    private IEnumerable<ReadOnlyMemory<byte>> Bytes(int number) => _fields.Where(field => field.Number == number).Select(field => field.Bytes);

    private static ulong Varint(ref ReadOnlyMemory<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes.Span[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
    }
}
