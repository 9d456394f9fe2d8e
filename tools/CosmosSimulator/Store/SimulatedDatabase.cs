using System.Collections.Concurrent;
using System.Text.Json;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>A database and its containers.</summary>
/// <param name="name">Its id.</param>
/// <param name="number">Its number in the account.</param>
/// <param name="timestamp">When it was created, seconds since 1970.</param>
internal sealed class SimulatedDatabase(string name, uint number, long timestamp)
{
    /// <summary>Its id.</summary>
    public string Name => name;

    /// <summary>Its resource id.</summary>
    public string Rid { get; } = ResourceIds.Database(number);

    /// <summary>Its number in the account.</summary>
    public uint Number => number;

    /// <summary>When it was created, seconds since 1970.</summary>
    public long Timestamp => timestamp;

    /// <summary>Its properties as the client reads them.</summary>
    public JsonElement Properties { get; } = Describe(name, ResourceIds.Database(number), timestamp);

    /// <summary>Its containers by id.</summary>
    public ConcurrentDictionary<string, SimulatedContainer> Containers { get; } = new(StringComparer.Ordinal);

    private static JsonElement Describe(string name, string rid, long timestamp) => JsonSerializer.SerializeToElement(new Dictionary<string, object>
    {
        ["id"] = name,
        ["_rid"] = rid,
        ["_self"] = $"dbs/{rid}/",
        ["_etag"] = $"\"{rid}\"",
        ["_colls"] = "colls/",
        ["_users"] = "users/",
        ["_ts"] = timestamp,
    });
}
