namespace DroneDelivery.FleetSimulator.Motion;

/// <summary>Where the fleet works.</summary>
/// <param name="Center">Its middle.</param>
/// <param name="Radius">Metres.</param>
/// <param name="Stations">How many stations stand evenly around the middle.</param>
internal sealed record ServiceArea(GeoPoint Center, double Radius, int Stations)
{
    private const double PadSpacing = 3;
    private const double GoldenAngle = 137.50776405003785;

    /// <summary>A station: half-way out, so that every corner of the area is near one; a single one stands in the middle.</summary>
    public GeoPoint Station(int station) =>
        Stations == 1 ? Center : Center.Destination(360.0 * station / Stations, Radius / 2);

    /// <summary>The landing pad of the fleet's drone at <paramref name="index"/>: stations in turn, pads in a spiral around each.</summary>
    public GeoPoint Pad(int index)
    {
        var place = index / Stations;
        return Station(index % Stations).Destination(GoldenAngle * place % 360, PadSpacing * Math.Sqrt(place)) with { Altitude = 0 };
    }
}
