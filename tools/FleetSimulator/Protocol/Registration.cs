using DroneDelivery.FleetSimulator.Missions;
using DroneDelivery.FleetSimulator.Motion;

namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>Body of a registration.</summary>
/// <param name="Model">Make and model.</param>
/// <param name="Home">The drone's pad.</param>
/// <param name="Capabilities">What it can do.</param>
internal sealed record Registration(string Model, GeoPoint Home, DroneCapabilities Capabilities)
{
    public static Registration Of(DroneProfile profile) => new(profile.Model, profile.Home, profile.Capabilities);
}
