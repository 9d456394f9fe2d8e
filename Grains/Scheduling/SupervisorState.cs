namespace DroneDelivery.Scheduling;

/// <summary>Stored form of a supervisor shard.</summary>
internal sealed record SupervisorState
{
    /// <summary>Unsettled requests and when each is due.</summary>
    public Dictionary<string, DateTimeOffset> Open { get; init; } = [];

    /// <summary>Those of them that wait for an operator.</summary>
    public Dictionary<string, ShardFlag> Flags { get; init; } = [];
}

/// <summary>Why a request waits for an operator.</summary>
/// <param name="Flag">What it is.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Since">Since when.</param>
internal sealed record ShardFlag(RequestFlag Flag, string? Reason, DateTimeOffset Since);
