using DroneDelivery.Scheduling;

namespace DroneDelivery.Shipping;

/// <summary>What can be said of a delivery while only its request exists.</summary>
public static class NotYetShipped
{
    /// <summary>Created at the pickup; cancelled when nothing will come of the request.</summary>
    public static DeliveryStatus Status(DeliveryRequestSnapshot request) => new(Stage(request), request.Order.Pickup.Location, null, null, History(request).Count);

    /// <summary>The request's beginning and, if it has come, its end.</summary>
    public static IReadOnlyList<TrackingEvent> History(DeliveryRequestSnapshot request)
    {
        var asked = TrackingEvent.Asked(request.AcceptedAt);
        return Stage(request) == DeliveryStage.Created
            ? [asked]
            : [asked, new TrackingEvent(2, DeliveryStage.Cancelled, request.UpdatedAt, null, request.Reason)];
    }

    // The stages know no refusal; a client that only reads stages must not wait for ever.
    private static DeliveryStage Stage(DeliveryRequestSnapshot request) =>
        request.Status is RequestStatus.Cancelled or RequestStatus.Rejected or RequestStatus.Failed ? DeliveryStage.Cancelled : DeliveryStage.Created;
}
