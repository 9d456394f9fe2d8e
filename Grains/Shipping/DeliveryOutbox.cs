using DroneDelivery.Invoicing;
using DroneDelivery.Notifications;
using DroneDelivery.Queries;

namespace DroneDelivery.Shipping;

/// <summary>
/// Number of the last tracking event that each consumer has taken in. The tracking events are the outbox: stored with the change
/// itself, numbered without gaps, never removed. Every consumer follows them at its own pace and knows repetitions.
/// </summary>
internal sealed record OutboxCursors
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>The delivery index.</summary>
    public long Index { get; init; }

    /// <summary>The owner's ledger.</summary>
    public long Ledger { get; init; }

    /// <summary>The delivery request.</summary>
    public long Request { get; init; }

    /// <summary>The owner's notifications: every stage, not just the last.</summary>
    public long Notices { get; init; }

    /// <summary>How many of those who asked to be notified the owner's notifications have been told of.</summary>
    public int People { get; init; }
}

/// <summary>
/// What a delivery still owes to whom. Consumers hear of stages, so what counts is the event that brought the present one; only the
/// owner hears of each that was.
/// </summary>
internal static class DeliveryOutbox
{
    /// <summary>Whether anybody has to hear something.</summary>
    public static bool IsOwed(this DeliveryState state, OutboxCursors handed) => !state.IsDrained(handed) || state.IsOwedToRequest(handed);

    /// <summary>Whether everybody but the request has heard everything.</summary>
    public static bool IsDrained(this DeliveryState state, OutboxCursors handed) =>
        !state.IsOwedToIndex(handed) && !state.IsOwedToLedger(handed) && state.NextOwedToOwner(handed) is null && !state.IsOwedToPeople(handed);

    /// <summary>The index hears of each stage.</summary>
    public static bool IsOwedToIndex(this DeliveryState state, OutboxCursors handed) => state.Turn is { } turn && turn.Sequence > handed.Index;

    /// <summary>The ledger hears of completion.</summary>
    public static bool IsOwedToLedger(this DeliveryState state, OutboxCursors handed) =>
        state.Turn is { Stage: DeliveryStage.Completed } turn && turn.Sequence > handed.Ledger;

    /// <summary>The request hears of the end.</summary>
    public static bool IsOwedToRequest(this DeliveryState state, OutboxCursors handed) =>
        state.Turn is { } turn && turn.Stage.IsFinal() && turn.Sequence > handed.Request;

    /// <summary>
    /// The next event that the owner hears of. That it was asked for, and that it was cancelled, the request says, which knows why.
    /// </summary>
    public static TrackingEvent? NextOwedToOwner(this DeliveryState state, OutboxCursors handed)
    {
        for (var next = (int)Math.Min(handed.Notices, state.Events.Count); next < state.Events.Count; next++)
        {
            var entry = state.Events[next];
            var isNews = next == 0 ? !entry.IsAsked : state.Events[next - 1].IsAsked || state.Events[next - 1].Stage != entry.Stage;
            if (isNews && entry.Stage != DeliveryStage.Cancelled) return entry;
        }

        return null;
    }

    /// <summary>Number of the last event before which nothing is owed to the owner.</summary>
    public static long ToldToOwner(this DeliveryState state, OutboxCursors handed) =>
        state.NextOwedToOwner(handed) is { } next ? next.Sequence - 1 : state.Events.Count;

    /// <summary>Those who asked to be notified hear of the end.</summary>
    public static bool IsOwedToPeople(this DeliveryState state, OutboxCursors handed) =>
        state.IsMade && state.Stage.IsFinal() && state.Notifications.Count > handed.People;

    /// <summary>What the owner hears of an event.</summary>
    public static DeliveryNotice Notice(this DeliveryState state, string deliveryId, TrackingEvent entry) => new(
        entry.Stage switch
        {
            DeliveryStage.Created => NoticeKind.DeliveryCreated,
            DeliveryStage.Rescheduled => NoticeKind.DeliveryRescheduled,
            DeliveryStage.HeadedToPickup => NoticeKind.DeliveryHeadedToPickup,
            DeliveryStage.HeadedToDropoff => NoticeKind.DeliveryHeadedToDropoff,
            DeliveryStage.Completed => NoticeKind.DeliveryCompleted,
            _ => throw new ArgumentOutOfRangeException(nameof(entry), entry.Stage, "The owner does not hear of it from the delivery."),
        },
        deliveryId, state.Plan!.OwnerId, DeliveryNotice.SequenceOf(entry.Sequence), entry.Time, entry.Detail, entry.Location, entry.Attempt);

    /// <summary>Asks for a message to each of those who have not been told of the end; they may have asked after it.</summary>
    public static IEnumerable<DeliveryNotice> PeopleNotices(this DeliveryState state, string deliveryId, OutboxCursors handed)
    {
        var end = state.Turn!;
        for (var number = handed.People; number < state.Notifications.Count; number++)
        {
            var wanted = state.Notifications[number];
            var sequence = DeliveryNotice.SequenceOf(end.Sequence, number + 1);
            if (wanted.EmailAddress is { Length: > 0 } email) yield return Ask(NoticeKind.EmailNotificationRequested, email);
            if (wanted.Sms is { Length: > 0 } phone) yield return Ask(NoticeKind.SmsNotificationRequested, phone);

            DeliveryNotice Ask(NoticeKind kind, string address) =>
                new(kind, deliveryId, state.Plan!.OwnerId, sequence, end.Time, Address: address, Stage: end.Stage);
        }
    }

    /// <summary>What the ledger counts.</summary>
    public static CompletedDelivery LedgerEntry(this DeliveryState state, string deliveryId)
    {
        var flown = FlightRecord.Of(state.Events, state.Speeds);
        return new(deliveryId, state.Plan!.Weight, flown.Miles, flown.Hours);
    }

    /// <summary>The row of the index.</summary>
    public static DeliveryIndexEntry IndexRow(this DeliveryState state, string deliveryId, OutboxCursors handed)
    {
        var turn = state.Turn!;
        var requested = state.Plan!.RequestedAt == default ? state.Events[0].Time : state.Plan.RequestedAt;
        return new(deliveryId, state.Plan.OwnerId, DeliveryIndexVersions.OfTracking(turn.Sequence), turn.Stage, requested, turn.Time)
        {
            IsNew = handed.Index == 0 && state.Events.First(entry => !entry.IsAsked).Time - requested < DeliveryIndexVersions.RequestSpeaksAfter,
        };
    }
}
