using static DroneDelivery.DeliveryStage;

namespace DroneDelivery;

/// <summary>The table of stages.</summary>
public static class DeliveryStages
{
    /// <summary>Whether nothing can follow.</summary>
    public static bool IsFinal(this DeliveryStage stage) => stage is Completed or Cancelled;

    /// <summary>Whether the parcel still lies at the pickup, so that the client may change or cancel.</summary>
    public static bool IsBeforePickup(this DeliveryStage stage) => stage is Created or Rescheduled or HeadedToPickup;

    /// <summary>Whether the table has an arrow from one stage to the other.</summary>
    public static bool CanMoveTo(this DeliveryStage from, DeliveryStage to) => to switch
    {
        HeadedToPickup => from is Created or Rescheduled,
        HeadedToDropoff => from is HeadedToPickup,
        Completed => from is HeadedToDropoff,
        Rescheduled or Cancelled => from.IsBeforePickup(),
        _ => false,
    };
}
