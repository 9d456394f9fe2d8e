using System.Text.Json;
using DroneDelivery.CosmosSimulator.Query;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>Lists and pages as the client reads them.</summary>
internal static class Feed
{
    /// <summary>A page.</summary>
    /// <param name="name">Name of the array: Documents, Databases, DocumentCollections, PartitionKeyRanges, Offers.</param>
    /// <param name="owner">Resource id of what it is a list of.</param>
    /// <param name="elements">The results.</param>
    public static CosmosAnswer Page(string name, string owner, IReadOnlyList<JsonElement> elements) => new()
    {
        Status = 200,
        ItemCount = elements.Count,
        Body = JsonSerializer.SerializeToUtf8Bytes(Json.Of(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("_rid", owner);
            writer.WriteStartArray(name);
            foreach (var element in elements) element.WriteTo(writer);
            writer.WriteEndArray();
            writer.WriteNumber("_count", elements.Count);
            writer.WriteEndObject();
        })),
    };
}
