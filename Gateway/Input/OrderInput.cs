using DroneDelivery.Gateway.Geocoding;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Gateway.Input;

/// <summary>An order as read from a body: checked, but its places not yet located.</summary>
internal sealed record OrderInput(
    string? OwnerId,
    string? PackageId,
    PackageDetails Package,
    RawPlace Pickup,
    RawPlace Dropoff,
    DateTimeOffset? PickupTime,
    string DeadlineText,
    bool Expedited,
    ConfirmationRequired Confirmation)
{
    /// <summary>Longest deadline, tag or reason, characters.</summary>
    public const int MaxTextLength = 256;

    /// <summary>The account of what nobody owns: the earlier delivery and drone services were not told for whom they carry.</summary>
    public const string NobodysAccount = "anonymous";

    private static readonly PackageDetails UnknownPackage = new(PackageSize.Small, 1, null);

    /// <summary>Reads the body of <c>POST /api/deliveryrequests</c>. A caller with an account of its own need not name it.</summary>
    public static OrderInput ReadRequest(JsonFields body, bool ownerIsKnown)
    {
        var package = body.RequiredObject("packageInfo");
        return new(
            ownerIsKnown ? body.Id("ownerId") : body.RequiredId("ownerId"),
            package.NewId("packageId"),
            ReadPackage(package),
            body.RequiredPlace("pickupLocation"),
            body.RequiredPlace("dropOffLocation"),
            body.Time("pickupTime"),
            body.Deadline("deadline") ?? "",
            body.Flag("expedited") ?? false,
            body.Choice<ConfirmationRequired>("confirmationRequired") ?? ConfirmationRequired.None);
    }

    /// <summary>Reads the body of <c>PUT /api/deliveries/{id}</c>.</summary>
    public static OrderInput ReadDelivery(JsonFields body)
    {
        var package = body.Object("packageInfo");
        var owner = body.Object("owner");
        return new(
            owner?.Id("accountId") ?? owner?.Id("userId") ?? body.Id("ownerId"),
            package?.NewId("packageId"),
            package is null ? UnknownPackage : ReadPackage(package),
            body.RequiredPlace("pickup", "pickupLocation"),
            body.RequiredPlace("dropoff", "dropOffLocation"),
            body.Time("pickupTime"),
            body.Deadline("deadline") ?? "",
            body.Flag("expedited") ?? false,
            body.Choice<ConfirmationRequired>("confirmationRequired") ?? ConfirmationRequired.None);
    }

    /// <summary>Reads the body of <c>PUT /api/dronedeliveries/{deliveryId}</c>.</summary>
    public static OrderInput ReadDroneDelivery(JsonFields body)
    {
        var package = body.Object("packageDetail", "packageInfo");
        return new(
            body.Id("ownerId"),
            package?.NewId("id", "packageId"),
            package is null ? UnknownPackage : ReadPackage(package),
            body.RequiredPlace("pickup", "pickupLocation"),
            body.RequiredPlace("dropoff", "dropOffLocation"),
            body.Time("pickupTime"),
            body.Deadline("deadline") ?? "",
            body.Flag("expedited") ?? false,
            body.Choice<ConfirmationRequired>("confirmationRequired") ?? ConfirmationRequired.None);
    }

    /// <summary>Reads size, weight and tag.</summary>
    public static PackageDetails ReadPackage(JsonFields body) => new(
        body.RequiredChoice<PackageSize>("size"),
        body.RequiredPositive("weight", PackageDetails.MaxWeight),
        body.Text("tag", MaxTextLength));

    /// <summary>
    /// Makes it an order of this account and locates the places; null, with the faults noted, when that fails. A deadline that has passed is one, unless the
    /// order that is known says the same: then this repeats what was accepted in time.
    /// </summary>
    /// <param name="ownerId">Whose order it is.</param>
    /// <param name="geocoder">Locates the places.</param>
    /// <param name="times">What times are taken.</param>
    /// <param name="errors">Where faults are noted.</param>
    /// <param name="known">The order of this id, asked for only when the deadline is at fault.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask<DeliveryOrder?> Locate(
        string ownerId, IGeocoder geocoder, OrderTimes times, FieldErrors errors, Func<ValueTask<DeliveryRequestSnapshot?>> known, CancellationToken cancellationToken)
    {
        if (times.Objection(PickupTime) is { } tooFar)
        {
            errors.Add("pickupTime", tooFar);
            return null;
        }

        if (times.Objection(Deadlines.Read(DeadlineText), PickupTime) is { } objection && (await known())?.Order.DeadlineText != DeadlineText)
        {
            errors.Add("deadline", objection);
            return null;
        }

        var pickup = await Pickup.Locate(geocoder, errors, cancellationToken);
        var dropoff = await Dropoff.Locate(geocoder, errors, cancellationToken);
        if (pickup is null || dropoff is null) return null;

        return new DeliveryOrder(
            ownerId,
            PackageId ?? Guid.CreateVersion7().ToString("N"),
            Package,
            pickup,
            dropoff,
            PickupTime ?? times.Now,
            Deadlines.Read(DeadlineText),
            DeadlineText,
            Expedited,
            Confirmation);
    }
}
