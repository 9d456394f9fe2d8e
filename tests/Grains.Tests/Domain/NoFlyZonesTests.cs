using CsCheck;
using DroneDelivery.Drones;
using DroneDelivery.Navigation;
using Microsoft.Extensions.Options;

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
    [InlineData("", "it is not JSON (line 1, byte 1)")]
    [InlineData("[]", "$ is not an object")]
    [InlineData("{}", "$ is of no type; zones are polygons")]
    [InlineData("""{"type":"Point","coordinates":[1,2]}""", "$ is a Point; zones are polygons")]
    [InlineData("""{"type":"FeatureCollection"}""", "$.features is not an array")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Feature"}]}""", "$.features[0] has no geometry")]
    [InlineData("""{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null}]}""", "$.features[0].geometry is not an object")]
    [InlineData("""{"type":"Polygon"}""", "$.coordinates is not an array")]
    [InlineData("""{"type":"Polygon","coordinates":[]}""", "$.coordinates has no rings")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}""", "$.coordinates[0] is not closed: it needs four positions or more, the last like the first")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[0,0],[0,0],[0,0]]]}""", "$ has no area")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],["a",0],[1,1],[0,0]]]}""", "$.coordinates[0][1] is not a longitude and a latitude")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[0,91],[1,1],[0,0]]]}""", "$.coordinates[0][1] is outside of longitude -180 to 180 and latitude -90 to 90")]
    [InlineData("""{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0]]]]}""", "$.coordinates[0][0] is not closed: it needs four positions or more, the last like the first")]
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
}
