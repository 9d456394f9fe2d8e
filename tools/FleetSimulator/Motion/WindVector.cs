namespace DroneDelivery.FleetSimulator.Motion;

/// <summary>Where the air goes, over ground.</summary>
/// <param name="East">Towards the east, m/s.</param>
/// <param name="North">Towards the north, m/s.</param>
internal readonly record struct WindVector(double East, double North)
{
    /// <summary>No wind.</summary>
    public static WindVector Calm => default;

    /// <summary>Metres per second.</summary>
    public double Speed => Math.Sqrt((East * East) + (North * North));

    /// <summary>
    /// Speed over ground on a track, by the wind triangle: the drone heads into the crosswind to stay on track, what is left of its
    /// airspeed and the wind along the track add up. 0 when the wind is too strong to make way.
    /// </summary>
    /// <param name="airspeed">Metres per second.</param>
    /// <param name="track">Degrees clockwise from north.</param>
    public double GroundSpeed(double airspeed, double track)
    {
        var (sin, cos) = Math.SinCos(double.DegreesToRadians(track));
        var along = (East * sin) + (North * cos);
        var across = (East * cos) - (North * sin);
        var rest = (airspeed * airspeed) - (across * across);
        return rest <= 0 ? 0 : Math.Max(0, along + Math.Sqrt(rest));
    }
}
