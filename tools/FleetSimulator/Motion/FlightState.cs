namespace DroneDelivery.FleetSimulator.Motion;

/// <summary>What flying changes.</summary>
/// <param name="Position">Where the drone is.</param>
/// <param name="Energy">What is left in the battery, watt-hours.</param>
internal readonly record struct FlightState(GeoPoint Position, double Energy);
