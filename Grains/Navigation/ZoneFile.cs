using System.Globalization;
using System.Text.Json;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO.Converters;
using NetTopologySuite.Operation.Valid;

namespace DroneDelivery.Navigation;

/// <summary>Reads polygons from GeoJSON and refuses those that cannot mean what they say.</summary>
internal static class ZoneFile
{
    private const double Whole = 360;

    private static readonly JsonSerializerOptions Options = new() { Converters = { new GeoJsonConverterFactory() } };

    /// <summary>The polygons, each around the same turn of the Earth as its middle, which lies from −180 to 180.</summary>
    /// <exception cref="FormatException">The text holds something else; the message says where.</exception>
    public static IReadOnlyList<(string Name, Polygon Area)> Read(string geoJson)
    {
        try
        {
            using var document = JsonDocument.Parse(geoJson);
            var zones = new List<(string, Polygon)>();
            Read(document.RootElement, null, "$", zones);
            return zones;
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"it is not JSON (line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1})", malformed);
        }
    }

    private static void Read(JsonElement element, string? name, string path, List<(string, Polygon)> zones)
    {
        if (element.ValueKind != JsonValueKind.Object) throw new FormatException($"{path} is not an object");
        var type = element.TryGetProperty("type", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
        switch (type)
        {
            case "FeatureCollection":
                if (!element.TryGetProperty("features", out var features) || features.ValueKind != JsonValueKind.Array)
                    throw new FormatException($"{path}.features is not an array");
                foreach (var (feature, number) in features.EnumerateArray().Select((feature, number) => (feature, number)))
                    Read(feature, null, $"{path}.features[{number}]", zones);
                break;
            case "Feature":
                var called = element.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
                    && properties.TryGetProperty("name", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
                var label = called is null ? path : $"{path} ('{called}')";
                if (!element.TryGetProperty("geometry", out var geometry)) throw new FormatException($"{label} has no geometry");
                Read(geometry, called, $"{label}.geometry", zones);
                break;
            case "Polygon" or "MultiPolygon":
                if (!element.TryGetProperty("coordinates", out var coordinates) || coordinates.ValueKind != JsonValueKind.Array)
                    throw new FormatException($"{path}.coordinates is not an array");
                foreach (var (area, where) in Polygons(element, $"{path}.coordinates"))
                    zones.Add((name ?? $"zone {zones.Count + 1}", Checked(area, path, where)));
                break;
            default:
                throw new FormatException($"{path} is {(type is null ? "of no type" : $"a {type}")}; zones are polygons");
        }
    }

    private static IEnumerable<(Polygon Area, string Path)> Polygons(JsonElement element, string path)
    {
        try
        {
            return element.Deserialize<Geometry>(Options) switch
            {
                Polygon polygon => [(polygon, path)],
                MultiPolygon parts => parts.Geometries.Select((part, number) => ((Polygon)part, $"{path}[{number}]")),
                _ => throw new FormatException($"{path} is no polygon"),
            };
        }
        catch (ArgumentException open)
        {
            throw new FormatException($"{path} has a ring that is not closed: it needs four positions or more, the last like the first", open);
        }
        catch (JsonException malformed)
        {
            throw new FormatException($"{path} is not made of rings of positions, each a longitude and a latitude", malformed);
        }
    }

    private static Polygon Checked(Polygon polygon, string path, string where)
    {
        if (polygon.IsEmpty) throw new FormatException($"{where} has no rings");
        var shell = Unwrapped(polygon.Shell, $"{where}[0]", null);
        var middle = shell.EnvelopeInternal.Centre.X;
        var area = new Polygon(shell, [.. polygon.Holes.Select((hole, number) => Unwrapped(hole, $"{where}[{number + 1}]", middle))]);
        if (shell.EnvelopeInternal.Width > Whole) throw new FormatException($"{path} goes round the Earth; cut it into parts");
        if (new IsValidOp(area).ValidationError is { } fault)
        {
            throw new FormatException(string.Create(
                CultureInfo.InvariantCulture, $"{path} is not a valid polygon: {Words(fault)} at longitude {fault.Coordinate.X:0.######}, latitude {fault.Coordinate.Y:0.######}"));
        }

        return area;
    }

    /// <summary>The ring without jumps at the antimeridian, its middle as near to another as whole turns allow (null: from −180 to 180).</summary>
    private static LinearRing Unwrapped(LinearRing ring, string path, double? near)
    {
        var positions = ring.Coordinates;
        var unwrapped = new Coordinate[positions.Length];
        var turns = 0;
        for (var i = 0; i < positions.Length; i++)
        {
            var position = positions[i];
            if (!(Math.Abs(position.X) <= 180 && Math.Abs(position.Y) <= 90))
                throw new FormatException($"{path}[{i}] is outside of longitude -180 to 180 and latitude -90 to 90");
            var step = i == 0 ? 0 : position.X - positions[i - 1].X;
            if (Math.Abs(step) is 180 or Whole)
                throw new FormatException($"{path}[{i}] lies half or all of the way round the Earth from the position before it; put positions between them");
            if (Math.Abs(step) > 180) turns -= Math.Sign(step);
            unwrapped[i] = new(position.X + (turns * Whole), position.Y);
        }

        if (turns != 0) throw new FormatException($"{path} goes round a pole; close it along the pole, from longitude -180 to 180, or cut it into parts");
        var middle = (unwrapped.Min(position => position.X) + unwrapped.Max(position => position.X)) / 2;
        var shift = Math.Round(((near ?? 0) - middle) / Whole) * Whole;
        return new LinearRing([.. unwrapped.Select(position => new Coordinate(position.X + shift, position.Y))]);
    }

    private static string Words(TopologyValidationError fault) => fault.ErrorType switch
    {
        TopologyValidationErrors.SelfIntersection or TopologyValidationErrors.RingSelfIntersection => "its edges cross or touch",
        TopologyValidationErrors.HoleOutsideShell => "a hole lies outside of it",
        TopologyValidationErrors.NestedHoles => "a hole lies within another",
        TopologyValidationErrors.DisconnectedInteriors => "its holes cut it into parts",
        TopologyValidationErrors.TooFewPoints => "it has no area",
        _ => fault.Message,
    };
}
