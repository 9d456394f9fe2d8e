using Orleans.Concurrency;

namespace DroneDelivery.Drones;

/// <summary>Which drones are probably free in one cell of the airspace; memory only. Key: the cell.</summary>
[Alias("DroneDelivery.Drones.IAirspaceCellGrain")]
public interface IAirspaceCellGrain : IGrainWithStringKey
{
    /// <summary>A drone in this cell is free, or still is.</summary>
    [Alias("Enter"), OneWay]
    ValueTask Enter(FreeDrone drone);

    /// <summary>A drone left this cell or is no longer free.</summary>
    /// <param name="droneId">The drone.</param>
    /// <param name="version">Version of the sighting; older than the known one: ignored.</param>
    [Alias("Leave"), OneWay]
    ValueTask Leave(string droneId, long version);

    /// <summary>The drones probably free here.</summary>
    [Alias("Search")]
    ValueTask<CellAnswer> Search();

    /// <summary>Sets a drone aside for a delivery for a few seconds; false when another has it or it is gone.</summary>
    [Alias("Claim")]
    ValueTask<bool> Claim(string droneId, string deliveryId);
}

/// <summary>A drone that is probably free.</summary>
/// <param name="DroneId">The drone.</param>
/// <param name="Version">Grows with every sighting of this drone.</param>
/// <param name="Position">Where it was seen.</param>
/// <param name="Battery">Charge, 0 to 1.</param>
/// <param name="Registration">Home and capabilities.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.FreeDrone")]
public sealed record FreeDrone(string DroneId, long Version, GeoPoint Position, double Battery, DroneRegistration Registration);

/// <summary>Answer of a cell.</summary>
/// <param name="WarmingUp">True until every drone here has had time to report: an empty answer then proves nothing.</param>
/// <param name="Drones">The drones probably free.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.CellAnswer")]
public sealed record CellAnswer(bool WarmingUp, IReadOnlyList<FreeDrone> Drones);
