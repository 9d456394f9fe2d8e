using DroneDelivery.FleetSimulator.Missions;

namespace DroneDelivery.FleetSimulator.Display;

/// <summary>One drone as shown.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Model">Make and model.</param>
/// <param name="Activity">What it is doing, in words.</param>
/// <param name="Battery">Charge, 0 to 1.</param>
/// <param name="DeliveryId">What it flies for.</param>
internal sealed record DroneView(string Id, string Model, string Activity, double Battery, string? DeliveryId)
{
    /// <summary>A drone now.</summary>
    public static DroneView Of(Drone drone) =>
        new(drone.Id, drone.Profile.Model, Words(drone), drone.Battery, drone.Mission?.DeliveryId);

    /// <summary>What a drone is doing, in words.</summary>
    public static string Words(Drone drone) => drone.Activity switch
    {
        DroneActivity.Idle => drone.IsCharging ? "charging" : "idle",
        DroneActivity.Returning => "flying home",
        DroneActivity.HeadedToPickup => "to pickup",
        DroneActivity.AwaitingParcel => "awaiting parcel",
        DroneActivity.TakingParcel => "taking parcel",
        DroneActivity.HeadedToDropoff => "to dropoff",
        DroneActivity.HandingOver => "handing over",
        DroneActivity.Delivered => "delivered",
        _ => "landed short",
    };
}
