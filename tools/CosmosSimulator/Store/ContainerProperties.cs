using System.Buffers;
using System.Text.Json;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>A container's properties with the system's.</summary>
/// <param name="Json">As the client reads them.</param>
/// <param name="ETag">Changes with every replacement.</param>
/// <param name="DefaultTimeToLive">Seconds; -1 when items live as long as they say; null when none expires.</param>
/// <param name="Indexing">Which values are indexed.</param>
/// <param name="PartitionKey">How the container is partitioned.</param>
internal sealed record ContainerProperties(JsonElement Json, string ETag, int? DefaultTimeToLive, IndexingPolicy Indexing, PartitionKeyDefinition PartitionKey)
{
    private static readonly HashSet<string> SystemProperties = ["_rid", "_self", "_etag", "_ts", "_docs", "_sprocs", "_triggers", "_udfs", "_conflicts"];

    /// <summary>Reads properties that have everything.</summary>
    /// <exception cref="RefusedException">The partition key or the time to live makes no sense.</exception>
    public static ContainerProperties Of(JsonElement json)
    {
        int? timeToLive = null;
        if (json.TryGetProperty("defaultTtl", out var ttl) && ttl.ValueKind != JsonValueKind.Null)
        {
            if (ttl.ValueKind != JsonValueKind.Number || !ttl.TryGetInt32(out var seconds) || (seconds <= 0 && seconds != -1))
                throw RefusedException.BadRequest("defaultTtl must be -1 or a positive whole number.");

            timeToLive = seconds;
        }

        return new ContainerProperties(json.Clone(), json.GetProperty("_etag").GetString()!, timeToLive, IndexingPolicy.Parse(json), PartitionKeyDefinition.Parse(json));
    }

    /// <summary>Adds what the service adds.</summary>
    /// <exception cref="RefusedException">The partition key or the time to live makes no sense.</exception>
    public static ContainerProperties Complete(JsonElement properties, string rid, string link, long timestamp)
    {
        if (properties.ValueKind != JsonValueKind.Object) throw RefusedException.BadRequest("The properties of a container are a JSON object.");
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var property in properties.EnumerateObject())
            {
                if (!SystemProperties.Contains(property.Name)) property.WriteTo(writer);
            }

            if (!properties.TryGetProperty("indexingPolicy", out _))
            {
                writer.WritePropertyName("indexingPolicy");
                writer.WriteRawValue("""{"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/*"}],"excludedPaths":[{"path":"/\"_etag\"/?"}]}""");
            }

            writer.WriteString("_rid", rid);
            writer.WriteString("_self", link);
            writer.WriteString("_etag", $"\"{Guid.NewGuid():D}\"");
            writer.WriteNumber("_ts", timestamp);
            writer.WriteString("_docs", "docs/");
            writer.WriteString("_sprocs", "sprocs/");
            writer.WriteString("_triggers", "triggers/");
            writer.WriteString("_udfs", "udfs/");
            writer.WriteString("_conflicts", "conflicts/");
            writer.WriteEndObject();
        }

        return Of(JsonElement.Parse(buffer.WrittenSpan));
    }
}
