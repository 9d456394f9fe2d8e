using DroneDelivery.Accounts;
using DroneDelivery.Archiving;
using DroneDelivery.Invoicing;
using DroneDelivery.Notifications;
using DroneDelivery.Queries;
using DroneDelivery.Scheduling;
using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Erasure;

/// <summary>
/// Goes through the owner's rows of the delivery index and erases what each leads to; the row last, so that a crash repeats a delivery and forgets none. When a
/// pass finds no row, what belongs to the owner himself follows.
/// </summary>
[GrainType("owner-erasure")]
internal sealed partial class OwnerErasureGrain(
    [PersistentState("owner-erasure", GrainStores.Erasures)] IPersistentState<ErasureState> store,
    IDeliveryIndex index,
    TimeProvider time,
    ILogger<OwnerErasureGrain> logger) : DocumentGrain<ErasureState>(store), IOwnerErasureGrain, IRemindable
{
    private const string ReminderName = "erase";
    private const string Suspended = "The data of this account was erased.";
    private const int PageSize = 25;
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // A request accepted just before the account was suspended reaches the index within this time.
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    private IGrainTimer? _timer;
    private int _waiting;

    private string Id => this.GetPrimaryKeyString();

    private bool IsUnderWay => Exists && Document.FinishedAt is null;

    private IAccountGrain Account => GrainFactory.GetGrain<IAccountGrain>(Id);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        GoOn();
    }

    public async Task<CommandResult> Begin()
    {
        if (IsUnderWay) return CommandResult.Done;
        if (await FindOpen() is { } open) return CommandResult.Conflict($"Delivery '{open}' is open; cancel it, or wait until it has ended.");

        // The reminder first: an erasure that is stored goes on whatever dies.
        await this.RegisterOrUpdateReminder(ReminderName, ReminderPeriod, ReminderPeriod);
        await Save(Document with { StartedAt = time.GetUtcNow(), SuspendedAt = null, FinishedAt = null, Erased = 0 });
        LogBegun(Id);
        GoOn();
        return CommandResult.Done;
    }

    public ValueTask<ErasureProgress?> Get() => ValueTask.FromResult(
        Exists ? new ErasureProgress(Id, Document.StartedAt, Document.FinishedAt, Document.Erased, _waiting) : null);

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (!IsUnderWay && await this.GetReminder(ReminderName) is { } reminder) await this.UnregisterReminder(reminder);
    }

    private void GoOn()
    {
        if (IsUnderWay) _timer ??= this.RegisterGrainTimer(Pass, new GrainTimerCreationOptions(TimeSpan.Zero, Interval) { Interleave = true, KeepAlive = true });
    }

    /// <summary>A delivery of the owner that has not ended, if there is one.</summary>
    private async Task<string?> FindOpen()
    {
        DeliveryIndexPosition? after = null;
        do
        {
            var page = await index.Query(new DeliveryIndexQuery(Id, After: after, Limit: DeliveryIndexQuery.MaxLimit));
            foreach (var row in page.Deliveries.Where(row => !row.Stage.IsFinal()))
            {
                // What was given up after pickup never gets a last stage; and the index may be seconds behind.
                if (await GrainFactory.GetGrain<IDeliveryRequestGrain>(row.DeliveryId).Get(CallerAccount.Any) is
                    { Status: not (RequestStatus.Completed or RequestStatus.Cancelled or RequestStatus.Rejected or RequestStatus.Failed) }) return row.DeliveryId;
            }

            after = page.Next;
        }
        while (after is not null);
        return null;
    }

    private async Task Pass(CancellationToken cancellationToken)
    {
        try
        {
            if (Document.SuspendedAt is null)
            {
                await Account.SetStanding(CommandId.New(), AccountStanding.Suspended, Suspended);
                await Save(Document with { SuspendedAt = time.GetUtcNow() });
            }

            var (seen, waiting, after) = (0, 0, (DeliveryIndexPosition?)null);
            do
            {
                var page = await index.Query(new DeliveryIndexQuery(Id, After: after, Limit: PageSize), cancellationToken);
                var erased = await Erase(page.Deliveries);
                (seen, waiting, after) = (seen + page.Deliveries.Count, waiting + page.Deliveries.Count - erased, page.Next);
            }
            while (after is not null && !cancellationToken.IsCancellationRequested);

            _waiting = waiting;
            if (seen == 0 && time.GetUtcNow() - Document.SuspendedAt >= Settling) await Finish();
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogPassFailed(failure, Id);
        }
    }

    /// <summary>Erases what the rows lead to; gives how many of them are gone.</summary>
    private async Task<int> Erase(IReadOnlyList<DeliveryIndexEntry> rows)
    {
        // The ledgers come last, when nothing can be told to them again, and their days are not known from anywhere else.
        IReadOnlyList<DateOnly> days = [.. Document.Days.Union(rows.Where(row => row.Stage == DeliveryStage.Completed).Select(row => DateOnly.FromDateTime(row.ChangedAt.UtcDateTime)))];
        if (days.Count > Document.Days.Count) await Save(Document with { Days = days });

        var erased = (await Task.WhenAll(rows.Select(Erase))).Count(gone => gone);
        if (erased > 0) await Save(Document with { Erased = Document.Erased + erased });
        return erased;
    }

    private async Task<bool> Erase(DeliveryIndexEntry row)
    {
        try
        {
            if (!await GrainFactory.GetGrain<IDeliveryRequestGrain>(row.DeliveryId).Erase(Id)) return false;
            await GrainFactory.GetGrain<IArchivedDeliveryGrain>(row.DeliveryId).Erase();
            await GrainFactory.GetGrain<IOwnerNotificationsGrain>(Id).Forget(row.DeliveryId);
            await index.Delete(Id, row.DeliveryId);
            return true;
        }
        catch (Exception failure)
        {
            LogNotErased(failure, row.DeliveryId);
            return false;
        }
    }

    private async Task Finish()
    {
        await GrainFactory.GetGrain<IOwnerNotificationsGrain>(Id).Erase();
        foreach (var day in Document.Days) await GrainFactory.GetGrain<IOwnerLedgerGrain>(LedgerKey.Of(Id, day)).Anonymize();
        await Account.Erase(Suspended);
        await Save(Document with { FinishedAt = time.GetUtcNow(), Days = [] });
        LogFinished(Id, Document.Erased);
        _timer?.Dispose();
        _timer = null;
    }

    [LoggerMessage(LogLevel.Information, "Erasing the data of owner {OwnerId} has begun.")]
    private partial void LogBegun(string ownerId);

    [LoggerMessage(LogLevel.Information, "The data of owner {OwnerId} is erased, with {Count} deliveries.")]
    private partial void LogFinished(string ownerId, long count);

    [LoggerMessage(LogLevel.Warning, "The data of owner {OwnerId} could not be erased for now; trying again.")]
    private partial void LogPassFailed(Exception failure, string ownerId);

    [LoggerMessage(LogLevel.Warning, "Delivery {DeliveryId} could not be erased for now; trying again.")]
    private partial void LogNotErased(Exception failure, string deliveryId);
}

/// <summary>Stored form of an erasure.</summary>
internal sealed record ErasureState
{
    internal UnknownMembers? Unknown { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When the account was suspended, so that nothing new comes; null: not yet.</summary>
    public DateTimeOffset? SuspendedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Deliveries erased.</summary>
    public long Erased { get; init; }

    /// <summary>Days whose ledgers know ids of them.</summary>
    public IReadOnlyList<DateOnly> Days { get; init; } = [];
}
