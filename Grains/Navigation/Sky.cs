using DroneDelivery.Drones;

namespace DroneDelivery.Navigation;

/// <summary>Where drones may fly now.</summary>
/// <param name="zones">Where they never may.</param>
/// <param name="holds">Where the weather keeps them from flying.</param>
internal sealed class Sky(NoFlyZones zones, IReadOnlyList<WeatherHold> holds)
{
    /// <summary>Nothing is in the way.</summary>
    public static Sky Clear { get; } = new(NoFlyZones.None, []);

    /// <summary>What is in the way from one point to another, in a sentence for the client; null: nothing.</summary>
    public string? Obstacle(GeoPoint from, GeoPoint to)
    {
        if (zones.Crossed(from, to) is { } zone) return $"The way crosses the no-fly zone '{zone}'.";
        foreach (var hold in holds)
            if (hold.Centre is not { } centre || DistanceToWay(centre, from, to) <= hold.Radius) return $"No drone flies here until {hold.Until:u}: {hold.Reason}";
        return null;
    }

    /// <summary>
    /// Metres from a point to the way between two others: cross-track distance (asin(sin δ · sin Δθ) · R) where the foot lies between them,
    /// else the distance to the nearer end.
    /// </summary>
    private static double DistanceToWay(GeoPoint point, GeoPoint from, GeoPoint to)
    {
        var nearest = Math.Min(point.DistanceTo(from), point.DistanceTo(to));
        var (length, along) = (from.DistanceTo(to), from.DistanceTo(point) / GeoPoint.EarthRadius);
        if (length < 1) return nearest;
        var turn = double.DegreesToRadians(from.BearingTo(point) - from.BearingTo(to));
        var across = Math.Asin(Math.Sin(along) * Math.Sin(turn));
        var foot = Math.Atan2(Math.Cos(turn) * Math.Sin(along), Math.Cos(along)) * GeoPoint.EarthRadius;
        return foot > 0 && foot < length ? Math.Abs(across) * GeoPoint.EarthRadius : nearest;
    }
}
