namespace DroneDelivery.FleetSimulator.Station;

/// <summary>What the station counts.</summary>
internal sealed class FleetStatistics
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private readonly Queue<(TimeSpan Uptime, long Reports)> _recent = new();

    /// <summary>Reports taken in.</summary>
    public long Reports { get; set; }

    /// <summary>Questions that failed or were refused.</summary>
    public long Errors { get; set; }

    /// <summary>Parcels handed over.</summary>
    public long Delivered { get; set; }

    /// <summary>Missions dropped.</summary>
    public long Dropped { get; set; }

    /// <summary>Reports taken in per second over the last ten.</summary>
    public double ReportRate(TimeSpan uptime)
    {
        _recent.Enqueue((uptime, Reports));
        while (uptime - _recent.Peek().Uptime > Window) _recent.Dequeue();
        var (since, reports) = _recent.Peek();
        return uptime > since ? (Reports - reports) / (uptime - since).TotalSeconds : 0;
    }
}
