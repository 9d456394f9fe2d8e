using DroneDelivery.Notifications;

namespace DroneDelivery.Scheduling;

/// <summary>What the owner hears of a request, from what changes with a write.</summary>
internal static class RequestNotices
{
    /// <summary>Adds to the outbox what this write changes, and leaves out what has been told.</summary>
    /// <param name="next">What will be stored.</param>
    /// <param name="deliveryId">The request.</param>
    /// <param name="before">What is stored; null: nothing.</param>
    /// <param name="now">When.</param>
    /// <param name="flown">Number of the last tracking event of the delivery that is known here.</param>
    /// <param name="announced">Number of the last notice told.</param>
    public static DeliveryRequestState WithNotices(
        this DeliveryRequestState next, string deliveryId, DeliveryRequestState? before, DateTimeOffset now, long flown, long announced)
    {
        var outbox = next.Outbox.Where(owed => owed.Number > announced).ToList();
        var last = next.LastNotice;
        foreach (var kind in Between(before, next))
        {
            // The delivery has nothing to tell after the request has ended.
            var after = next.LastAttempt == 0 ? 0 : next.Status.IsFinal() ? long.MaxValue : flown;
            var order = kind is NoticeKind.DeliveryRequested or NoticeKind.DeliveryChanged ? Of(next.Order!) : null;
            outbox.Add(new(++last, after, new DeliveryNotice(
                kind, deliveryId, next.Order!.OwnerId, DeliveryNotice.SequenceOf(last), now, order is null ? next.Reason : null, Order: order)));
        }

        return next with { Outbox = outbox, LastNotice = last };
    }

    private static IEnumerable<NoticeKind> Between(DeliveryRequestState? before, DeliveryRequestState next)
    {
        if (before is null) yield return NoticeKind.DeliveryRequested;
        else if (next.Revision > before.Revision) yield return NoticeKind.DeliveryChanged;

        if (before is null || before.Status == next.Status) yield break;
        NoticeKind? kind = next.Status switch
        {
            RequestStatus.Rejected => NoticeKind.DeliveryRejected,
            RequestStatus.Cancelled => NoticeKind.DeliveryCancelled,
            RequestStatus.DeadLettered => NoticeKind.DeliveryDeadLettered,
            RequestStatus.Incident => NoticeKind.DeliveryIncidentRaised,
            RequestStatus.Failed => NoticeKind.DeliveryFailed,
            _ when !next.Status.IsFinal() && before.Status is RequestStatus.DeadLettered or RequestStatus.Incident => NoticeKind.DeliveryResumed,
            _ => null, // Steps on the way, and completion, which the delivery tells.
        };
        if (kind is { } told) yield return told;
    }

    private static NoticeOrder Of(DeliveryOrder order) => new(
        order.PackageId, order.Pickup, order.Dropoff, order.PickupTime, order.DeadlineText, order.Expedited, order.Confirmation);
}
