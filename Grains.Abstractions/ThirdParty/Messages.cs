namespace DroneDelivery.ThirdParty;

/// <summary>Where an order stands with a partner.</summary>
public enum PartnerStatus
{
    /// <summary>The partner has not decided yet.</summary>
    Asked = 0,
    /// <summary>It will carry the parcel.</summary>
    Accepted = 1,
    /// <summary>It is on its way to the pickup.</summary>
    HeadedToPickup = 2,
    /// <summary>It has the parcel.</summary>
    PickedUp = 3,
    /// <summary>It handed the parcel over; final.</summary>
    Delivered = 4,
    /// <summary>It will not carry the parcel; final.</summary>
    Refused = 5,
    /// <summary>Cancelled before pickup; final.</summary>
    Cancelled = 6,
    /// <summary>It accepted and could not; final.</summary>
    Failed = 7,
}

/// <summary>What a partner is asked to carry.</summary>
/// <param name="DeliveryId">What it serves; with the attempt the key under which the partner knows the order.</param>
/// <param name="Attempt">Number of the mission.</param>
/// <param name="Pickup">Where to fetch the parcel.</param>
/// <param name="Dropoff">Where to bring it.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="Size">Size class.</param>
/// <param name="PickupTime">Not before this time.</param>
/// <param name="Deadline">Latest handover; null: none.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.ThirdParty.PartnerOrder")]
public sealed record PartnerOrder(
    string DeliveryId, int Attempt, Place Pickup, Place Dropoff, double Weight, PackageSize Size, DateTimeOffset PickupTime, DateTimeOffset? Deadline)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>What a partner says of an order.</summary>
/// <param name="DeliveryId">What it serves.</param>
/// <param name="Attempt">Number of the mission.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Time">When, by the partner's clock.</param>
/// <param name="PickupEta">Expected pickup.</param>
/// <param name="DeliveryEta">Expected handover; always given with an acceptance.</param>
/// <param name="Position">Where the parcel or its carrier is.</param>
/// <param name="Reason">Why it was refused or failed.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.ThirdParty.PartnerReport")]
public sealed record PartnerReport(
    string DeliveryId,
    int Attempt,
    PartnerStatus Status,
    DateTimeOffset Time,
    DateTimeOffset? PickupEta = null,
    DateTimeOffset? DeliveryEta = null,
    GeoPoint? Position = null,
    string? Reason = null);

/// <summary>An order as read.</summary>
/// <param name="DeliveryId">What it serves.</param>
/// <param name="Attempt">Number of the mission.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Reason">Why it was refused or failed.</param>
/// <param name="HasParcel">Whether the partner has, or had, the parcel.</param>
/// <param name="PickupEta">Expected pickup.</param>
/// <param name="DeliveryEta">Expected handover.</param>
/// <param name="AskedAt">When the partner was first asked.</param>
/// <param name="HeardAt">When the partner was last heard of this order, by our clock; the start of the grain counts too.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.ThirdParty.PartnerOrderSnapshot")]
public sealed record PartnerOrderSnapshot(
    string DeliveryId,
    int Attempt,
    PartnerStatus Status,
    string? Reason,
    bool HasParcel,
    DateTimeOffset? PickupEta,
    DateTimeOffset? DeliveryEta,
    DateTimeOffset AskedAt,
    DateTimeOffset HeardAt);
