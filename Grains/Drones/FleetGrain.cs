using DroneDelivery.Storage;

namespace DroneDelivery.Drones;

[GrainType("fleet")]
internal sealed class FleetGrain([PersistentState("fleet", GrainStores.Drones)] IPersistentState<FleetState> store)
    : DocumentGrain<FleetState>(store), IFleetGrain
{
    public async Task Add(string droneId)
    {
        var at = Place(droneId);
        if (at < 0) await Save(new FleetState { Drones = [.. Document.Drones.Take(~at), droneId, .. Document.Drones.Skip(~at)] });
    }

    public ValueTask<IReadOnlyList<string>> List(string? after, int limit)
    {
        var from = after is null ? 0 : Place(after) is var at && at < 0 ? ~at : at + 1;
        return ValueTask.FromResult<IReadOnlyList<string>>([.. Document.Drones.Skip(from).Take(limit)]);
    }

    private int Place(string droneId) => Array.BinarySearch(Document.Drones, droneId, StringComparer.Ordinal);
}

/// <summary>Stored form of a shard of the fleet.</summary>
internal sealed record FleetState
{
    /// <summary>Ids in ordinal order.</summary>
    public string[] Drones { get; init; } = [];
}
