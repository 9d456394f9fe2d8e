namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>Where the backend last saw a drone.</summary>
/// <param name="Position">Its home before the first report.</param>
/// <param name="Battery">Charge, 0 to 1.</param>
/// <param name="LastReport">When; null: never.</param>
internal sealed record DroneSighting(GeoPoint Position, double Battery, DateTimeOffset? LastReport = null);
