namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>How far the replicas lag that answer reads of Session consistency and less.</summary>
/// <param name="maximum">The longest lag; zero for none.</param>
/// <param name="seed">Seed of the lags, which are drawn between zero and the longest; null for the longest every time.</param>
internal sealed class ReplicaLag(TimeSpan maximum, int? seed)
{
    private readonly Lock _gate = new();
    private readonly Random? _random = seed is { } value ? new(value) : null;

    /// <summary>The longest lag.</summary>
    public TimeSpan Maximum { get; set; } = maximum;

    /// <summary>The lag of the replica that answers the next read.</summary>
    public TimeSpan Next()
    {
        if (_random is null) return Maximum;
        lock (_gate) return Maximum * _random.NextDouble();
    }
}
