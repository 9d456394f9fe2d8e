using NetTopologySuite.Algorithm.Locate;
using NetTopologySuite.Geometries;
using NetTopologySuite.Index.Strtree;

namespace DroneDelivery.Navigation;

/// <summary>
/// Polygons that no drone may cross, at any altitude. Immutable, for many threads; read once from GeoJSON (RFC 7946). Between two positions an edge is straight
/// in longitude and latitude and goes the shorter way round the Earth, so a ring over the antimeridian may be cut there or not.
/// </summary>
internal sealed class NoFlyZones
{
    // A great circle leaves the straight line between two coordinates by less than a metre in legs this short.
    private const double LongestLeg = 2_000;

    // Finds zones by their bounds; each knows its edges by a tree of its own.
    private readonly STRtree<Zone> _zones = new();

    private NoFlyZones(IEnumerable<(string Name, Polygon Area)> zones)
    {
        foreach (var (name, area) in zones)
        {
            _zones.Insert(area.EnvelopeInternal, new Zone(Count, name, area));
            Count++;
        }

        _zones.Build();
    }

    /// <summary>No zones.</summary>
    public static NoFlyZones None { get; } = new([]);

    /// <summary>Number of zones.</summary>
    public int Count { get; }

    /// <summary>Reads a FeatureCollection, a Feature or a geometry of polygons; <c>properties.name</c> names a zone.</summary>
    /// <exception cref="FormatException">It is not that, or a polygon cannot mean what it says; the message says where.</exception>
    public static NoFlyZones Parse(string geoJson) => new(ZoneFile.Read(geoJson));

    /// <summary>The name of a zone that the flight from one point to another touches, the first of the file; null: none.</summary>
    public string? Crossed(GeoPoint from, GeoPoint to)
    {
        if (Count == 0) return null;

        Zone? first = null;
        Coordinate[]? way = null;
        var bounds = Bounds(from, to);
        foreach (var shift in (ReadOnlySpan<double>)[0, 360, -360])
        {
            var near = _zones.Query(new Envelope(bounds.MinX + shift, bounds.MaxX + shift, bounds.MinY, bounds.MaxY));
            if (near.Count == 0) continue;

            way ??= Way(from, to);
            foreach (var zone in near)
                if ((first is null || zone.Number < first.Number) && zone.IsTouchedBy(way, shift)) first = zone;
        }

        return first?.Name;
    }

    /// <summary>Degrees from one longitude to another, the shorter way: −180 to 180.</summary>
    internal static double Turn(double from, double to)
    {
        var degrees = to - from;
        return degrees > 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees;
    }

    // Along a great circle the longitude only grows or only falls; no point of it lies further north or south of the nearer end than half its length.
    private static Envelope Bounds(GeoPoint from, GeoPoint to)
    {
        var bulge = double.RadiansToDegrees(from.DistanceTo(to) / 2 / GeoPoint.EarthRadius);
        return new(
            from.Longitude, from.Longitude + Turn(from.Longitude, to.Longitude),
            Math.Min(from.Latitude, to.Latitude) - bulge, Math.Max(from.Latitude, to.Latitude) + bulge);
    }

    // Longitudes as seen from the first point, so that they do not jump at the antimeridian.
    private static Coordinate[] Way(GeoPoint from, GeoPoint to)
    {
        var (distance, bearing) = (from.DistanceTo(to), from.BearingTo(to));
        var legs = (int)Math.Max(1, Math.Ceiling(distance / LongestLeg));
        var way = new Coordinate[legs + 1];
        way[0] = new(from.Longitude, from.Latitude);
        for (var leg = 1; leg <= legs; leg++)
        {
            var next = leg == legs ? to : from.Destination(bearing, distance * leg / legs);
            way[leg] = new(way[leg - 1].X + Turn(Wrap(way[leg - 1].X), next.Longitude), next.Latitude);
        }

        return way;
    }

    private static double Wrap(double longitude) => longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude;

    /// <summary>One polygon.</summary>
    private sealed class Zone(int number, string name, Polygon area)
    {
        private readonly EdgeTree _edges = new(area);
        private readonly IndexedPointInAreaLocator _inside = Ready(new(area));

        public int Number => number;

        public string Name => name;

        // Who begins outside and meets no edge stays outside.
        public bool IsTouchedBy(Coordinate[] way, double shift)
        {
            var visited = 0;
            for (var i = 1; i < way.Length; i++)
                if (_edges.IsMetBy(way[i - 1].X + shift, way[i - 1].Y, way[i].X + shift, way[i].Y, ref visited)) return true;
            return _inside.Locate(new Coordinate(way[0].X + shift, way[0].Y)) != Location.Exterior;
        }

        // It builds its index when first asked.
        private static IndexedPointInAreaLocator Ready(IndexedPointInAreaLocator locator)
        {
            locator.Locate(new Coordinate());
            return locator;
        }
    }
}
