namespace DroneDelivery.FleetSimulator.Motion;

/// <summary>What a drone can do, as registered with the gateway.</summary>
/// <param name="MaxPayload">Heaviest parcel, kilograms.</param>
/// <param name="MaxSize">Largest parcel.</param>
/// <param name="CruiseSpeed">Airspeed in level flight, m/s.</param>
/// <param name="ClimbSpeed">Climb and descent, m/s.</param>
/// <param name="CruiseAltitude">Altitude of level flight, metres above ground.</param>
/// <param name="Mass">Mass without parcel, kilograms.</param>
/// <param name="BatteryCapacity">Usable energy when full, watt-hours.</param>
/// <param name="CruisePower">Power in flight without parcel, watts.</param>
/// <param name="HandlingTime">Seconds to take or hand over a parcel.</param>
internal sealed record DroneCapabilities(
    double MaxPayload,
    ParcelSize MaxSize,
    double CruiseSpeed,
    double ClimbSpeed,
    double CruiseAltitude,
    double Mass,
    double BatteryCapacity,
    double CruisePower,
    double HandlingTime)
{
    /// <summary>
    /// Power in flight, watts. Hovering thrust equals weight, and by the momentum theory of rotors the power to make thrust T
    /// grows with T^1.5, so a load raises the unladen power by ((mass + payload) / mass)^1.5.
    /// </summary>
    public double PowerWith(double payload)
    {
        var load = (Mass + payload) / Mass;
        return CruisePower * load * Math.Sqrt(load);
    }

    /// <summary>How far a full battery carries a payload in still air at cruise altitude, metres.</summary>
    public double RangeWith(double payload) => BatteryCapacity * 3600 / PowerWith(payload) * CruiseSpeed;

    /// <summary>
    /// The same drone, <paramref name="speedUp"/> times faster: speeds and power grow together, so a metre costs the energy it did.
    /// </summary>
    public DroneCapabilities Faster(double speedUp) => this with
    {
        CruiseSpeed = CruiseSpeed * speedUp,
        ClimbSpeed = ClimbSpeed * speedUp,
        CruisePower = CruisePower * speedUp,
        HandlingTime = HandlingTime / speedUp,
    };
}
