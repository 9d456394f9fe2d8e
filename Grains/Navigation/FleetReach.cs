using System.Globalization;
using DroneDelivery.Drones;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Navigation;

/// <summary>
/// What a fleet could do at best, with every drone free, charged and standing at the pickup. What none can do even so is impossible; whether a drone can in
/// fact is decided elsewhere.
/// </summary>
/// <param name="kinds">The kinds of drones; at least one.</param>
internal sealed class FleetReach(IReadOnlyList<FleetKind> kinds)
{
    // What rounding, and the start from the pickup, can make of the energy of a flight that is just possible.
    private const double Tolerance = 1.02;

    /// <summary>Why no drone of the fleet can ever carry it, in a sentence for the client; null: one could.</summary>
    /// <param name="ticket">What is to be carried.</param>
    /// <param name="nearby">Metres around the pickup in which drones are sought.</param>
    /// <param name="reserve">Part of the battery that must be left at home, 0 to 1.</param>
    public string? Objection(DispatchTicket ticket, double nearby, double reserve) =>
        Objection(ticket.Pickup, ticket.Dropoff, ticket.Weight, ticket.Size, nearby, reserve);

    private string? Objection(GeoPoint pickup, GeoPoint dropoff, double weight, PackageSize size, double nearby, double reserve)
    {
        var able = kinds.Where(kind => weight <= kind.Capabilities.MaxPayload && size <= kind.Capabilities.MaxSize);
        if (able.Any(kind => CanFly(kind, pickup, dropoff, weight, reserve))) return null;
        if (kinds.Max(kind => kind.Capabilities.MaxPayload) is var strongest && weight > strongest)
            return Say($"No drone can carry it: it weighs {weight} kg, and the strongest lifts {strongest} kg.");
        if (kinds.Max(kind => kind.Capabilities.MaxSize) is var largest && size > largest)
            return Say($"No drone can carry it: it is {size}, and the largest that a drone takes is {largest}.");
        if (!able.Any()) return Say($"No drone can carry it: none that takes {size} lifts {weight} kg.");

        var nearest = able.Min(kind => kind.Home.DistanceTo(pickup));
        return nearest > nearby
            ? Say($"No drone can carry it: the nearest that could is stationed {nearest / 1_000:0} km from the pickup.")
            : Say($"No drone can carry it: the way of {pickup.DistanceTo(dropoff) / 1_000:0} km and home again is beyond the range of all.");
    }

    private static bool CanFly(FleetKind kind, GeoPoint pickup, GeoPoint dropoff, double weight, double reserve)
    {
        // The station may be nearer than it is written down.
        var rest = Math.Max(0, dropoff.DistanceTo(kind.Home) - FleetKind.HomeError);
        var home = dropoff.Destination(dropoff.BearingTo(kind.Home), rest) with { Altitude = kind.Home.Altitude };
        var plan = Flight.Plan(new DroneRegistration("", home, kind.Capabilities), pickup, pickup, dropoff, weight, Wind.Calm);
        return plan.Energy <= (1 - reserve) * kind.Capabilities.BatteryCapacity * Tolerance;
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
