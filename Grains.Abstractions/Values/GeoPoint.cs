namespace DroneDelivery;

/// <summary>A point on WGS84.</summary>
/// <param name="Latitude">Degrees, −90 to 90.</param>
/// <param name="Longitude">Degrees, −180 to 180.</param>
/// <param name="Altitude">Metres above ground.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.GeoPoint")]
public readonly record struct GeoPoint(double Latitude, double Longitude, double Altitude = 0)
{
    /// <summary>Mean Earth radius in metres (IUGG R1).</summary>
    public const double EarthRadius = 6_371_008.8;

    /// <summary>Highest altitude accepted, metres; above it a coordinate is taken for a mistake.</summary>
    public const double MaxAltitude = 10_000;

    /// <summary>Lowest altitude accepted, metres (the shore of the Dead Sea lies at −430).</summary>
    public const double MinAltitude = -500;

    /// <summary>Whether all three numbers are finite and in range.</summary>
    public bool IsValid =>
        Math.Abs(Latitude) <= 90 && Math.Abs(Longitude) <= 180 && Altitude is >= MinAltitude and <= MaxAltitude;

    /// <summary>Great-circle distance over ground in metres, by the haversine formula; altitude does not count.</summary>
    public double DistanceTo(GeoPoint other)
    {
        var (lat1, lat2) = (double.DegreesToRadians(Latitude), double.DegreesToRadians(other.Latitude));
        var halfLat = Math.Sin((lat2 - lat1) / 2);
        var halfLon = Math.Sin(double.DegreesToRadians(other.Longitude - Longitude) / 2);
        var h = (halfLat * halfLat) + (Math.Cos(lat1) * Math.Cos(lat2) * halfLon * halfLon);
        return 2 * EarthRadius * Math.Asin(Math.Min(1, Math.Sqrt(h)));
    }

    /// <summary>Initial great-circle bearing towards <paramref name="other"/>, degrees clockwise from north, 0 to 360.</summary>
    public double BearingTo(GeoPoint other)
    {
        var (lat1, lat2) = (double.DegreesToRadians(Latitude), double.DegreesToRadians(other.Latitude));
        var dLon = double.DegreesToRadians(other.Longitude - Longitude);
        var y = Math.Sin(dLon) * Math.Cos(lat2);
        var x = (Math.Cos(lat1) * Math.Sin(lat2)) - (Math.Sin(lat1) * Math.Cos(lat2) * Math.Cos(dLon));
        return (double.RadiansToDegrees(Math.Atan2(y, x)) + 360) % 360;
    }

    /// <summary>The point reached over a great circle; keeps the altitude.</summary>
    /// <param name="bearing">Degrees clockwise from north.</param>
    /// <param name="distance">Metres.</param>
    public GeoPoint Destination(double bearing, double distance)
    {
        var angle = distance / EarthRadius;
        var theta = double.DegreesToRadians(bearing);
        var lat1 = double.DegreesToRadians(Latitude);
        var sinLat2 = (Math.Sin(lat1) * Math.Cos(angle)) + (Math.Cos(lat1) * Math.Sin(angle) * Math.Cos(theta));
        var lat2 = Math.Asin(Math.Clamp(sinLat2, -1, 1));
        var lon2 = double.DegreesToRadians(Longitude)
            + Math.Atan2(Math.Sin(theta) * Math.Sin(angle) * Math.Cos(lat1), Math.Cos(angle) - (Math.Sin(lat1) * sinLat2));
        var degrees = ((double.RadiansToDegrees(lon2) + 540) % 360) - 180;
        return new GeoPoint(double.RadiansToDegrees(lat2), degrees, Altitude);
    }
}
