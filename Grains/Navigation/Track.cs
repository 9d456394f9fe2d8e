namespace DroneDelivery.Navigation;

/// <summary>What bounds a drone's movement.</summary>
/// <param name="Speed">Fastest speed over ground believed, m/s.</param>
/// <param name="Slack">Metres that positions may be off, GPS noise included.</param>
internal readonly record struct TrackBounds(double Speed, double Slack)
{
    /// <summary>Earliest time at which a drone that was at one point can be at another.</summary>
    public DateTimeOffset EarliestArrival(GeoPoint from, DateTimeOffset since, GeoPoint to)
    {
        var seconds = Math.Max(0, from.DistanceTo(to) - Slack) / Speed;
        return seconds < (DateTimeOffset.MaxValue - since).TotalSeconds ? since.AddSeconds(seconds) : DateTimeOffset.MaxValue;
    }
}

/// <summary>
/// Where a drone is believed to be. A position that it could not have reached since the last one is a jump and is not believed: a leaky bucket
/// holds the metres that it seems to be ahead of its speed, drains with time and overflows with a jump, so that many small jumps count as one large.
/// </summary>
internal sealed record Track
{
    private Track(GeoPoint position, DateTimeOffset heardAt, DateTimeOffset reportedAt) => (Position, HeardAt, ReportedAt) = (position, heardAt, reportedAt);

    /// <summary>Last position believed.</summary>
    public GeoPoint Position { get; private init; }

    /// <summary>When it was heard, by the service's clock.</summary>
    public DateTimeOffset HeardAt { get; private init; }

    /// <summary>Latest time reported, by the drone's clock. It never goes back, or a clock set to and fro would gain time each time.</summary>
    public DateTimeOffset ReportedAt { get; private init; }

    private double Ahead { get; init; }

    // Where the drone says it is instead, and how many reports in a row have agreed.
    private Track? Elsewhere { get; init; }
    private int Agreed { get; init; }

    /// <summary>A track that begins with the first position.</summary>
    public static Track Begin(GeoPoint position, DateTimeOffset heardAt, DateTimeOffset reportedAt) => new(position, heardAt, reportedAt);

    /// <summary>Takes in a position.</summary>
    /// <param name="position">Where the drone says it is.</param>
    /// <param name="now">When that was heard, by the service's clock.</param>
    /// <param name="reportedAt">When it was there, by the drone's clock: reports held back in a dead spot come all at once.</param>
    /// <param name="bounds">What bounds its movement.</param>
    /// <param name="reportsToMove">After how many reports that agree on another place the drone is believed to have been carried there; null: never.</param>
    /// <param name="isBelieved">Whether the position is believed.</param>
    public Track Take(GeoPoint position, DateTimeOffset now, DateTimeOffset reportedAt, TrackBounds bounds, int? reportsToMove, out bool isBelieved)
    {
        var ahead = AheadAt(position, now, reportedAt, bounds);
        isBelieved = ahead <= bounds.Slack;
        if (isBelieved) return new Track(position, now, Later(reportedAt)) { Ahead = ahead };

        var lead = Elsewhere?.AheadAt(position, now, reportedAt, bounds);
        var agreed = lead <= bounds.Slack ? Agreed + 1 : 1;
        isBelieved = agreed >= reportsToMove;
        var there = new Track(position, now, Later(reportedAt)) { Ahead = agreed > 1 ? lead!.Value : 0 };
        return isBelieved ? there : this with { Elsewhere = there, Agreed = agreed };
    }

    private double AheadAt(GeoPoint position, DateTimeOffset now, DateTimeOffset reportedAt, TrackBounds bounds)
    {
        var elapsed = Math.Max(0, Math.Max((now - HeardAt).TotalSeconds, (reportedAt - ReportedAt).TotalSeconds));
        return Math.Max(0, Ahead + Position.DistanceTo(position) - (bounds.Speed * elapsed));
    }

    private DateTimeOffset Later(DateTimeOffset reportedAt) => reportedAt > ReportedAt ? reportedAt : ReportedAt;
}
