namespace DroneDelivery.FleetSimulator.Station;

/// <summary>The state file cannot be read or written.</summary>
/// <param name="message">One sentence for the user.</param>
internal sealed class StateFileException(string message) : Exception(message);
