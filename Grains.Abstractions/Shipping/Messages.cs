using DroneDelivery.Drones;

namespace DroneDelivery.Shipping;

/// <summary>What is to be carried where.</summary>
/// <param name="OwnerId">Account that ordered.</param>
/// <param name="PackageId">Package carried.</param>
/// <param name="Pickup">Where to fetch it.</param>
/// <param name="Dropoff">Where to bring it.</param>
/// <param name="DeadlineText">Deadline as the client wrote it.</param>
/// <param name="Expedited">Whether it was expedited.</param>
/// <param name="Confirmation">What the receiver must give.</param>
/// <param name="RequestedAt">When it was asked for; plans of earlier builds do not say.</param>
/// <param name="Weight">Kilograms; plans of earlier builds do not say.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Shipping.DeliveryPlan")]
public sealed record DeliveryPlan(
    string OwnerId,
    string PackageId,
    Place Pickup,
    Place Dropoff,
    string DeadlineText,
    bool Expedited,
    ConfirmationRequired Confirmation,
    DateTimeOffset RequestedAt = default,
    double Weight = 0)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>The mission that may carry the delivery; all others are void.</summary>
/// <param name="DroneId">The drone.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="Start">Where the drone was when it was chosen.</param>
/// <param name="Eta">Expected times.</param>
/// <param name="Speed">Fastest speed over ground at which the drone is believed to move, m/s; 0: not known.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Shipping.MissionAssignment")]
public sealed record MissionAssignment(string DroneId, int Attempt, GeoPoint Start, MissionEta Eta, double Speed = 0);

/// <summary>Progress that a drone reports.</summary>
/// <param name="DroneId">The drone.</param>
/// <param name="Attempt">Its mission.</param>
/// <param name="Phase">Phase reached.</param>
/// <param name="Position">Where it is.</param>
/// <param name="Time">When, by the drone's clock.</param>
/// <param name="Eta">Expected times from here.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Shipping.MissionReport")]
public sealed record MissionReport(
    string DroneId, int Attempt, MissionPhase Phase, GeoPoint Position, DateTimeOffset Time, MissionEta Eta);

/// <summary>Position of the drone that serves a delivery.</summary>
/// <param name="DroneId">The drone.</param>
/// <param name="Attempt">Its mission.</param>
/// <param name="Position">Where it is.</param>
/// <param name="Time">When.</param>
/// <param name="Eta">Expected times from here.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Shipping.PositionUpdate")]
public sealed record PositionUpdate(string DroneId, int Attempt, GeoPoint Position, DateTimeOffset Time, MissionEta Eta);

/// <summary>The receiver's confirmation.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Time">When it was given.</param>
/// <param name="Location">Where.</param>
/// <param name="Blob">The picture, print or recording, as sent; null in what a delivery stores, <see cref="IConfirmationGrain"/> keeps it.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Shipping.DeliveryConfirmation")]
public sealed record DeliveryConfirmation(ConfirmationRequired Type, DateTimeOffset Time, GeoPoint? Location, string? Blob)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Longest blob, characters of base64: with what stands around it, it fits the 2 MB that Azure Cosmos DB allows a document.</summary>
    public const int MaxBlobLength = 1_900_000;

    /// <summary>Most bytes that a blob of this length holds.</summary>
    public const int MaxBytes = MaxBlobLength / 4 * 3;

    /// <summary>Longest blob that is text, characters, each of which may take several bytes.</summary>
    public const int MaxTextLength = 256 * 1024;

    /// <summary>Leaves out what may show a person.</summary>
    public override string ToString() => $"{Type} at {Time:O}";
}

/// <summary>Somebody who wants to hear of the delivery.</summary>
/// <param name="EmailAddress">E-mail address.</param>
/// <param name="Sms">Phone number.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Shipping.NotificationRequest")]
public sealed record NotificationRequest(string? EmailAddress, string? Sms)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>One entry of a delivery's history.</summary>
/// <param name="Sequence">1, 2, 3 … without gaps.</param>
/// <param name="Stage">Stage after it.</param>
/// <param name="Time">When.</param>
/// <param name="Location">Where the drone was, if one was there.</param>
/// <param name="Detail">What happened, in words.</param>
/// <param name="Attempt">Number of the mission whose drone was at the location; null: none was.</param>
/// <param name="Lost">Whether the parcel was given up with it; null: no, or written by an earlier build.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Shipping.TrackingEvent")]
public sealed record TrackingEvent(
    long Sequence, DeliveryStage Stage, DateTimeOffset Time, GeoPoint? Location, string? Detail, int? Attempt = null, bool? Lost = null)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }

    private const string AskedDetail = "Asked for.";

    /// <summary>Whether this is <see cref="Asked"/>; the first event of deliveries made by earlier builds is their first mission instead.</summary>
    public bool IsAsked => this is { Sequence: 1, Stage: DeliveryStage.Created, Location: null, Attempt: null, Detail: AskedDetail };

    /// <summary>Event 1, known from the request before there is a delivery and stored with it when there is.</summary>
    public static TrackingEvent Asked(DateTimeOffset at) => new(1, DeliveryStage.Created, at, null, AskedDetail);
}

/// <summary>What a delivery tells its request.</summary>
/// <param name="Sequence">Tracking sequence number of the change.</param>
/// <param name="Stage">Stage after it.</param>
/// <param name="Time">When.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Shipping.DeliveryEvent")]
public sealed record DeliveryEvent(long Sequence, DeliveryStage Stage, DateTimeOffset Time);

/// <summary>Stage, position and expected times.</summary>
/// <param name="Stage">Stage.</param>
/// <param name="LastKnownLocation">Position of the drone, or of the pickup before there is one.</param>
/// <param name="PickupEta">Expected or actual pickup.</param>
/// <param name="DeliveryEta">Expected or actual handover.</param>
/// <param name="LastEvent">Number of the last tracking event that clients may be told.</param>
/// <param name="Lost">Whether the parcel was given up after its pickup: nothing will change any more, though the stage is not final.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Shipping.DeliveryStatus")]
public sealed record DeliveryStatus(
    DeliveryStage Stage, GeoPoint LastKnownLocation, DateTimeOffset? PickupEta, DateTimeOffset? DeliveryEta, long LastEvent = 0, bool Lost = false);

/// <summary>A delivery as read.</summary>
/// <param name="DeliveryId">Its id.</param>
/// <param name="Plan">What is carried where.</param>
/// <param name="Status">Stage, position, ETAs.</param>
/// <param name="DroneId">Drone of the valid mission, or null.</param>
/// <param name="Attempt">Number of the valid or last mission.</param>
/// <param name="CompletedAt">When it completed.</param>
/// <param name="Drained">Whether everybody but its request has taken in what happened to it.</param>
/// <param name="HandedOverAt">When the parcel was handed over; a confirmation may still be awaited.</param>
/// <param name="LastEvent">Number of its last tracking event.</param>
/// <param name="AnnouncedEvent">Number of the tracking event up to which its owner has been told.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Shipping.DeliverySnapshot")]
public sealed record DeliverySnapshot(
    string DeliveryId,
    DeliveryPlan Plan,
    DeliveryStatus Status,
    string? DroneId,
    int Attempt,
    DateTimeOffset? CompletedAt,
    bool Drained = false,
    DateTimeOffset? HandedOverAt = null,
    long LastEvent = 0,
    long AnnouncedEvent = 0);
