namespace DroneDelivery.FleetSimulator.Missions;

/// <summary>What a drone must remember over a restart.</summary>
/// <param name="Id">The drone.</param>
/// <param name="Position">Where it is.</param>
/// <param name="Energy">What is left in the battery, watt-hours.</param>
/// <param name="Activity">What it is doing.</param>
/// <param name="Countdown">Seconds left of what it is doing, where that has a duration.</param>
/// <param name="Mission">Its mission, if any.</param>
internal sealed record DroneMemory(
    string Id, GeoPoint Position, double Energy, DroneActivity Activity, double Countdown, Mission? Mission)
{
    /// <summary>What is wrong with it; null: nothing.</summary>
    public string? Problem =>
        Id.Length == 0 ? "a drone has no id"
        : !Position.IsValid ? $"drone {Id} is at an impossible position"
        : !(Energy >= 0 && double.IsFinite(Energy)) ? $"drone {Id} has an impossible battery"
        : !(Countdown >= 0 && double.IsFinite(Countdown)) ? $"drone {Id} has an impossible countdown"
        : !Enum.IsDefined(Activity) ? $"drone {Id} does something unknown"
        : Mission is null && NeedsMission ? $"drone {Id} is {Activity} without a mission"
        : Mission is not null && !MissionIsSound(Mission) ? $"drone {Id} has an impossible mission"
        : null;

    private bool NeedsMission => Activity is >= DroneActivity.HeadedToPickup and <= DroneActivity.Delivered;

    private static bool MissionIsSound(Mission mission) =>
        mission.DeliveryId.Length > 0 && Enum.IsDefined(mission.Phase) && mission.Pickup.IsValid && mission.Dropoff.IsValid
        && mission.Weight >= 0 && double.IsFinite(mission.Weight);
}
