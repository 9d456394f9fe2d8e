using System.Security.Cryptography;
using System.Text;

namespace DroneDelivery.Notifications;

/// <summary>
/// Something that happened to a delivery, as told to its owner. What it says is fixed when it happens: told again, it is the same to the letter.
/// </summary>
/// <param name="Kind">What happened.</param>
/// <param name="DeliveryId">The delivery.</param>
/// <param name="OwnerId">Its owner.</param>
/// <param name="Sequence">Orders the notices of one source of a delivery, as text.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Detail">What happened, in words.</param>
/// <param name="Location">Where the drone was, if one was there.</param>
/// <param name="Attempt">Number of the mission whose drone was at the location.</param>
/// <param name="Order">What is asked for now, of notices about an order.</param>
/// <param name="Address">Whom to tell, of notices that ask for an e-mail or a text message.</param>
/// <param name="Stage">The stage to tell them of.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Notifications.DeliveryNotice")]
public sealed record DeliveryNotice(
    NoticeKind Kind,
    string DeliveryId,
    string OwnerId,
    string Sequence,
    DateTimeOffset Time,
    string? Detail = null,
    GeoPoint? Location = null,
    int? Attempt = null,
    NoticeOrder? Order = null,
    string? Address = null,
    DeliveryStage? Stage = null)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>
    /// Names the notice, the same whenever it is told: receivers drop what they have seen. A digest, because ids of deliveries may hold
    /// characters that neither a header nor the text under a signature can.
    /// </summary>
    public string Id => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{Kind}\n{Sequence}\n{DeliveryId}")).AsSpan(0, 16));

    /// <summary>Text that sorts like the number.</summary>
    public static string SequenceOf(long number) => number.ToString("D10", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Text that sorts behind the number and before the next.</summary>
    public static string SequenceOf(long number, int part) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{number:D10}.{part:D3}");
}

/// <summary>What is asked for.</summary>
/// <param name="PackageId">Package to carry.</param>
/// <param name="Pickup">Where to fetch it.</param>
/// <param name="Dropoff">Where to bring it.</param>
/// <param name="PickupTime">Not before this time.</param>
/// <param name="Deadline">The deadline as the client wrote it.</param>
/// <param name="Expedited">Served before others.</param>
/// <param name="Confirmation">What the receiver must give.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Notifications.NoticeOrder")]
public sealed record NoticeOrder(
    string PackageId, Place Pickup, Place Dropoff, DateTimeOffset PickupTime, string Deadline, bool Expedited, ConfirmationRequired Confirmation)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>What a notice is about. The names are the types of the events that leave the system.</summary>
public enum NoticeKind
{
    /// <summary>Somebody tests a subscription; nothing happened.</summary>
    SubscriptionTested = 0,
    /// <summary>A request was accepted.</summary>
    DeliveryRequested = 1,
    /// <summary>The client changed places or times.</summary>
    DeliveryChanged = 2,
    /// <summary>The request was refused; final.</summary>
    DeliveryRejected = 3,
    /// <summary>The request was cancelled; final.</summary>
    DeliveryCancelled = 4,
    /// <summary>Something keeps failing; an operator decides.</summary>
    DeliveryDeadLettered = 5,
    /// <summary>The flight went wrong; an operator decides.</summary>
    DeliveryIncidentRaised = 6,
    /// <summary>An operator let it go on.</summary>
    DeliveryResumed = 7,
    /// <summary>An operator gave it up; final.</summary>
    DeliveryFailed = 8,
    /// <summary>A drone is committed.</summary>
    DeliveryCreated = 9,
    /// <summary>The drone was called back or lost before pickup; another one is sought.</summary>
    DeliveryRescheduled = 10,
    /// <summary>The drone flies to the pickup.</summary>
    DeliveryHeadedToPickup = 11,
    /// <summary>The drone has the parcel.</summary>
    DeliveryHeadedToDropoff = 12,
    /// <summary>The parcel was delivered; final.</summary>
    DeliveryCompleted = 13,
    /// <summary>Somebody asked to be told of the end by e-mail.</summary>
    EmailNotificationRequested = 14,
    /// <summary>Somebody asked to be told of the end by text message.</summary>
    SmsNotificationRequested = 15,
}
