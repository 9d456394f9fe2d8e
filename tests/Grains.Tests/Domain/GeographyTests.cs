using CsCheck;
using DroneDelivery.Navigation;

namespace DroneDelivery.Domain;

public sealed class GeographyTests
{
    [Fact]
    public void Distance_between_known_cities_is_right()
    {
        // Heathrow to JFK, 5,540 km over the great circle within the 0.5 % that the Earth's flattening makes.
        var distance = new GeoPoint(51.4700, -0.4543).DistanceTo(new GeoPoint(40.6413, -73.7781));
        Assert.InRange(distance, 5_512_000, 5_568_000);
    }

    [Fact]
    public void Destination_lies_at_its_distance_and_bearing() =>
        Gen.Select(Generators.Point, Generators.Bearing, Gen.Double[1, 100_000]).Sample((start, bearing, distance) =>
        {
            var end = start.Destination(bearing, distance);
            Assert.True(end.IsValid);
            Assert.Equal(distance, start.DistanceTo(end), 0.01);
            if (distance > 100) Assert.Equal(0, Math.Abs(((start.BearingTo(end) - bearing + 540) % 360) - 180), 0.01);
        });

    [Fact]
    public void Distance_is_symmetric_and_obeys_the_triangle() =>
        Gen.Select(Generators.Point, Generators.Point, Generators.Point).Sample((a, b, c) =>
        {
            Assert.Equal(a.DistanceTo(b), b.DistanceTo(a), 0.001);
            Assert.True(a.DistanceTo(c) <= a.DistanceTo(b) + b.DistanceTo(c) + 0.001);
        });

    [Theory]
    [InlineData(90.1, 0, 0)]
    [InlineData(0, -180.1, 0)]
    [InlineData(double.NaN, 0, 0)]
    [InlineData(0, double.PositiveInfinity, 0)]
    [InlineData(0, 0, 10_001)]
    [InlineData(0, 0, double.NaN)]
    public void Point_out_of_range_is_not_valid(double latitude, double longitude, double altitude) =>
        Assert.False(new GeoPoint(latitude, longitude, altitude).IsValid);

    [Fact]
    public void Cells_within_a_circle_hold_every_point_of_it() =>
        Gen.Select(Generators.Point, Generators.Bearing, Gen.Double[0, 1], Gen.Double[100, 60_000]).Sample((center, bearing, part, radius) =>
        {
            var inside = center.Destination(bearing, radius * part);
            Assert.Contains(SphericalGrid.Cells.KeyOf(inside), SphericalGrid.Cells.Within(center, radius));
        });

    [Fact]
    public void Cells_within_a_circle_are_few_and_distinct() =>
        Gen.Select(Generators.Point, Gen.Double[100, 60_000]).Sample((center, radius) =>
        {
            var cells = SphericalGrid.Cells.Within(center, radius).ToList();
            Assert.Equal(cells.Count, cells.Distinct().Count());
            // A cell is at least 5.5 km high and, by rounding, at worst half as wide.
            Assert.True(cells.Count <= ((2 * radius / 5_500) + 2) * ((2 * radius / 2_750) + 3) * 1.5, $"{cells.Count} cells for {radius} m");
        });

    [Fact]
    public void Circle_around_the_date_line_holds_both_sides()
    {
        var cells = SphericalGrid.Cells.Within(new GeoPoint(10, 179.999), 2_000).ToHashSet();
        Assert.Contains(SphericalGrid.Cells.KeyOf(new GeoPoint(10, -179.995)), cells);
        Assert.Contains(SphericalGrid.Cells.KeyOf(new GeoPoint(10, 179.995)), cells);
    }
}
