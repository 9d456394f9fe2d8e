using System.Text.Json.Serialization;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Gateway.Resources;

/// <summary>A request for a delivery, as clients send it and get it back.</summary>
internal record DeliveryRequestBody
{
    /// <summary>Made by the service; ignored when sent.</summary>
    public string? DeliveryId { get; init; }

    /// <summary>What the receiver must give.</summary>
    public ConfirmationRequired ConfirmationRequired { get; init; }

    /// <summary>Latest handover. Free text means no deadline; what looks like a time must be one.</summary>
    public string Deadline { get; init; } = "";

    /// <summary>Ignored when sent. False when the deadline was written as free text, which means none.</summary>
    public bool DeadlineUnderstood { get; init; } = true;

    /// <summary>Where to hand over.</summary>
    public required PlaceText DropOffLocation { get; init; }

    /// <summary>Served before others.</summary>
    public bool Expedited { get; init; }

    /// <summary>The account that asks.</summary>
    public required string OwnerId { get; init; }

    /// <summary>What to carry.</summary>
    public required PackageInfo PackageInfo { get; init; }

    /// <summary>Where to pick up.</summary>
    public required PlaceText PickupLocation { get; init; }

    /// <summary>Not before this time; may lie in the past. Left out: now.</summary>
    public DateTimeOffset PickupTime { get; init; }

    public static DeliveryRequestBody Of(string deliveryId, DeliveryOrder order) => new()
    {
        DeliveryId = deliveryId,
        ConfirmationRequired = order.Confirmation,
        Deadline = order.DeadlineText,
        DeadlineUnderstood = Deadlines.IsUnderstood(order.DeadlineText, order.Deadline),
        DropOffLocation = PlaceText.Of(order.Dropoff),
        Expedited = order.Expedited,
        OwnerId = order.OwnerId,
        PackageInfo = PackageInfo.Of(order),
        PickupLocation = PlaceText.Of(order.Pickup),
        PickupTime = order.PickupTime,
    };
}

/// <summary>The package of a request.</summary>
/// <param name="PackageId">Its id; left out: one is made.</param>
/// <param name="Size">Size class.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="Tag">Barcode or other label.</param>
internal sealed record PackageInfo(string? PackageId, PackageSize Size, double Weight, string? Tag)
{
    public static PackageInfo Of(DeliveryOrder order) => new(order.PackageId, order.Package.Size, order.Package.Weight, order.Package.Tag);
}

/// <summary>A request and what became of it.</summary>
internal sealed record DeliveryRequestResource : DeliveryRequestBody, IVersioned
{
    [JsonIgnore]
    public string? Version { get; init; }

    /// <summary>Where the request stands.</summary>
    public RequestStatus Status { get; init; }

    /// <summary>Step that comes next while it is not settled.</summary>
    public SchedulingStep? Step { get; init; }

    /// <summary>Why it waits, was refused or cancelled.</summary>
    public string? Reason { get; init; }

    /// <summary>The committed drone, once there is one.</summary>
    public TransportResource? Transport { get; init; }

    /// <summary>When it was stored.</summary>
    public DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    public static DeliveryRequestResource Of(DeliveryRequestSnapshot request)
    {
        var order = request.Order;
        return new()
        {
            DeliveryId = request.DeliveryId,
            ConfirmationRequired = order.Confirmation,
            Deadline = order.DeadlineText,
            DeadlineUnderstood = Deadlines.IsUnderstood(order.DeadlineText, order.Deadline),
            DropOffLocation = PlaceText.Of(order.Dropoff),
            Expedited = order.Expedited,
            OwnerId = order.OwnerId,
            PackageInfo = PackageInfo.Of(order),
            PickupLocation = PlaceText.Of(order.Pickup),
            PickupTime = order.PickupTime,
            Status = request.Status,
            Step = request.Step,
            Reason = request.Reason,
            Transport = request.Transport is { } transport ? new(transport.DroneId, transport.Attempt) : null,
            AcceptedAt = request.AcceptedAt,
            UpdatedAt = request.UpdatedAt,
            Version = request.Version,
        };
    }
}

/// <summary>A committed drone.</summary>
/// <param name="DroneId">The drone.</param>
/// <param name="Attempt">Number of the mission.</param>
internal sealed record TransportResource(string DroneId, int Attempt);

/// <summary>Changes to a request; what is left out stays.</summary>
/// <param name="PickupLocation">New pickup.</param>
/// <param name="DropOffLocation">New dropoff.</param>
/// <param name="Deadline">New deadline.</param>
/// <param name="PickupTime">New earliest pickup.</param>
internal sealed record DeliveryRequestChange(PlaceText? PickupLocation, PlaceText? DropOffLocation, string? Deadline, DateTimeOffset? PickupTime);
