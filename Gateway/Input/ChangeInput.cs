using DroneDelivery.Gateway.Geocoding;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Gateway.Input;

/// <summary>A change of an order as read from a body: checked, but its places not yet located.</summary>
internal sealed record ChangeInput(RawPlace? Pickup, RawPlace? Dropoff, DateTimeOffset? PickupTime, string? DeadlineText)
{
    /// <summary>Reads the body of <c>PATCH /api/deliveryrequests/{id}</c>.</summary>
    public static ChangeInput ReadRequest(JsonFields body) => Checked(body, new(
        body.Place("pickupLocation", "pickup"),
        body.Place("dropOffLocation", "dropoff"),
        body.Time("pickupTime"),
        body.Deadline("deadline")));

    /// <summary>Reads the body of <c>PATCH /api/deliveries/{id}</c>.</summary>
    public static ChangeInput ReadDelivery(JsonFields body) => Checked(body, new(
        body.Place("pickup", "pickupLocation"),
        body.Place("dropoff", "dropOffLocation"),
        body.Time("pickupTime"),
        body.Deadline("deadline")));

    /// <summary>Locates the places and compares the times with those that stay; null, with the faults noted, when that fails.</summary>
    /// <param name="geocoder">Locates the places.</param>
    /// <param name="times">What times are taken.</param>
    /// <param name="errors">Where faults are noted.</param>
    /// <param name="known">The order as it stands, asked for only when times change.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask<DeliveryChange?> Locate(
        IGeocoder geocoder, OrderTimes times, FieldErrors errors, Func<ValueTask<DeliveryRequestSnapshot?>> known, CancellationToken cancellationToken)
    {
        if (await Objection(times, known) is var (field, objection)) errors.Add(field, objection);
        var pickup = Pickup is null ? null : await Pickup.Locate(geocoder, errors, cancellationToken);
        var dropoff = Dropoff is null ? null : await Dropoff.Locate(geocoder, errors, cancellationToken);
        return errors.Any ? null : new DeliveryChange(
            pickup, dropoff, PickupTime, DeadlineText, DeadlineText is null ? null : Deadlines.Read(DeadlineText));
    }

    private async ValueTask<(string Field, string Objection)?> Objection(OrderTimes times, Func<ValueTask<DeliveryRequestSnapshot?>> known)
    {
        if (PickupTime is null && DeadlineText is null) return null;
        if (times.Objection(PickupTime) is { } tooFar) return ("pickupTime", tooFar);
        var order = (await known())?.Order;
        var deadline = DeadlineText is null ? order?.Deadline : Deadlines.Read(DeadlineText);
        if (times.Objection(deadline, PickupTime ?? order?.PickupTime) is not { } objection) return null;
        return DeadlineText is null ? ("pickupTime", $"cannot be kept: the deadline {objection}") : ("deadline", objection);
    }

    private static ChangeInput Checked(JsonFields body, ChangeInput change)
    {
        if (change is { Pickup: null, Dropoff: null, PickupTime: null, DeadlineText: null }) body.FaultAll("has nothing to change");
        return change;
    }
}
