using Orleans.Concurrency;

namespace DroneDelivery.Drones;

/// <summary>
/// Which drones ever registered and what they can do, so that operators find them and clients hear what none of them can do; key: the shard, see
/// <see cref="FleetShards"/>.
/// </summary>
[Alias("DroneDelivery.Drones.IFleetGrain")]
public interface IFleetGrain : IGrainWithIntegerKey
{
    /// <summary>Takes a drone in, with its registration; stores nothing when all of it is known.</summary>
    [Alias("Add")]
    Task Add(string droneId, DroneRegistration? registration = null);

    /// <summary>What the drones of this shard can do, whatever they do at present.</summary>
    /// <param name="known">The version that the caller knows; 0: none.</param>
    [Alias("Describe"), AlwaysInterleave]
    [ResponseTimeout(ResponseTimes.Short)]
    ValueTask<FleetPart> Describe(long known);

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

/// <summary>What the drones of one shard can do.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="ChangedAt">When a kind of drone last came or went.</param>
/// <param name="Unknown">Drones of which nothing is known but their id, so that nothing can be said of the whole fleet.</param>
/// <param name="Kinds">The kinds of drones, each once; null: as in the version that the caller knows.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.FleetPart")]
public sealed record FleetPart(long Version, DateTimeOffset ChangedAt, int Unknown, IReadOnlyList<FleetKind>? Kinds);

/// <summary>Drones that can do the same from the same station.</summary>
/// <param name="Home">Their station, to within <see cref="HomeError"/>.</param>
/// <param name="Capabilities">What they can do.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.FleetKind")]
public sealed record FleetKind(GeoPoint Home, DroneCapabilities Capabilities)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Metres by which the station may lie elsewhere.</summary>
    public const double HomeError = 1_000;

    /// <summary>The kind of a drone. Stations are rounded, so that a field full of drones is one.</summary>
    public static FleetKind Of(DroneRegistration registration) => new(
        new GeoPoint(
            Math.Round(registration.Home.Latitude, 2),
            Math.Round(registration.Home.Longitude, 2),
            Math.Round(registration.Home.Altitude / 10) * 10),
        registration.Capabilities);
}
