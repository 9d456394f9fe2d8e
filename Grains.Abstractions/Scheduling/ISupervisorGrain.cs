namespace DroneDelivery.Scheduling;

/// <summary>Knows which requests of its shard are unsettled and when each is due; key: shard number.</summary>
[Alias("DroneDelivery.Scheduling.ISupervisorGrain")]
public interface ISupervisorGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Registers a request durably, or moves the time at which it is looked at; returns once that is stored. Writes of concurrent calls are grouped.
    /// False when the shard is full, or too full for one more of this account: nothing was registered. One that is not found later is kept for some minutes: its
    /// insert may be under way.
    /// </summary>
    /// <param name="deliveryId">The request.</param>
    /// <param name="due">When to look at it.</param>
    /// <param name="ownerId">Account of a request that is new; null: it is stored already, and no account's share stands in its way.</param>
    [Alias("Register")]
    [ResponseTimeout(ResponseTimes.Short)]
    Task<bool> Register(string deliveryId, DateTimeOffset due, string? ownerId = null);

    /// <summary>
    /// Moves the time at which the request is looked at again, at once when that has come; returns when what operators see is stored.
    /// </summary>
    [Alias("Postpone")]
    Task Postpone(string deliveryId, Watch watch);

    /// <summary>Whether a request is still looked after. Not any more: nothing is left to do for it, and everybody has heard of its end.</summary>
    [Alias("Watches")]
    ValueTask<bool> Watches(string deliveryId);

    /// <summary>Brings the shard to life, so that it resumes what is due.</summary>
    [Alias("Wake")]
    Task Wake();

    /// <summary>The unsettled requests of this shard and when each is due.</summary>
    [Alias("List")]
    ValueTask<IReadOnlyList<SupervisedRequest>> List();

    /// <summary>Those of its requests that wait for an operator, the longest waiting first.</summary>
    [Alias("ListFlagged")]
    ValueTask<IReadOnlyList<FlaggedRequest>> ListFlagged(RequestFlag flag);
}

/// <summary>Spreads requests over supervisor shards.</summary>
public static class SupervisorShards
{
    /// <summary>Number of shards; stored shards depend on it, so it never changes.</summary>
    public const int Count = 64;

    /// <summary>The shard of a request, by Orleans' uniform hash: the same in every process and version.</summary>
    public static int Of(GrainId request) => (int)(request.GetUniformHashCode() % Count);
}

/// <summary>Why a request waits for an operator.</summary>
public enum RequestFlag
{
    /// <summary>A step or an undo keeps failing.</summary>
    DeadLetter = 0,
    /// <summary>The flight went wrong, or a drone reports what it should not.</summary>
    Incident = 1,
}

/// <summary>What a supervisor keeps of an unsettled request.</summary>
/// <param name="Due">When to look at it again.</param>
/// <param name="Flag">Whether it waits for an operator, and why.</param>
/// <param name="Reason">The reason in words, when flagged.</param>
/// <param name="Since">Since when, when flagged.</param>
/// <param name="IsMissing">True: nothing is stored by that id, or not yet.</param>
/// <param name="OwnerId">Account that ordered; null: an earlier build says it of flagged ones only.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.Watch")]
public sealed record Watch(
    DateTimeOffset Due,
    RequestFlag? Flag = null,
    string? Reason = null,
    DateTimeOffset? Since = null,
    bool IsMissing = false,
    string? OwnerId = null);

/// <summary>A request that waits for an operator.</summary>
/// <param name="DeliveryId">Its id.</param>
/// <param name="Flag">What it is.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Since">Since when.</param>
/// <param name="OwnerId">Account that ordered; null: flagged by an earlier build.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.FlaggedRequest")]
public sealed record FlaggedRequest(string DeliveryId, RequestFlag Flag, string? Reason, DateTimeOffset Since, string? OwnerId = null);

/// <summary>An unsettled request.</summary>
/// <param name="DeliveryId">Its id.</param>
/// <param name="Due">When it is looked at again.</param>
/// <param name="Failures">How often in a row it could not even be looked at.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.SupervisedRequest")]
public sealed record SupervisedRequest(string DeliveryId, DateTimeOffset Due, int Failures = 0);
