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
            package.Id("packageId"),
            ReadPackage(package),
            body.RequiredPlace("pickupLocation"),
            body.RequiredPlace("dropOffLocation"),
            body.Time("pickupTime"),
            body.Text("deadline", MaxTextLength) ?? "",
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
            package?.Id("packageId"),
            package is null ? UnknownPackage : ReadPackage(package),
            body.RequiredPlace("pickup", "pickupLocation"),
            body.RequiredPlace("dropoff", "dropOffLocation"),
            body.Time("pickupTime"),
            body.Text("deadline", MaxTextLength) ?? "",
            body.Flag("expedited") ?? false,
            body.Choice<ConfirmationRequired>("confirmationRequired") ?? ConfirmationRequired.None);
    }

    /// <summary>Reads the body of <c>PUT /api/dronedeliveries/{deliveryId}</c>.</summary>
    public static OrderInput ReadDroneDelivery(JsonFields body)
    {
        var package = body.Object("packageDetail", "packageInfo");
        return new(
            body.Id("ownerId"),
            package?.Id("id", "packageId"),
            package is null ? UnknownPackage : ReadPackage(package),
            body.RequiredPlace("pickup", "pickupLocation"),
            body.RequiredPlace("dropoff", "dropOffLocation"),
            body.Time("pickupTime"),
            body.Text("deadline", MaxTextLength) ?? "",
            body.Flag("expedited") ?? false,
            body.Choice<ConfirmationRequired>("confirmationRequired") ?? ConfirmationRequired.None);
    }

    /// <summary>Reads size, weight and tag.</summary>
    public static PackageDetails ReadPackage(JsonFields body) => new(
        body.RequiredChoice<PackageSize>("size"),
        body.RequiredPositive("weight", PackageDetails.MaxWeight),
        body.Text("tag", MaxTextLength));

    /// <summary>Makes it an order of this account and locates the places; null, with the faults noted, when that fails.</summary>
    public async ValueTask<DeliveryOrder?> Locate(
        string ownerId, IGeocoder geocoder, TimeProvider time, FieldErrors errors, CancellationToken cancellationToken)
    {
        var pickup = await Pickup.Locate(geocoder, errors, cancellationToken);
        var dropoff = await Dropoff.Locate(geocoder, errors, cancellationToken);
        if (pickup is null || dropoff is null) return null;

        return new DeliveryOrder(
            ownerId,
            PackageId ?? Guid.CreateVersion7().ToString("N"),
            Package,
            pickup,
            dropoff,
            PickupTime ?? time.GetUtcNow(),
            ReadDeadline(DeadlineText),
            DeadlineText,
            Expedited,
            Confirmation);
    }

    /// <summary>The deadline, if the text is a time.</summary>
    public static DateTimeOffset? ReadDeadline(string text) => LooseTime.TryRead(text, out var deadline) ? deadline : null;
}
