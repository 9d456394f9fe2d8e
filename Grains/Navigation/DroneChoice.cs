using DroneDelivery.Drones;

namespace DroneDelivery.Navigation;

/// <summary>Decides whether a drone can serve a delivery, and which does it best.</summary>
internal static class DroneChoice
{
    /// <summary>Why the drone can't carry it in time, or null when it can; <paramref name="plan"/> is its flight plan.</summary>
    /// <param name="drone">Home and capabilities.</param>
    /// <param name="position">Where it is.</param>
    /// <param name="battery">Charge, 0 to 1.</param>
    /// <param name="errand">What is to be carried.</param>
    /// <param name="now">Present time.</param>
    /// <param name="reserve">Part of the battery that must be left at home, 0 to 1.</param>
    /// <param name="wind">Wind.</param>
    /// <param name="sky">Where drones may fly.</param>
    /// <param name="plan">Times and energy.</param>
    public static string? Objection(
        DroneRegistration drone, GeoPoint position, double battery, Errand errand, DateTimeOffset now, double reserve, Wind wind, Sky sky, out FlightPlan plan)
    {
        plan = default;
        if (errand.Weight > drone.Capabilities.MaxPayload) return "The parcel is too heavy for this drone.";
        if (errand.Size > drone.Capabilities.MaxSize) return "The parcel is too large for this drone.";

        plan = Flight.Plan(drone, position, errand.Pickup, errand.Dropoff, errand.Weight, wind);
        if (!(plan.Energy <= (battery - reserve) * drone.Capabilities.BatteryCapacity)) return "The way is too far for its charge.";
        if (errand.Deadline is { } deadline && plan.DropoffSeconds > (deadline - now).TotalSeconds) return "It would arrive after the deadline.";
        return sky.Obstacle(position, errand.Pickup) ?? sky.Obstacle(errand.Pickup, errand.Dropoff) ?? sky.Obstacle(errand.Dropoff, drone.Home);
    }

    /// <summary>The drone that reaches the pickup first among those that can carry it in time; ties by id. Null: none.</summary>
    public static FreeDrone? Best(IEnumerable<FreeDrone> drones, Errand errand, DateTimeOffset now, double reserve, Wind wind, Sky sky)
    {
        FreeDrone? best = null;
        var soonest = double.PositiveInfinity;
        foreach (var drone in drones)
        {
            if (Objection(drone.Registration, drone.Position, drone.Battery, errand, now, reserve, wind, sky, out var plan) is not null) continue;
            if (plan.PickupSeconds > soonest) continue;
            if (plan.PickupSeconds == soonest && string.CompareOrdinal(drone.DroneId, best?.DroneId) > 0) continue;
            (best, soonest) = (drone, plan.PickupSeconds);
        }

        return best;
    }
}

/// <summary>What is to be carried.</summary>
/// <param name="Pickup">From.</param>
/// <param name="Dropoff">To.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="Size">Size class.</param>
/// <param name="Deadline">Latest handover; null: none.</param>
internal readonly record struct Errand(GeoPoint Pickup, GeoPoint Dropoff, double Weight, PackageSize Size, DateTimeOffset? Deadline);
