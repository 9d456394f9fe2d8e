using System.Text.Json.Serialization;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Queries;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Gateway.Resources;

/// <summary>Whose delivery it is.</summary>
/// <param name="UserId">The user; the same as the account, as the service knows accounts only.</param>
/// <param name="AccountId">The account.</param>
internal sealed record UserAccount(string UserId, string AccountId)
{
    public static UserAccount Of(string ownerId) => new(ownerId, ownerId);
}

/// <summary>A delivery.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Pickup">Where it is fetched.</param>
/// <param name="Dropoff">Where it is brought.</param>
/// <param name="Deadline">Latest handover, as the client wrote it.</param>
/// <param name="Expedited">Served before others.</param>
/// <param name="ConfirmationRequired">0 fingerprint, 1 picture, 2 voice, 3 none.</param>
/// <param name="DroneId">The drone that carries it, once there is one; a partner as partner/ID.</param>
/// <param name="Lost">True when an operator gave the parcel up after its pickup; left out otherwise.</param>
internal sealed record DeliveryResource(
    string Id, UserAccount Owner, Location Pickup, Location Dropoff, string Deadline, bool Expedited, int ConfirmationRequired, string? DroneId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Lost = null) : IVersioned
{
    [JsonIgnore]
    public string? Version { get; init; }

    /// <summary>False when the deadline was written as free text, which means none.</summary>
    public bool DeadlineUnderstood { get; init; } = true;

    /// <summary>The order as it is now, and what carries it.</summary>
    public static DeliveryResource Of(DeliveryRequestSnapshot request, DeliverySnapshot? delivery) =>
        Of(request.DeliveryId, request.Order, delivery is null ? request.Transport?.DroneId : delivery.DroneId) with { Lost = IsLost(delivery), Version = request.OrderVersion };

    public static DeliveryResource Of(string deliveryId, DeliveryOrder order, string? droneId = null) => new(
        deliveryId,
        UserAccount.Of(order.OwnerId),
        Location.Of(order.Pickup.Location),
        Location.Of(order.Dropoff.Location),
        order.DeadlineText,
        order.Expedited,
        (int)order.Confirmation,
        droneId)
    {
        DeadlineUnderstood = Deadlines.IsUnderstood(order.DeadlineText, order.Deadline),
    };

    private static bool? IsLost(DeliverySnapshot? delivery) => delivery is { DroneId: null, Status.Stage: DeliveryStage.HeadedToDropoff } ? true : null;
}

/// <summary>Where a delivery is.</summary>
/// <param name="Stage">0 created, 1 rescheduled, 2 headed to pickup, 3 headed to dropoff, 4 completed, 5 cancelled.</param>
/// <param name="LastKnownLocation">Position of the drone, or the pickup before there is one.</param>
/// <param name="PickupEta">Expected or actual pickup.</param>
/// <param name="DeliveryEta">Expected or actual handover.</param>
/// <param name="Lost">True when the parcel was given up after its pickup, and nothing will change any more; left out otherwise.</param>
internal sealed record DeliveryStatusResource(
    int Stage,
    Location LastKnownLocation,
    [property: JsonPropertyName("pickupETA")] DateTimeOffset? PickupEta,
    [property: JsonPropertyName("deliveryETA")] DateTimeOffset? DeliveryEta,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Lost = null)
{
    public static DeliveryStatusResource Of(DeliveryStatus status) =>
        new((int)status.Stage, Location.Of(status.LastKnownLocation), status.PickupEta, status.DeliveryEta, status.Lost ? true : null);
}

/// <summary>One entry of a delivery's history.</summary>
/// <param name="Sequence">1, 2, 3 … without gaps.</param>
/// <param name="Stage">Stage after it.</param>
/// <param name="Time">When.</param>
/// <param name="Location">Where the drone was, if one was there.</param>
/// <param name="Detail">What happened, in words.</param>
/// <param name="Lost">True when the parcel was given up with it; left out otherwise.</param>
internal sealed record TrackingEventResource(
    long Sequence, DeliveryStage Stage, DateTimeOffset Time, Location? Location, string? Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Lost = null)
{
    public static TrackingEventResource Of(TrackingEvent occurred) =>
        new(occurred.Sequence, occurred.Stage, occurred.Time, Resources.Location.Of(occurred.Location), occurred.Detail, occurred.Lost);
}

/// <summary>A delivery in a list; <c>GET /api/deliveries/{id}</c> has the rest.</summary>
/// <param name="Id">Its id.</param>
/// <param name="OwnerId">The account that asked for it.</param>
/// <param name="Stage">0 created, 1 rescheduled, 2 headed to pickup, 3 headed to dropoff, 4 completed, 5 cancelled.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="ChangedAt">When it came to its stage.</param>
internal sealed record DeliveryListEntryResource(string Id, string OwnerId, int Stage, DateTimeOffset RequestedAt, DateTimeOffset ChangedAt);

/// <summary>A page of deliveries, the most recently changed first.</summary>
/// <param name="Deliveries">The deliveries.</param>
/// <param name="Continuation">To be given for the next page; null: nothing follows.</param>
internal sealed record DeliveryPageResource(IReadOnlyList<DeliveryListEntryResource> Deliveries, string? Continuation)
{
    public static DeliveryPageResource Of(DeliveryIndexPage page) => new(
        [.. page.Deliveries.Select(row => new DeliveryListEntryResource(row.DeliveryId, row.OwnerId, (int)row.Stage, row.RequestedAt, row.ChangedAt))],
        page.Next?.ToString());
}

/// <summary>A delivery as put with a caller-chosen id.</summary>
internal sealed record DeliveryBody
{
    /// <summary>Whose it is; left out: an account of that name is used that nobody owns.</summary>
    public UserAccount? Owner { get; init; }

    /// <summary>Where to fetch it.</summary>
    public required PlaceText Pickup { get; init; }

    /// <summary>Where to bring it.</summary>
    public required PlaceText Dropoff { get; init; }

    /// <summary>Latest handover. Free text means no deadline; what looks like a time must be one.</summary>
    public string? Deadline { get; init; }

    /// <summary>Served before others.</summary>
    public bool? Expedited { get; init; }

    /// <summary>0 fingerprint, 1 picture, 2 voice, 3 none; also by name.</summary>
    public int? ConfirmationRequired { get; init; }

    /// <summary>What to carry; left out: a small package of 1 kg.</summary>
    public PackageInfo? PackageInfo { get; init; }
}

/// <summary>Changes to a delivery; what is left out stays.</summary>
/// <param name="Pickup">New pickup.</param>
/// <param name="Dropoff">New dropoff.</param>
/// <param name="Deadline">New deadline.</param>
internal sealed record DeliveryChangeBody(PlaceText? Pickup, PlaceText? Dropoff, string? Deadline);

/// <summary>Somebody who wants to hear of a delivery; at least one address.</summary>
/// <param name="EmailAddress">E-mail address.</param>
/// <param name="Sms">Phone number.</param>
internal sealed record NotifyMeBody(string? EmailAddress, string? Sms);

/// <summary>The receiver's confirmation.</summary>
/// <param name="DateTime">When it was given; left out: now.</param>
/// <param name="GeoCoordinates">Where.</param>
/// <param name="ConfirmationType">What it is.</param>
/// <param name="ConfirmationBlob">The picture, print or recording.</param>
internal sealed record ConfirmationBody(ConfirmationTime? DateTime, Location? GeoCoordinates, ConfirmationRequired ConfirmationType, string? ConfirmationBlob);

/// <summary>When a confirmation was given.</summary>
/// <param name="DateTimeValue">The time.</param>
internal sealed record ConfirmationTime(DateTimeOffset DateTimeValue);

/// <summary>One delivery as its drone sees it.</summary>
/// <param name="DeliveryId">The delivery.</param>
/// <param name="Stage">0 created, 1 rescheduled, 2 headed to pickup, 3 headed to dropoff, 4 completed, 5 cancelled.</param>
/// <param name="Location">Where the drone is.</param>
internal sealed record FlightResource(string DeliveryId, int Stage, Location Location);

/// <summary>A delivery as given to the drone scheduler.</summary>
internal sealed record DroneDeliveryBody
{
    /// <summary>The delivery; the one in the path counts.</summary>
    public string? DeliveryId { get; init; }

    /// <summary>The account that asks; left out: an account of that name is used that nobody owns.</summary>
    public string? OwnerId { get; init; }

    /// <summary>Where to fetch it.</summary>
    public required PlaceText Pickup { get; init; }

    /// <summary>Where to bring it.</summary>
    public required PlaceText Dropoff { get; init; }

    /// <summary>What to carry; left out: a small package of 1 kg.</summary>
    public PackageResource? PackageDetail { get; init; }

    /// <summary>What the receiver must give.</summary>
    public ConfirmationRequired? ConfirmationRequired { get; init; }

    /// <summary>Served before others.</summary>
    public bool? Expedited { get; init; }
}
