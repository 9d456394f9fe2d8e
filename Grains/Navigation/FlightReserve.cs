namespace DroneDelivery.Navigation;

/// <summary>What has to be left of a battery at the end of a flight.</summary>
/// <param name="OfCapacity">Part of the capacity, from 0 to 1; setting <c>Drones:BatteryReserve</c>.</param>
internal sealed record FlightReserve(double OfCapacity);
