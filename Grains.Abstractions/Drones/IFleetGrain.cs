using Orleans.Concurrency;

namespace DroneDelivery.Drones;

/// <summary>Which drones ever registered, so that operators find them; key: the shard, see <see cref="FleetShards"/>.</summary>
[Alias("DroneDelivery.Drones.IFleetGrain")]
public interface IFleetGrain : IGrainWithIntegerKey
{
    /// <summary>Takes a drone in; stores nothing when it is known.</summary>
    [Alias("Add")]
    Task Add(string droneId);

    /// <summary>Ids of this shard in their order, those after a given one.</summary>
    [Alias("List"), AlwaysInterleave]
    [ResponseTimeout(ResponseTimes.Short)]
    ValueTask<IReadOnlyList<string>> List(string? after, int limit);
}

/// <summary>Spreads drones over the shards of the fleet.</summary>
public static class FleetShards
{
    /// <summary>Number of shards; stored shards depend on it, so it never changes.</summary>
    public const int Count = 16;

    /// <summary>The shard of a drone, by Orleans' uniform hash: the same in every process and version.</summary>
    public static int Of(GrainId drone) => (int)(drone.GetUniformHashCode() % Count);
}
