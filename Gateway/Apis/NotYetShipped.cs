using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Gateway.Apis;

/// <summary>What can be said of a delivery while only its request exists.</summary>
internal static class NotYetShipped
{
    /// <summary>Created at the pickup; cancelled when nothing will come of the request.</summary>
    public static DeliveryStatus Status(DeliveryRequestSnapshot request) => new(Stage(request), request.Order.Pickup.Location, null, null);

    /// <summary>The request's beginning and, if it has come, its end.</summary>
    public static IReadOnlyList<TrackingEvent> History(DeliveryRequestSnapshot request)
    {
        var created = new TrackingEvent(1, DeliveryStage.Created, request.AcceptedAt, null, "Asked for.");
        return Stage(request) == DeliveryStage.Created
            ? [created]
            : [created, new TrackingEvent(2, DeliveryStage.Cancelled, request.UpdatedAt, null, request.Reason)];
    }

    // The stages know no refusal; a client that only reads stages must not wait for ever.
    private static DeliveryStage Stage(DeliveryRequestSnapshot request) =>
        request.Status is RequestStatus.Cancelled or RequestStatus.Rejected or RequestStatus.Failed ? DeliveryStage.Cancelled : DeliveryStage.Created;
}
