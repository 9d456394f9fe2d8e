namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>Body of the question for the parcel.</summary>
/// <param name="DeliveryId">What the mission serves.</param>
/// <param name="Attempt">Its number for that delivery.</param>
internal sealed record PickupQuestion(string DeliveryId, int Attempt);
