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
        body.Text("deadline", OrderInput.MaxTextLength)));

    /// <summary>Reads the body of <c>PATCH /api/deliveries/{id}</c>.</summary>
    public static ChangeInput ReadDelivery(JsonFields body) => Checked(body, new(
        body.Place("pickup", "pickupLocation"),
        body.Place("dropoff", "dropOffLocation"),
        body.Time("pickupTime"),
        body.Text("deadline", OrderInput.MaxTextLength)));

    /// <summary>Locates the places; null, with the faults noted, when that fails.</summary>
    public async ValueTask<DeliveryChange?> Locate(IGeocoder geocoder, FieldErrors errors, CancellationToken cancellationToken)
    {
        var pickup = Pickup is null ? null : await Pickup.Locate(geocoder, errors, cancellationToken);
        var dropoff = Dropoff is null ? null : await Dropoff.Locate(geocoder, errors, cancellationToken);
        return errors.Any ? null : new DeliveryChange(
            pickup, dropoff, PickupTime, DeadlineText, DeadlineText is null ? null : OrderInput.ReadDeadline(DeadlineText));
    }

    private static ChangeInput Checked(JsonFields body, ChangeInput change)
    {
        if (change is { Pickup: null, Dropoff: null, PickupTime: null, DeadlineText: null }) body.FaultAll("has nothing to change");
        return change;
    }
}
