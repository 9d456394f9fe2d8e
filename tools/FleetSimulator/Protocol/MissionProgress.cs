using DroneDelivery.FleetSimulator.Missions;

namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>Progress of a mission as its drone sees it.</summary>
/// <param name="DeliveryId">What it serves.</param>
/// <param name="Attempt">Its number for that delivery.</param>
/// <param name="Phase">Phase reached.</param>
internal sealed record MissionProgress(string DeliveryId, int Attempt, MissionPhase Phase);
