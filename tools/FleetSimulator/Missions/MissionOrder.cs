namespace DroneDelivery.FleetSimulator.Missions;

/// <summary>A mission as the backend tells it.</summary>
/// <param name="DeliveryId">What it serves.</param>
/// <param name="Attempt">Its number for that delivery.</param>
/// <param name="Phase">Phase the backend knows of.</param>
/// <param name="Pickup">Where to fetch the parcel.</param>
/// <param name="Dropoff">Where to bring it.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="LeaseUntil">Before pickup, a drone that heard nothing newer by then gives the mission up.</param>
internal sealed record MissionOrder(
    string DeliveryId, int Attempt, MissionPhase Phase, GeoPoint Pickup, GeoPoint Dropoff, double Weight, DateTimeOffset LeaseUntil)
{
    /// <summary>Whether a drone can fly it at all.</summary>
    public bool IsValid =>
        DeliveryId.Length > 0 && Pickup.IsValid && Dropoff.IsValid && Weight >= 0 && double.IsFinite(Weight);
}
