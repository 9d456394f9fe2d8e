namespace DroneDelivery.Scheduling;

/// <summary>Lets many dead letters go on with one command, and remembers what became of them; key: 0.</summary>
[Alias("DroneDelivery.Scheduling.IDeadLetterReplayGrain")]
public interface IDeadLetterReplayGrain : IGrainWithIntegerKey
{
    /// <summary>Replays the dead letters that fit, the longest waiting first. The same command again gets the answer of the first and replays nothing.</summary>
    [Alias("Replay")]
    Task<ReplayResult> Replay(CommandId command, DeadLetterFilter filter, string note);
}

/// <summary>Which dead letters to replay; null: any.</summary>
/// <param name="Reason">Text that their reason contains, in any case.</param>
/// <param name="Step">Step that keeps failing.</param>
/// <param name="Before">They have waited since before this time.</param>
/// <param name="OwnerId">Account that ordered.</param>
/// <param name="Limit">Most of them, at most <see cref="MaxLimit"/>.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.DeadLetterFilter")]
public sealed record DeadLetterFilter(string? Reason, string? Step, DateTimeOffset? Before, string? OwnerId, int Limit)
{
    /// <summary>Most dead letters that one command replays.</summary>
    public const int MaxLimit = 500;

    /// <summary>Whether a dead letter is one of these.</summary>
    public bool Fits(FlaggedRequest request) =>
        (Reason is null || request.Reason?.Contains(Reason, StringComparison.OrdinalIgnoreCase) == true)
        && (Step is null || request.Reason?.StartsWith($"{Step} keeps failing", StringComparison.OrdinalIgnoreCase) == true)
        && (Before is null || request.Since < Before)
        && (OwnerId is null || request.OwnerId == OwnerId);
}

/// <summary>What became of a replay.</summary>
/// <param name="Result">Done, or why nothing was replayed.</param>
/// <param name="Replayed">How many go on.</param>
/// <param name="Failed">How many do not.</param>
/// <param name="Failures">Which these are, the first <see cref="MaxFailures"/>.</param>
/// <param name="More">Whether there were more than the limit.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.ReplayResult")]
public sealed record ReplayResult(CommandResult Result, int Replayed, int Failed, IReadOnlyList<ReplayFailure> Failures, bool More)
{
    /// <summary>Most failures that are named.</summary>
    public const int MaxFailures = 20;
}

/// <summary>A dead letter that could not be replayed.</summary>
/// <param name="DeliveryId">Its id.</param>
/// <param name="Reason">Why not.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.ReplayFailure")]
public sealed record ReplayFailure(string DeliveryId, string Reason)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}
