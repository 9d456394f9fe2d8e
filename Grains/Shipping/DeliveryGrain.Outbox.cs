using DroneDelivery.Invoicing;
using DroneDelivery.Notifications;
using DroneDelivery.Scheduling;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Shipping;

/// <summary>How what happened to a delivery is handed on to ledger, index, owner and request.</summary>
internal sealed partial class DeliveryGrain
{
    // Changes that come within this time reach the index as one; what failed is tried again after it.
    private static readonly TimeSpan DrainInterval = TimeSpan.FromSeconds(2);

    // Consumers that could not be told last time; the log says so once, however long it lasts.
    private readonly HashSet<string> _failing = [];
    private OutboxCursors _handed = new();
    private IGrainTimer? _drain;
    private bool _replays;
    private bool _heard;

    /// <summary>
    /// Hands on what is stored, from a timer that lets calls in between, so that no call waits in a circle. An end is handed on
    /// at once, other changes after a moment, when they may have become one.
    /// </summary>
    private void DrainSoon()
    {
        if (!Exists || IsArchived || !Document.IsOwed(_handed)) return;
        // What is found ended may be so to be archived, when nobody is to hear of it again.
        var due = Document.Stage.IsFinal() && !_replays ? TimeSpan.Zero : DrainInterval;
        if (_drain is null)
            _drain = this.RegisterGrainTimer(Drain, new GrainTimerCreationOptions(due, DrainInterval) { Interleave = true, KeepAlive = true });
        else if (Document.Stage.IsFinal())
            _drain.Change(due, DrainInterval);
    }

    private async Task Drain(CancellationToken cancellationToken)
    {
        // The request last: it is settled then, and nobody looks after the delivery of a settled request.
        // Of the others, one that is away holds up itself and the request only.
        var drained = await HandOn("ledger", HandToLedger, cancellationToken);
        drained &= await HandOn("index", HandToIndex, cancellationToken);
        drained &= await HandOn("owner", HandToOwner, cancellationToken);
        if (!drained || !await HandOn("request", HandToRequest, cancellationToken)) return;
        if (Document.IsOwed(_handed)) return; // Changed meanwhile: the next tick.

        _drain?.Dispose();
        _drain = null;
        if ((_replays || (_heard && Document.Stage.IsFinal())) && Document.Handed != _handed)
            this.RegisterGrainTimer(WriteCursors, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
    }

    private async Task<bool> HandOn(string consumer, Func<CancellationToken, Task> hand, CancellationToken cancellationToken)
    {
        try
        {
            await hand(cancellationToken);
            _failing.Remove(consumer);
            return true;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            if (_failing.Add(consumer)) LogNotHandedOn(failure, this.GetPrimaryKeyString(), consumer);
            return false;
        }
    }

    private async Task HandToLedger(CancellationToken cancellationToken)
    {
        var state = Document;
        if (!state.IsOwedToLedger(_handed)) return;
        var turn = state.Turn!;
        await GrainFactory.GetGrain<IOwnerLedgerGrain>(LedgerKey.Of(state.Plan!.OwnerId, turn.Time)).Record(state.LedgerEntry(this.GetPrimaryKeyString()));
        _handed = _handed with { Ledger = turn.Sequence };
    }

    private async Task HandToIndex(CancellationToken cancellationToken)
    {
        var state = Document;
        if (!state.IsOwedToIndex(_handed)) return;
        await index.Upsert(state.IndexRow(this.GetPrimaryKeyString(), _handed), cancellationToken);
        _handed = _handed with { Index = state.Turn!.Sequence };
    }

    /// <summary>One after the other: what the request has told about it meanwhile comes in between.</summary>
    private async Task HandToOwner(CancellationToken cancellationToken)
    {
        var id = this.GetPrimaryKeyString();
        while (Document.NextOwedToOwner(_handed) is { } next)
        {
            await Announce(next.Sequence, [Document.Notice(id, next)]);
            _handed = _handed with { Notices = next.Sequence };
        }

        if (!Document.IsOwedToPeople(_handed)) return;
        var count = Document.Notifications.Count;
        await Announce(Document.Events.Count, [.. Document.PeopleNotices(id, _handed)]);
        _handed = _handed with { People = count };
    }

    private async Task Announce(long sequence, IReadOnlyList<DeliveryNotice> notices)
    {
        if (!await GrainFactory.GetGrain<IDeliveryRequestGrain>(this.GetPrimaryKeyString()).AnnounceBefore(sequence))
            throw new TimeoutException("The request has something to tell first, and cannot yet.");
        if (await GrainFactory.GetGrain<IOwnerNotificationsGrain>(Document.Plan!.OwnerId).Publish(notices)) _heard = true;
    }

    private async Task HandToRequest(CancellationToken cancellationToken)
    {
        var state = Document;
        if (!state.IsOwedToRequest(_handed)) return;
        var turn = state.Turn!;
        await GrainFactory.GetGrain<IDeliveryRequestGrain>(this.GetPrimaryKeyString()).Apply(new DeliveryEvent(turn.Sequence, turn.Stage, turn.Time));
        _handed = _handed with { Request = turn.Sequence };
    }

    /// <summary>
    /// Nothing will be written any more that could take the cursors along. The activation that ended the delivery leaves it at that,
    /// for most are never woken again, unless somebody listens, who would hear of the end twice; one that had to hand everything on a
    /// second time spares the next one the third.
    /// </summary>
    private Task WriteCursors(CancellationToken cancellationToken) => IsArchived ? Task.CompletedTask : Store(Document);

    [LoggerMessage(LogLevel.Warning, "What happened to delivery {DeliveryId} could not be handed to the {Consumer}; trying again.")]
    private partial void LogNotHandedOn(Exception failure, string deliveryId, string consumer);
}
