namespace DroneDelivery.FleetSimulator.Motion;

/// <summary>Result of a stretch of flight.</summary>
/// <param name="State">Where it led.</param>
/// <param name="Elapsed">Seconds it took; less than given unless under way.</param>
/// <param name="Outcome">How it ended.</param>
internal readonly record struct FlightStep(FlightState State, double Elapsed, FlightOutcome Outcome);
