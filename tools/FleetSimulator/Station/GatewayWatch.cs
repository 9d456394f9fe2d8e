namespace DroneDelivery.FleetSimulator.Station;

/// <summary>Whether the gateway answers, and when to try again if not: a back-off that doubles up to a bound.</summary>
internal sealed class GatewayWatch
{
    /// <summary>The first pause.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.25);

    /// <summary>The longest pause.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private TimeSpan _pause = FirstPause;
    private TimeSpan _retryAt;

    /// <summary>Why it does not answer; null: it does, or was not asked yet.</summary>
    public string? Outage { get; private set; }

    /// <summary>Whether to ask it something now.</summary>
    /// <param name="uptime">Now.</param>
    /// <param name="underWay">Questions without an answer yet; during an outage one at a time is enough.</param>
    public bool MayAsk(TimeSpan uptime, int underWay) => Outage is null || (underWay == 0 && uptime >= _retryAt);

    /// <summary>It did not answer; true when it did before.</summary>
    public bool Failed(TimeSpan uptime, string reason)
    {
        var isNew = Outage is null;
        Outage = reason;
        // Several questions that fail together are one failure.
        if (uptime < _retryAt) return isNew;

        _retryAt = uptime + _pause;
        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, LongestPause.Ticks));
        return isNew;
    }

    /// <summary>It answered; true when it did not before.</summary>
    public bool Answered()
    {
        var isNew = Outage is not null;
        Outage = null;
        _pause = FirstPause;
        return isNew;
    }
}
