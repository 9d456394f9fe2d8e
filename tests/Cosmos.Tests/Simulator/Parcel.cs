using System.Text.Json.Serialization;

namespace DroneDelivery.Cosmos.Simulator;

/// <summary>An item of the tests.</summary>
public sealed record Parcel
{
    public required string Id { get; init; }

    public required string Pk { get; init; }

    public string? Name { get; init; }

    public double Weight { get; init; }

    public int Group { get; init; }

    public string[]? Tags { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Ttl { get; init; }

    [JsonPropertyName("_etag")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ETag { get; init; }
}
