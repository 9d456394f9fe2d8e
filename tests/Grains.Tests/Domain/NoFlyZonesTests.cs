using CsCheck;
using DroneDelivery.Drones;
using DroneDelivery.Navigation;
using Microsoft.Extensions.Options;
using NetTopologySuite.Geometries;

namespace DroneDelivery.Domain;

public sealed class NoFlyZonesTests
{
    // A square with a square hole, and far away one over the antimeridian in two parts, as RFC 7946 wants it.
    private const string Zones =
        """
        {"type":"FeatureCollection","features":[
          {"type":"Feature","properties":{"name":"airport"},"geometry":{"type":"Polygon","coordinates":[
            [[10,50],[10.4,50],[10.4,50.4],[10,50.4],[10,50]],
            [[10.1,50.1],[10.1,50.3],[10.3,50.3],[10.3,50.1],[10.1,50.1]]]}},
          {"type":"Feature","properties":null,"geometry":{"type":"MultiPolygon","coordinates":[
            [[[179.9,-20],[180,-20],[180,-19.9],[179.9,-19.9],[179.9,-20]]],
            [[[-180,-20],[-179.9,-20],[-179.9,-19.9],[-180,-19.9],[-180,-20]]]]}}]}
        """;

    private static readonly NoFlyZones Read = NoFlyZones.Parse(Zones);

    [Theory]
    [InlineData(50.2, 9.9, 50.2, 9.95, null)] // beside it
    [InlineData(50.2, 9.9, 50.2, 10.05, "airport")] // into it
    [InlineData(50.05, 10.05, 50.06, 10.06, "airport")] // within it
    [InlineData(50.2, 9.9, 50.2, 10.5, "airport")] // across it
    [InlineData(50.2, 10.15, 50.25, 10.25, null)] // within the hole
    [InlineData(50.2, 10.2, 50.5, 10.2, "airport")] // out of the hole
    [InlineData(50.45, 9.9, 50.45, 10.5, null)] // past it
    [InlineData(49.9, 9.9, 50.0, 10.0, "airport")] // to its corner
    [InlineData(-19.95, 179.8, -19.95, -179.8, "zone 2")] // over the antimeridian
    [InlineData(-19.95, -179.95, -19.95, -179.85, "zone 3")]
    [InlineData(-19.85, 179.8, -19.85, -179.8, null)]
    public void Way_through_a_zone_is_found(double fromLatitude, double fromLongitude, double toLatitude, double toLongitude, string? zone)
    {
        var (from, to) = (new GeoPoint(fromLatitude, fromLongitude), new GeoPoint(toLatitude, toLongitude));
        Assert.Equal(zone, Read.Crossed(from, to));
        Assert.Equal(zone is null, Read.Crossed(to, from) is null);
    }

    [Fact]
    public void Way_is_refused_when_one_of_many_points_on_it_lies_in_a_zone_and_free_zones_are_only_touched() =>
        Gen.Select(Gen.Double[49.8, 50.6], Gen.Double[9.8, 10.6], Generators.Bearing, Gen.Double[0, 60_000]).Sample((latitude, longitude, bearing, distance) =>
        {
            var from = new GeoPoint(latitude, longitude);
            var to = from.Destination(bearing, distance);
            var inside = Enumerable.Range(0, 500).Select(step => from.Destination(bearing, distance * step / 499)).Any(Contains);
            if (inside) Assert.Equal("airport", Read.Crossed(from, to));
            else if (Read.Crossed(from, to) is not null) Assert.Contains(Enumerable.Range(0, 20_000).Select(step => from.Destination(bearing, distance * step / 19_999)), AlmostContains);

            static bool Contains(GeoPoint p) => p.Longitude is > 10 and < 10.4 && p.Latitude is > 50 and < 50.4 && !(p.Longitude is >= 10.1 and <= 10.3 && p.Latitude is >= 50.1 and <= 50.3);

            static bool AlmostContains(GeoPoint p) => p.Longitude is > 9.999 and < 10.401 && p.Latitude is > 49.999 and < 50.401 && !(p.Longitude is > 10.101 and < 10.299 && p.Latitude is > 50.101 and < 50.299);
        }, iter: 400);

    [Theory]
    [InlineData(-20, 179, -20, 179.4, false)] // up to it
    [InlineData(-20, 179, -20, -179, true)] // across it
    [InlineData(-20, -179, -20, 179, true)]
    [InlineData(-20.1, 179.95, -20.05, -179.95, true)] // within it
    [InlineData(-20, 179.6, -20, 179.9, false)] // within its hole
    [InlineData(-20, 179.8, -20, -179.9, true)] // out of the hole
    [InlineData(-20, 10, -20, 10.1, false)] // where it would be inside out
    [InlineData(-20, 179, -21, -179, false)] // past it
    public void Ring_over_the_antimeridian_need_not_be_cut(double fromLatitude, double fromLongitude, double toLatitude, double toLongitude, bool crossed)
    {
        var zones = NoFlyZones.Parse(
            """
            {"type":"Polygon","coordinates":[
              [[179.5,-20.2],[-179.5,-20.2],[-179.5,-19.8],[179.5,-19.8],[179.5,-20.2]],
              [[179.55,-20.02],[179.95,-20.02],[179.95,-19.98],[179.55,-19.98],[179.55,-20.02]]]}
            """);

        Assert.Equal(crossed, zones.Crossed(new(fromLatitude, fromLongitude), new(toLatitude, toLongitude)) is not null);
    }

    [Fact]
    public void Zone_closed_along_the_pole_holds_all_around_it()
    {
        var edge = string.Join(',', Enumerable.Range(0, 9).Select(i => $"[{-180 + (45 * i)},80]").Concat(Enumerable.Range(0, 9).Select(i => $"[{180 - (45 * i)},90]")));
        var zones = NoFlyZones.Parse($$"""{"type":"Polygon","coordinates":[[{{edge}},[-180,80]]]}""");

        Assert.All(Enumerable.Range(-180, 361), longitude => Assert.NotNull(zones.Crossed(new(79.9, longitude), new(80.1, longitude))));
        Assert.All(Enumerable.Range(-180, 361), longitude => Assert.Null(zones.Crossed(new(79.8, longitude), new(79.9, longitude))));
    }

    [Fact]
    public void Way_meets_a_zone_wherever_on_Earth_both_lie() => Gen.Select(Zone.Any, Gen.Double[-180, 180], Generators.Bearing, Gen.Double[0, 30_000], Generators.Bearing, Gen.Double[0, 60_000])
        .Sample((zone, turned, aside, away, bearing, distance) =>
        {
            var from = zone.Centre.Destination(aside, away);
            if (zone.Meets(from, bearing, distance) is not { } met) return;
            var to = from.Destination(bearing, distance);

            Assert.Equal(met, zone.Read(0).Crossed(from, to) is not null);
            Assert.Equal(met, zone.Read(turned).Crossed(Zone.Turned(from, turned), Zone.Turned(to, turned)) is not null);
            Assert.Equal(met, zone.Read(180 - zone.Centre.Longitude).Crossed(Zone.Turned(to, 180 - zone.Centre.Longitude), Zone.Turned(from, 180 - zone.Centre.Longitude)) is not null);
        }, iter: 1_000);

    [Fact]
    [Trait("Category", "Slow")]
    public void Way_looks_at_few_of_very_many_edges_and_misses_none()
    {
        var zone = Zone.Of(new(47.6, -122.1), [.. Enumerable.Range(0, 20_000).Select(i => 5_000 + (400 * Math.Sin(i * 0.37)) + (300 * Math.Sin(i * 0.01)))]);
        var (zones, edges) = (zone.Read(0), new EdgeTree(zone.Area()));

        var hits = 0;
        Gen.Select(Generators.Bearing, Gen.Double[0, 9_000], Generators.Bearing, Gen.Double[0, 12_000]).Sample((aside, away, bearing, distance) =>
        {
            var from = zone.Centre.Destination(aside, away);
            if (zone.Meets(from, bearing, distance) is not { } met) return;
            var (to, visited) = (from.Destination(bearing, distance), 0);

            Assert.Equal(met, zones.Crossed(from, to) is not null);
            edges.IsMetBy(from.Longitude - zone.Centre.Longitude, from.Latitude, to.Longitude - zone.Centre.Longitude, to.Latitude, ref visited);
            Assert.InRange(visited, 1, 400);
            if (met) Interlocked.Increment(ref hits);
        }, iter: 100, threads: 1);
        Assert.InRange(hits, 20, 99);
    }

    [Theory]
    [InlineData("", "it is not JSON (line 1, byte 1)")]
    [InlineData("[]", "$ is not an object")]
    [InlineData("{}", "$ is of no type; zones are polygons")]
    [InlineData("""{"type":"Point","coordinates":[1,2]}""", "$ is a Point; zones are polygons")]
    [InlineData("""{"type":"FeatureCollection"}""", "$.features is not an array")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Feature"}]}""", "$.features[0] has no geometry")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null}]}""", "$.features[0].geometry is not an object")]
    [InlineData("""{"type":"Polygon"}""", "$.coordinates is not an array")]
    [InlineData("""{"type":"Polygon","coordinates":[]}""", "$.coordinates has no rings")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}""", "$.coordinates has a ring that is not closed: it needs four positions or more, the last like the first")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}""", "$ is not a valid polygon: its edges cross or touch at longitude 0.5, latitude 0.5")]
    [InlineData("""{"type":"Feature","properties":{"name":"airport"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}}""", "$ ('airport').geometry is not a valid polygon: its edges cross or touch at longitude 0.5, latitude 0.5")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]],[[5,5],[6,5],[6,6],[5,5]]]}""", "$ is not a valid polygon: a hole lies outside of it at longitude 5, latitude 5")]
    [InlineData("""{"type":"Polygon","coordinates":[[[-180,60],[180,60],[180,80],[-180,80],[-180,60]]]}""", "$.coordinates[0][1] lies half or all of the way round the Earth from the position before it; put positions between them")]
    [InlineData("""{"type":"Polygon","coordinates":[[[-90,60],[90,60],[0,80],[-90,60]]]}""", "$.coordinates[0][1] lies half or all of the way round the Earth from the position before it; put positions between them")]
    [InlineData("""{"type":"Polygon","coordinates":[[[-170,60],[-50,60],[70,60],[-170,60]]]}""", "$.coordinates[0] goes round a pole; close it along the pole, from longitude -180 to 180, or cut it into parts")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[0,0],[0,0],[0,0]]]}""", "$ is not a valid polygon: it has no area at longitude 0, latitude 0")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],["a",0],[1,1],[0,0]]]}""", "$.coordinates is not made of rings of positions, each a longitude and a latitude")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[0,91],[1,1],[0,0]]]}""", "$.coordinates[0][1] is outside of longitude -180 to 180 and latitude -90 to 90")]
    [InlineData("""{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0]]]]}""", "$.coordinates has a ring that is not closed: it needs four positions or more, the last like the first")]
    public void Wrong_file_is_refused_with_the_place(string geoJson, string complaint) =>
        Assert.Equal(complaint, Assert.Throws<FormatException>(() => NoFlyZones.Parse(geoJson)).Message);

    [Fact]
    public void Setting_that_names_no_readable_file_fails_with_one_sentence()
    {
        var folder = Directory.CreateTempSubdirectory("zones-");
        try
        {
            var file = Path.Combine(folder.FullName, "zones.json");
            Assert.StartsWith($"Airspace:NoFlyZones names {file}, which cannot be used: ", Failure(file), StringComparison.Ordinal);
            File.WriteAllText(file, "{}");
            Assert.Equal($"Airspace:NoFlyZones names {file}, which cannot be used: $ is of no type; zones are polygons; mend the file, or leave the setting empty to fly without zones.", Failure(file));
            File.WriteAllText(file, Zones);
            Assert.Null(Failure(file));
            Assert.Equal(3, AirspaceFile.Read(new AirspaceOptions { NoFlyZones = file }).Count);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static string? Failure(string file) => new AirspaceFile().Validate(Options.DefaultName, new AirspaceOptions { NoFlyZones = file }).FailureMessage;
    }

    [Fact]
    public void Weather_holds_who_comes_near() => Gen.Select(Generators.Point, Generators.Bearing, Gen.Double[1, 40_000], Generators.Bearing, Gen.Double[0, 60_000], Gen.Double[1, 30_000])
        .Sample((from, bearing, distance, aside, away, radius) =>
        {
            var centre = from.Destination(aside, away);
            var hold = new WeatherHold("storm", "Storm.", new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), centre, radius);
            var nearest = Enumerable.Range(0, 2_001).Min(step => from.Destination(bearing, distance * step / 2_000).DistanceTo(centre));
            var obstacle = new Sky(NoFlyZones.None, [hold]).Obstacle(from, from.Destination(bearing, distance));
            if (nearest < radius - 30) Assert.Equal("No drone flies here until 2030-01-01 00:00:00Z: Storm.", obstacle);
            if (nearest > radius + 30) Assert.Null(obstacle);
        }, iter: 1_000);

    /// <summary>A star around a point, and a plain search through all of its edges, in degrees east of the centre.</summary>
    private sealed record Zone(GeoPoint Centre, IReadOnlyList<GeoPoint> Corners)
    {
        // Degrees; a way that would end otherwise if it lay this far aside is too close to call.
        private const double Aside = 1e-5;

        public static Gen<Zone> Any { get; } = Gen.Select(Gen.Double[-70, 70], Gen.Double[-180, 180], Gen.Double[100, 20_000].Array[3, 40])
            .Select((latitude, longitude, radii) => Of(new(latitude, longitude), radii));

        public static Zone Of(GeoPoint centre, double[] radii)
        {
            GeoPoint[] corners = [.. radii.Select((radius, i) => centre.Destination(360.0 * i / radii.Length, radius))];
            return new(centre, [.. corners, corners[0]]);
        }

        public Polygon Area() => new(new LinearRing([.. Corners.Select(corner => new Coordinate(Flat(corner).X, Flat(corner).Y))]));

        public NoFlyZones Read(double turned) => NoFlyZones.Parse(FormattableString.Invariant(
            $$"""{"type":"Polygon","coordinates":[[{{string.Join(',', Corners.Select(c => Turned(c, turned)).Select(c => FormattableString.Invariant($"[{c.Longitude:R},{c.Latitude:R}]")))}}]]}"""));

        public static GeoPoint Turned(GeoPoint point, double degrees) => point with { Longitude = Math.IEEERemainder(point.Longitude + degrees, 360) };

        /// <summary>Null when it is too close to call.</summary>
        public bool? Meets(GeoPoint from, double bearing, double distance)
        {
            (double X, double Y)[] ring = [.. Corners.Select(Flat)];
            (double X, double Y)[] way = [.. Enumerable.Range(0, 41).Select(step => Flat(from.Destination(bearing, distance * step / 40)))];
            bool[] answers = [.. new[] { (0.0, 0.0), (Aside, 0), (-Aside, 0), (0, Aside), (0, -Aside) }.Select(by => Meets(ring, [.. way.Select(p => (p.X + by.Item1, p.Y + by.Item2))])).Distinct()];
            return answers.Length == 1 ? answers[0] : null;
        }

        private static bool Meets((double X, double Y)[] ring, (double X, double Y)[] way)
        {
            var inside = false;
            for (var i = 1; i < ring.Length; i++)
            {
                var (p, q) = (ring[i - 1], ring[i]);
                if ((p.Y > way[0].Y) != (q.Y > way[0].Y) && way[0].X < ((q.X - p.X) * (way[0].Y - p.Y) / (q.Y - p.Y)) + p.X) inside = !inside;
                for (var j = 1; j < way.Length; j++)
                    if (Side(p, q, way[j - 1]) != Side(p, q, way[j]) && Side(way[j - 1], way[j], p) != Side(way[j - 1], way[j], q)) return true;
            }

            return inside;
        }

        private static bool Side((double X, double Y) a, (double X, double Y) b, (double X, double Y) point) => ((b.X - a.X) * (point.Y - a.Y)) > ((b.Y - a.Y) * (point.X - a.X));

        private (double X, double Y) Flat(GeoPoint point) => (Math.IEEERemainder(point.Longitude - Centre.Longitude, 360), point.Latitude);
    }
}
