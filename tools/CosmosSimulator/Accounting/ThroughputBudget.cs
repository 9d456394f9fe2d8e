namespace DroneDelivery.CosmosSimulator.Accounting;

/// <summary>
/// Request units of a physical partition for each second. As in the service a request runs when anything is left, and what it takes too
/// much is missing in the seconds after.
/// </summary>
/// <param name="unitsPerSecond">The budget; null for no limit.</param>
/// <param name="clock">The time.</param>
internal sealed class ThroughputBudget(double? unitsPerSecond, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private double? _unitsPerSecond = unitsPerSecond;
    private double _left = unitsPerSecond ?? 0;
    private long _second = long.MinValue;

    /// <summary>Changes the budget from now on; null for no limit.</summary>
    public void Set(double? limit)
    {
        lock (_gate)
        {
            _unitsPerSecond = limit;
            _left = limit ?? 0;
            _second = long.MinValue;
        }
    }

    /// <summary>Asks to run a request.</summary>
    /// <returns>Null when it may run; otherwise how long to wait.</returns>
    public TimeSpan? Refuse()
    {
        lock (_gate)
        {
            if (_unitsPerSecond is not { } limit) return null;
            var now = clock.GetUtcNow();
            Refill(now, limit);
            if (_left > 0) return null;

            var seconds = Math.Floor(-_left / limit) + 1;
            var next = TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(now.Ticks % TimeSpan.TicksPerSecond);
            return next + TimeSpan.FromSeconds(seconds - 1);
        }
    }

    /// <summary>Takes what a request has cost.</summary>
    public void Spend(double units)
    {
        lock (_gate) _left -= units;
    }

    private void Refill(DateTimeOffset now, double limit)
    {
        var second = now.ToUnixTimeSeconds();
        if (_second == long.MinValue) _left = limit;
        else if (second > _second) _left = Math.Min(limit, _left + limit * (second - _second));
        _second = second;
    }
}
