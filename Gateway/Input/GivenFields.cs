using DroneDelivery.Scheduling;

namespace DroneDelivery.Gateway.Input;

/// <summary>What a body says of an order that is there already and that cannot change, and whether it says something of the deadline; null: nothing.</summary>
internal sealed record GivenFields(
    string? OwnerId, string? PackageId, PackageSize? Size, double? Weight, string? Tag, bool? Expedited, ConfirmationRequired? Confirmation, bool Deadline)
{
    /// <summary>Reads the body of a delivery request.</summary>
    public static GivenFields OfRequest(JsonFields body) => Read(body, body.Object("packageInfo"), body.Id("ownerId"));

    /// <summary>Reads the body of a delivery.</summary>
    public static GivenFields OfDelivery(JsonFields body)
    {
        var owner = body.Object("owner");
        return Read(body, body.Object("packageInfo"), owner?.Id("accountId") ?? owner?.Id("userId") ?? body.Id("ownerId"));
    }

    /// <summary>Reads the body of a delivery as given to the drone scheduler.</summary>
    public static GivenFields OfDroneDelivery(JsonFields body) => Read(body, body.Object("packageDetail", "packageInfo"), body.Id("ownerId"));

    /// <summary>Whether nothing is said that could contradict the order.</summary>
    public bool AreNone => this is { OwnerId: null, PackageId: null, Size: null, Weight: null, Tag: null, Expedited: null, Confirmation: null };

    /// <summary>Why the order cannot become what is given; null: nothing contradicts it.</summary>
    public string? Objection(DeliveryOrder order) =>
        OwnerId is not null && OwnerId != order.OwnerId ? Cannot("owner")
        : PackageId is not null && PackageId != order.PackageId ? Cannot("package")
        : Size is not null && Size != order.Package.Size ? Cannot("size of the package")
        : Weight is not null && Weight != order.Package.Weight ? Cannot("weight of the package")
        : Tag is not null && Tag != (order.Package.Tag ?? "") ? Cannot("tag of the package")
        : Expedited is not null && Expedited != order.Expedited ? Cannot("field 'expedited'")
        : Confirmation is not null && Confirmation != order.Confirmation ? Cannot("field 'confirmationRequired'")
        : null;

    private static GivenFields Read(JsonFields body, JsonFields? package, string? ownerId) => new(
        ownerId,
        package?.Id("packageId", "id"),
        package?.Choice<PackageSize>("size"),
        package?.Positive("weight", Packages.PackageDetails.MaxWeight),
        package?.Text("tag", OrderInput.MaxTextLength),
        body.Flag("expedited"),
        body.Choice<ConfirmationRequired>("confirmationRequired"),
        body.Has("deadline"));

    private static string Cannot(string what) => $"The {what} of an order cannot be changed; cancel it and order anew.";
}
