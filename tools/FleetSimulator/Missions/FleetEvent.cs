namespace DroneDelivery.FleetSimulator.Missions;

/// <summary>Something worth a line.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="DroneId">To which drone.</param>
/// <param name="Text">A sentence about it.</param>
internal sealed record FleetEvent(FleetEventKind Kind, string DroneId, string Text);
