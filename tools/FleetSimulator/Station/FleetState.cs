using DroneDelivery.FleetSimulator.Missions;

namespace DroneDelivery.FleetSimulator.Station;

/// <summary>What the state file holds.</summary>
/// <param name="Version">Of its format.</param>
/// <param name="Boot">Number of the boot that wrote it.</param>
/// <param name="Drones">All drones.</param>
internal sealed record FleetState(int Version, long Boot, IReadOnlyList<DroneMemory> Drones)
{
    /// <summary>The format written and read here.</summary>
    public const int CurrentVersion = 1;
}
