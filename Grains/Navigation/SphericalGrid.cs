using System.Globalization;

namespace DroneDelivery.Navigation;

/// <summary>
/// Cuts the globe into rows of equal latitude and each row into cells about as wide as high.
/// </summary>
/// <param name="step">Height of a row, degrees of latitude; must divide 180.</param>
internal sealed class SphericalGrid(double step)
{
    private readonly int _rows = (int)Math.Round(180 / step);

    /// <summary>Cells in which drones are sought; about 5.6 km.</summary>
    public static SphericalGrid Cells { get; } = new(0.05);

    /// <summary>Areas with a dispatch queue each; about 111 km.</summary>
    public static SphericalGrid Areas { get; } = new(1);

    /// <summary>Key of the cell that holds the point.</summary>
    public string KeyOf(GeoPoint point)
    {
        var row = RowOf(point.Latitude);
        return Key(row, ColumnOf(row, point.Longitude));
    }

    /// <summary>Keys of all cells that a circle touches; never misses one, may hold a few that it does not touch.</summary>
    /// <param name="center">Its centre.</param>
    /// <param name="radius">Metres.</param>
    public IEnumerable<string> Within(GeoPoint center, double radius)
    {
        var angle = double.RadiansToDegrees(radius / GeoPoint.EarthRadius);
        var (south, north) = (center.Latitude - angle, center.Latitude + angle);
        // Half the width of a circle in longitude: asin(sin r / cos φ); a circle around a pole has all longitudes.
        var ratio = Math.Sin(double.DegreesToRadians(Math.Min(angle, 90))) / Math.Cos(double.DegreesToRadians(center.Latitude));
        var halfWidth = south <= -90 || north >= 90 || ratio >= 1 ? 180 : double.RadiansToDegrees(Math.Asin(ratio));

        for (var row = RowOf(Math.Max(south, -90)); row <= RowOf(Math.Min(north, 90)); row++)
        {
            var columns = ColumnsIn(row);
            var first = (int)Math.Floor((center.Longitude - halfWidth + 180) / 360 * columns);
            var last = (int)Math.Floor((center.Longitude + halfWidth + 180) / 360 * columns);
            for (var column = first; column <= last && column < first + columns; column++)
                yield return Key(row, ((column % columns) + columns) % columns);
        }
    }

    private static string Key(int row, int column) => string.Create(CultureInfo.InvariantCulture, $"{row}:{column}");

    private int RowOf(double latitude) => Math.Clamp((int)Math.Floor((latitude + 90) / step), 0, _rows - 1);

    private int ColumnsIn(int row)
    {
        var middle = ((row + 0.5) * step) - 90;
        return Math.Max(1, (int)Math.Round(360 / step * Math.Cos(double.DegreesToRadians(middle))));
    }

    private int ColumnOf(int row, double longitude)
    {
        var columns = ColumnsIn(row);
        return Math.Clamp((int)Math.Floor((longitude + 180) / 360 * columns), 0, columns - 1);
    }
}
