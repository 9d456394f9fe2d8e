using DroneDelivery.Shipping;

namespace DroneDelivery.Gateway.Tracking;

/// <summary>What is known of a delivery at one moment.</summary>
/// <param name="Status">Stage, position and expected times.</param>
/// <param name="History">What happened, oldest first.</param>
internal sealed record DeliveryView(DeliveryStatus Status, IReadOnlyList<TrackingEvent> History)
{
    /// <summary>Whether nothing will change any more.</summary>
    public bool IsFinal => Status.Stage is DeliveryStage.Completed or DeliveryStage.Cancelled || Status.Lost;

    /// <summary>Whether who has heard the event of this number has heard all that will ever be told.</summary>
    public bool HasToldAll(long heard) => IsFinal && History.Count > 0 && heard >= History[^1].Sequence;

    /// <summary>Whether a drone is on its way with it or to it.</summary>
    public bool IsInFlight => Status is { Lost: false, Stage: DeliveryStage.HeadedToPickup or DeliveryStage.HeadedToDropoff };
}
