namespace DroneDelivery.Scheduling;

/// <summary>Stored form of a supervisor shard.</summary>
internal sealed record SupervisorState
{
    /// <summary>Unsettled requests and when each is due.</summary>
    public Dictionary<string, DateTimeOffset> Open { get; init; } = [];
}
