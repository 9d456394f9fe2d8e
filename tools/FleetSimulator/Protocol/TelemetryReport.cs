using DroneDelivery.FleetSimulator.Missions;

namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>One line of telemetry.</summary>
/// <param name="DroneId">Who reports.</param>
/// <param name="Boot">Number of the boot; grows with each.</param>
/// <param name="Sequence">Number of the report in this boot.</param>
/// <param name="Time">When.</param>
/// <param name="Position">Where.</param>
/// <param name="Battery">Charge, 0 to 1.</param>
/// <param name="Mission">Progress of the mission; null: none.</param>
internal sealed record TelemetryReport(
    string DroneId, long Boot, long Sequence, DateTimeOffset Time, GeoPoint Position, double Battery, MissionProgress? Mission)
{
    public static TelemetryReport Of(Drone drone, long boot, long sequence, DateTimeOffset now) => new(
        drone.Id, boot, sequence, now, drone.Position, drone.Battery,
        drone.Mission is { } mission ? new MissionProgress(mission.DeliveryId, mission.Attempt, mission.Phase) : null);
}
