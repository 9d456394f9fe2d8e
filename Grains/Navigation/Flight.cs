using DroneDelivery.Drones;

namespace DroneDelivery.Navigation;

/// <summary>Wind as a vector over ground.</summary>
/// <param name="East">Metres per second towards the east.</param>
/// <param name="North">Metres per second towards the north.</param>
internal readonly record struct Wind(double East, double North)
{
    public static Wind Calm => default;
}

/// <summary>Time and energy of flights, from a drone's stated capabilities.</summary>
internal static class Flight
{
    /// <summary>
    /// Power in flight, watts. Hovering thrust equals weight, and the power to make thrust T grows with T^1.5
    /// (actuator-disc momentum theory), so a load raises the unladen power by ((mass + payload) / mass)^1.5.
    /// </summary>
    public static double Power(DroneCapabilities drone, double payload) =>
        drone.CruisePower * Math.Pow((drone.Mass + payload) / drone.Mass, 1.5);

    /// <summary>
    /// Speed over ground on a bearing, m/s, by the wind triangle: the drone turns into the crosswind and keeps what is left of
    /// its airspeed. Zero or less when the wind is too strong to make way.
    /// </summary>
    public static double GroundSpeed(DroneCapabilities drone, double bearing, Wind wind)
    {
        var (sin, cos) = Math.SinCos(double.DegreesToRadians(bearing));
        var along = (wind.East * sin) + (wind.North * cos);
        var across = (wind.East * cos) - (wind.North * sin);
        var rest = (drone.CruiseSpeed * drone.CruiseSpeed) - (across * across);
        return rest <= 0 ? 0 : along + Math.Sqrt(rest);
    }

    /// <summary>
    /// Seconds from one point to standing at another: climb to cruise altitude, cruise, descend.
    /// Infinite when the wind is too strong.
    /// </summary>
    public static double LegTime(DroneCapabilities drone, GeoPoint from, GeoPoint to, Wind wind)
    {
        var distance = from.DistanceTo(to);
        if (distance < 1) return Math.Abs(from.Altitude - to.Altitude) / drone.ClimbSpeed;

        var speed = GroundSpeed(drone, from.BearingTo(to), wind);
        if (speed <= 0) return double.PositiveInfinity;
        var climb = Math.Abs(drone.CruiseAltitude - from.Altitude) + Math.Abs(drone.CruiseAltitude - to.Altitude);
        return (climb / drone.ClimbSpeed) + (distance / speed);
    }

    /// <summary>Time and energy of a whole mission from a position: to the pickup, to the dropoff, and home.</summary>
    public static FlightPlan Plan(DroneRegistration drone, GeoPoint position, GeoPoint pickup, GeoPoint dropoff, double payload, Wind wind)
    {
        var capabilities = drone.Capabilities;
        var toPickup = LegTime(capabilities, position, pickup, wind) + capabilities.HandlingTime;
        var toDropoff = LegTime(capabilities, pickup, dropoff, wind) + capabilities.HandlingTime;
        var home = LegTime(capabilities, dropoff, drone.Home, wind);
        var joules = (Power(capabilities, 0) * (toPickup + home)) + (Power(capabilities, payload) * toDropoff);
        return new FlightPlan(toPickup, toPickup + toDropoff, joules / 3600);
    }

    /// <summary>Expected times from where the drone is now.</summary>
    public static MissionEta Eta(
        DroneCapabilities drone, MissionPhase phase, GeoPoint position, GeoPoint pickup, GeoPoint dropoff, DateTimeOffset now, Wind wind)
    {
        if (phase == MissionPhase.Delivered) return new MissionEta(null, now);
        if (phase == MissionPhase.HeadedToDropoff)
            return new MissionEta(null, After(now, LegTime(drone, position, dropoff, wind) + drone.HandlingTime));

        var toPickup = LegTime(drone, position, pickup, wind) + drone.HandlingTime;
        return new MissionEta(
            After(now, toPickup), After(now, toPickup + LegTime(drone, pickup, dropoff, wind) + drone.HandlingTime));
    }

    // A leg can be endless against a strong wind; no calendar goes that far.
    private static DateTimeOffset After(DateTimeOffset now, double seconds) =>
        seconds < 365 * 86_400.0 ? now.AddSeconds(seconds) : now.AddYears(1);
}

/// <summary>What a mission takes.</summary>
/// <param name="PickupSeconds">Until the parcel is taken.</param>
/// <param name="DropoffSeconds">Until it is handed over.</param>
/// <param name="Energy">Watt-hours until the drone is home.</param>
internal readonly record struct FlightPlan(double PickupSeconds, double DropoffSeconds, double Energy);
