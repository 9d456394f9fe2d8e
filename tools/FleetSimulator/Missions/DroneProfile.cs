using DroneDelivery.FleetSimulator.Motion;

namespace DroneDelivery.FleetSimulator.Missions;

/// <summary>What does not change about a drone while the simulator runs.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Model">Make and model.</param>
/// <param name="Home">Its pad.</param>
/// <param name="Capabilities">What it can do, as fast as it is flown here.</param>
/// <param name="SpeedUp">How many times faster than normal that is.</param>
internal sealed record DroneProfile(string Id, string Model, GeoPoint Home, DroneCapabilities Capabilities, double SpeedUp)
{
    /// <summary>Seconds to charge an empty battery at home.</summary>
    public double ChargeTime => 20 * 60 / SpeedUp;

    /// <summary>Seconds until an idle drone leaves a place that is not its home.</summary>
    public double IdlePatience => 2 * 60 / SpeedUp;

    /// <summary>Seconds until a crew has changed the battery of a drone that came down short.</summary>
    public double ServiceTime => 15 * 60 / SpeedUp;

    /// <summary>The drone at <paramref name="index"/> of a fleet.</summary>
    public static DroneProfile Of(int index, string idPrefix, ServiceArea area, double speedUp)
    {
        var model = DroneModel.Of(index);
        return new DroneProfile(
            $"{idPrefix}-{index + 1:D4}", model.Name, area.Pad(index), model.Capabilities.Faster(speedUp), speedUp);
    }
}
