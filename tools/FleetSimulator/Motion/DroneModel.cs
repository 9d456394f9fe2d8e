namespace DroneDelivery.FleetSimulator.Motion;

/// <summary>A make of drone, as its maker states it at normal speed.</summary>
/// <param name="Name">Make and model.</param>
/// <param name="Capabilities">What it can do.</param>
internal sealed record DroneModel(string Name, DroneCapabilities Capabilities)
{
    /// <summary>Light parcels, the cheapest to fly.</summary>
    public static DroneModel Wren { get; } = new("Wren 5", new DroneCapabilities(
        MaxPayload: 5, ParcelSize.Small, CruiseSpeed: 15, ClimbSpeed: 4, CruiseAltitude: 80,
        Mass: 6, BatteryCapacity: 800, CruisePower: 450, HandlingTime: 30));

    /// <summary>The workhorse.</summary>
    public static DroneModel Heron { get; } = new("Heron 12", new DroneCapabilities(
        MaxPayload: 12, ParcelSize.Medium, CruiseSpeed: 15, ClimbSpeed: 4, CruiseAltitude: 80,
        Mass: 14, BatteryCapacity: 2000, CruisePower: 900, HandlingTime: 30));

    /// <summary>Heavy and bulky parcels.</summary>
    public static DroneModel Albatross { get; } = new("Albatross 30", new DroneCapabilities(
        MaxPayload: 30, ParcelSize.Large, CruiseSpeed: 15, ClimbSpeed: 4, CruiseAltitude: 80,
        Mass: 32, BatteryCapacity: 4800, CruisePower: 2400, HandlingTime: 30));

    // Every prefix of this mix has at least as many drones that lift 10 kg as drones that do not.
    private static readonly DroneModel[] Mix = [Heron, Wren, Heron, Albatross, Wren];

    /// <summary>All models.</summary>
    public static IReadOnlyList<DroneModel> All { get; } = [Wren, Heron, Albatross];

    /// <summary>The model of the fleet's drone at <paramref name="index"/>, counted from 0.</summary>
    public static DroneModel Of(int index) => Mix[index % Mix.Length];
}
