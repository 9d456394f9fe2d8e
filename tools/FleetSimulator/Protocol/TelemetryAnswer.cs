using DroneDelivery.FleetSimulator.Missions;

namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>One line of the answer to telemetry: an outcome or an error.</summary>
/// <param name="Line">Number of the report's line, from 1.</param>
/// <param name="DroneId">Who reported.</param>
/// <param name="Outcome">What became of the report.</param>
/// <param name="Mission">The drone's mission; null: none.</param>
/// <param name="Error">Why the line was refused.</param>
internal sealed record TelemetryAnswer(
    int Line, string? DroneId = null, TelemetryOutcome? Outcome = null, MissionOrder? Mission = null, Problem? Error = null);
