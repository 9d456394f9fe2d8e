using System.Text.Json;

namespace DroneDelivery.Navigation;

/// <summary>Polygons that no drone may cross, at any altitude. Immutable; read once from GeoJSON (RFC 7946).</summary>
internal sealed class NoFlyZones
{
    // A great circle leaves the straight line between two coordinates by less than a metre in legs this short.
    private const double LongestLeg = 2_000;

    private readonly IReadOnlyList<Zone> _zones;

    private NoFlyZones(IReadOnlyList<Zone> zones) => _zones = zones;

    /// <summary>No zones.</summary>
    public static NoFlyZones None { get; } = new([]);

    /// <summary>How many there are.</summary>
    public int Count => _zones.Count;

    /// <summary>Reads a FeatureCollection, a Feature or a geometry of polygons; <c>properties.name</c> names a zone.</summary>
    /// <exception cref="FormatException">It is not that; the message says where.</exception>
    public static NoFlyZones Parse(string geoJson)
    {
        try
        {
            using var document = JsonDocument.Parse(geoJson);
            var zones = new List<Zone>();
            Read(document.RootElement, null, "$", zones);
            return new NoFlyZones(zones);
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"it is not JSON (line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1})", malformed);
        }
    }

    /// <summary>The name of a zone that the flight from one point to another touches, or null.</summary>
    public string? Crossed(GeoPoint from, GeoPoint to)
    {
        if (_zones.Count == 0) return null;
        var (distance, bearing) = (from.DistanceTo(to), from.BearingTo(to));
        var legs = (int)Math.Max(1, Math.Ceiling(distance / LongestLeg));
        var last = from;
        for (var leg = 1; leg <= legs; leg++)
        {
            var next = leg == legs ? to : from.Destination(bearing, distance * leg / legs);
            foreach (var zone in _zones)
                if (zone.IsTouched(last, next)) return zone.Name;
            last = next;
        }

        return null;
    }

    private static void Read(JsonElement element, string? name, string path, List<Zone> zones)
    {
        if (element.ValueKind != JsonValueKind.Object) throw new FormatException($"{path} is not an object");
        var type = element.TryGetProperty("type", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
        switch (type)
        {
            case "FeatureCollection":
                foreach (var (feature, number) in Items(element, "features", path)) Read(feature, null, $"{path}.features[{number}]", zones);
                break;
            case "Feature":
                if (!element.TryGetProperty("geometry", out var geometry)) throw new FormatException($"{path} has no geometry");
                var called = element.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
                    && properties.TryGetProperty("name", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
                Read(geometry, called, $"{path}.geometry", zones);
                break;
            case "Polygon":
                zones.Add(Zone.Of(name ?? $"zone {zones.Count + 1}", [.. Rings(Coordinates(element, path), $"{path}.coordinates")], path));
                break;
            case "MultiPolygon":
                foreach (var (polygon, number) in Items(element, "coordinates", path))
                    zones.Add(Zone.Of(name ?? $"zone {zones.Count + 1}", [.. Rings(polygon, $"{path}.coordinates[{number}]")], path));
                break;
            default:
                throw new FormatException($"{path} is {(type is null ? "of no type" : $"a {type}")}; zones are polygons");
        }
    }

    private static JsonElement Coordinates(JsonElement element, string path) =>
        element.TryGetProperty("coordinates", out var coordinates) && coordinates.ValueKind == JsonValueKind.Array
            ? coordinates
            : throw new FormatException($"{path}.coordinates is not an array");

    private static IEnumerable<(JsonElement Item, int Number)> Items(JsonElement element, string property, string path) =>
        element.TryGetProperty(property, out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray().Select((item, number) => (item, number))
            : throw new FormatException($"{path}.{property} is not an array");

    private static IEnumerable<(double X, double Y)[]> Rings(JsonElement polygon, string path)
    {
        if (polygon.ValueKind != JsonValueKind.Array || polygon.GetArrayLength() == 0) throw new FormatException($"{path} has no rings");
        foreach (var (ring, number) in polygon.EnumerateArray().Select((ring, number) => (ring, number)))
        {
            var where = $"{path}[{number}]";
            if (ring.ValueKind != JsonValueKind.Array) throw new FormatException($"{where} is not an array of positions");
            (double X, double Y)[] positions = [.. ring.EnumerateArray().Select((position, at) => Position(position, $"{where}[{at}]"))];
            if (positions.Length < 4 || positions[0] != positions[^1]) throw new FormatException($"{where} is not closed: it needs four positions or more, the last like the first");
            yield return positions;
        }
    }

    private static (double X, double Y) Position(JsonElement position, string path)
    {
        if (position.ValueKind != JsonValueKind.Array || position.GetArrayLength() < 2 || position.EnumerateArray().Any(number => number.ValueKind != JsonValueKind.Number))
            throw new FormatException($"{path} is not a longitude and a latitude");
        var (longitude, latitude) = (position[0].GetDouble(), position[1].GetDouble());
        return Math.Abs(longitude) <= 180 && Math.Abs(latitude) <= 90
            ? (longitude, latitude)
            : throw new FormatException($"{path} is outside of longitude -180 to 180 and latitude -90 to 90");
    }

    /// <summary>One polygon: an outer ring and holes.</summary>
    private sealed record Zone(string Name, IReadOnlyList<(double X, double Y)[]> Rings, double West, double East, double South, double North)
    {
        public static Zone Of(string name, IReadOnlyList<(double X, double Y)[]> rings, string path)
        {
            var outer = rings[0];
            if (outer.Distinct().Count() < 3) throw new FormatException($"{path} has no area");
            return new(name, rings, outer.Min(p => p.X), outer.Max(p => p.X), outer.Min(p => p.Y), outer.Max(p => p.Y));
        }

        public bool IsTouched(GeoPoint from, GeoPoint to)
        {
            // Longitudes as seen from the first point, so that a leg over the antimeridian is short; the zone may lie a turn away.
            var (a, b) = ((X: from.Longitude, Y: from.Latitude), (X: from.Longitude + Turn(to.Longitude - from.Longitude), Y: to.Latitude));
            foreach (var shift in (ReadOnlySpan<double>)[0, 360, -360])
            {
                var (p, q) = ((a.X + shift, a.Y), (b.X + shift, b.Y));
                if (Math.Max(p.Item1, q.Item1) < West || Math.Min(p.Item1, q.Item1) > East || Math.Max(a.Y, b.Y) < South || Math.Min(a.Y, b.Y) > North) continue;
                if (Contains(p) || Contains(q) || Rings.Any(ring => Crosses(ring, p, q))) return true;
            }

            return false;
        }

        // Even-odd rule over all rings: a hole lets out again.
        private bool Contains((double X, double Y) point)
        {
            var inside = false;
            foreach (var ring in Rings)
            {
                for (var (i, j) = (0, ring.Length - 1); i < ring.Length; j = i++)
                {
                    var (p, q) = (ring[i], ring[j]);
                    if ((p.Y > point.Y) != (q.Y > point.Y) && point.X < ((q.X - p.X) * (point.Y - p.Y) / (q.Y - p.Y)) + p.X) inside = !inside;
                }
            }

            return inside;
        }

        private static bool Crosses((double X, double Y)[] ring, (double X, double Y) from, (double X, double Y) to)
        {
            for (var i = 1; i < ring.Length; i++)
                if (Meet(ring[i - 1], ring[i], from, to)) return true;
            return false;
        }

        // Two segments meet when each has its ends on both sides of the other, or one end lies on it.
        private static bool Meet((double X, double Y) a, (double X, double Y) b, (double X, double Y) c, (double X, double Y) d)
        {
            var (abc, abd, cda, cdb) = (Side(a, b, c), Side(a, b, d), Side(c, d, a), Side(c, d, b));
            if (abc != abd && cda != cdb) return true;
            return (abc == 0 && Between(a, b, c)) || (abd == 0 && Between(a, b, d)) || (cda == 0 && Between(c, d, a)) || (cdb == 0 && Between(c, d, b));
        }

        private static int Side((double X, double Y) a, (double X, double Y) b, (double X, double Y) point) =>
            Math.Sign(((b.X - a.X) * (point.Y - a.Y)) - ((b.Y - a.Y) * (point.X - a.X)));

        private static bool Between((double X, double Y) a, (double X, double Y) b, (double X, double Y) point) =>
            point.X >= Math.Min(a.X, b.X) && point.X <= Math.Max(a.X, b.X) && point.Y >= Math.Min(a.Y, b.Y) && point.Y <= Math.Max(a.Y, b.Y);

        private static double Turn(double degrees) => degrees > 180 ? degrees - 360 : degrees < -180 ? degrees + 360 : degrees;
    }
}
