using Orleans.Concurrency;

namespace DroneDelivery.Erasure;

/// <summary>Erases what is stored of an owner; key: the owner id.</summary>
[Alias("DroneDelivery.Erasure.IOwnerErasureGrain")]
public interface IOwnerErasureGrain : IGrainWithStringKey
{
    /// <summary>
    /// Begins, durably: Done, also when it has begun already; Conflict while a delivery of the owner is open. The account is suspended from here on.
    /// </summary>
    [Alias("Begin"), ResponseTimeout("00:00:30")]
    Task<CommandResult> Begin();

    /// <summary>How far it is; null when it was never begun.</summary>
    [Alias("Get"), AlwaysInterleave]
    ValueTask<ErasureProgress?> Get();
}

/// <summary>How far an erasure is.</summary>
/// <param name="OwnerId">Whose data.</param>
/// <param name="StartedAt">When it was asked for.</param>
/// <param name="FinishedAt">When nothing was left; null: not yet.</param>
/// <param name="Erased">Deliveries erased so far.</param>
/// <param name="Waiting">Deliveries that could not be erased when they were last looked at: a drone, an operator or the store has to see to them.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Erasure.ErasureProgress")]
public sealed record ErasureProgress(string OwnerId, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, long Erased, int Waiting);
