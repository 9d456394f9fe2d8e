using DroneDelivery.Invoicing;
using DroneDelivery.Queries;

namespace DroneDelivery.Shipping;

/// <summary>
/// Number of the last tracking event that each consumer has taken in. The tracking events are the outbox: stored with the change
/// itself, numbered without gaps, never removed. Every consumer follows them at its own pace and knows repetitions.
/// </summary>
internal sealed record OutboxCursors
{
    /// <summary>The delivery index.</summary>
    public long Index { get; init; }

    /// <summary>The owner's ledger.</summary>
    public long Ledger { get; init; }

    /// <summary>The delivery request.</summary>
    public long Request { get; init; }
}

/// <summary>What a delivery still owes to whom. Consumers hear of stages, so what counts is the event that brought the present one.</summary>
internal static class DeliveryOutbox
{
    /// <summary>Whether anybody has to hear something.</summary>
    public static bool IsOwed(this DeliveryState state, OutboxCursors handed) => !state.IsDrained(handed) || state.IsOwedToRequest(handed);

    /// <summary>Whether everybody but the request has heard everything.</summary>
    public static bool IsDrained(this DeliveryState state, OutboxCursors handed) => !state.IsOwedToIndex(handed) && !state.IsOwedToLedger(handed);

    /// <summary>The index has Created from the request.</summary>
    public static bool IsOwedToIndex(this DeliveryState state, OutboxCursors handed) =>
        state.Turn is { Stage: not DeliveryStage.Created } turn && turn.Sequence > handed.Index;

    /// <summary>The ledger hears of completion.</summary>
    public static bool IsOwedToLedger(this DeliveryState state, OutboxCursors handed) =>
        state.Turn is { Stage: DeliveryStage.Completed } turn && turn.Sequence > handed.Ledger;

    /// <summary>The request hears of the end.</summary>
    public static bool IsOwedToRequest(this DeliveryState state, OutboxCursors handed) =>
        state.Turn is { } turn && turn.Stage.IsFinal() && turn.Sequence > handed.Request;

    /// <summary>What the ledger counts.</summary>
    public static CompletedDelivery LedgerEntry(this DeliveryState state, string deliveryId)
    {
        var flown = FlightRecord.Of(state.Events);
        return new(deliveryId, state.Plan!.Weight, flown.Miles, flown.Hours);
    }

    /// <summary>The row of the index.</summary>
    public static DeliveryIndexEntry IndexRow(this DeliveryState state, string deliveryId)
    {
        var turn = state.Turn!;
        var requested = state.Plan!.RequestedAt == default ? state.Events[0].Time : state.Plan.RequestedAt;
        return new(deliveryId, state.Plan.OwnerId, DeliveryIndexVersions.OfTracking(turn.Sequence), turn.Stage, requested, turn.Time);
    }
}
