using DroneDelivery.Storage;

namespace DroneDelivery.ThirdParty;

/// <summary>Stored form of a transport partner: what it was asked for, until that is over and everybody knows.</summary>
internal sealed record PartnerState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Most bytes of the orders.</summary>
    public const int Capacity = 900_000;

    /// <summary>By delivery and attempt.</summary>
    public Dictionary<string, PartnerOrderState> Orders { get; init; } = [];
}

/// <summary>One order.</summary>
internal sealed record PartnerOrderState
{
    internal UnknownMembers? Unknown { get; init; }

    private const int Frame = 400;
    private const int OrderFrame = 400;

    /// <summary>What the partner was asked for; null when it was cancelled before it was asked.</summary>
    public PartnerOrder? Order { get; init; }
    public DateTimeOffset AskedAt { get; init; }
    public PartnerStatus Status { get; init; }

    /// <summary>When the status was learnt.</summary>
    public DateTimeOffset Since { get; init; }
    public string? Reason { get; init; }

    /// <summary>Whether the partner has, or had, the parcel.</summary>
    public bool HasParcel { get; init; }
    public DateTimeOffset? PickupEta { get; init; }
    public DateTimeOffset? DeliveryEta { get; init; }

    /// <summary>The last status that the request and its delivery have taken in.</summary>
    public PartnerStatus Handed { get; init; }

    /// <summary>Whether nothing can follow.</summary>
    public bool IsOver => Status is PartnerStatus.Delivered or PartnerStatus.Refused or PartnerStatus.Cancelled or PartnerStatus.Failed;

    /// <summary>Bytes that an order takes in the document, at most: two ids, two places, the longest reason, times and names.</summary>
    public static int BytesOf(string key, PartnerOrder? order) =>
        key.StoredBytes() + BoundedText.ShortBytes + Frame + (order is null ? 0 : order.DeliveryId.StoredBytes() + order.Pickup.Text.StoredBytes() + order.Dropoff.Text.StoredBytes() + OrderFrame);

    /// <summary>Takes in a report; the same state when it is late or says nothing new.</summary>
    public PartnerOrderState With(PartnerReport report, DateTimeOffset now)
    {
        if (report.Status == Status ? IsOver : !CanMoveTo(report.Status)) return this;
        return this with
        {
            Status = report.Status,
            Since = report.Status == Status ? Since : now,
            Reason = report.Reason.Cut(BoundedText.ShortBytes) ?? Reason,
            HasParcel = HasParcel || report.Status is PartnerStatus.PickedUp or PartnerStatus.Delivered,
            PickupEta = report.PickupEta ?? PickupEta,
            DeliveryEta = report.DeliveryEta ?? DeliveryEta,
        };
    }

    // A callback can get lost, so stages can be skipped; none comes twice. A parcel that was picked up is delivered or lost. One that is
    // taken after a refusal or a cancellation is taken all the same, and an alarm.
    private bool CanMoveTo(PartnerStatus next) => next switch
    {
        PartnerStatus.Accepted or PartnerStatus.HeadedToPickup => next > Status && !IsOver,
        PartnerStatus.PickedUp => !HasParcel,
        PartnerStatus.Delivered => Status != PartnerStatus.Delivered,
        PartnerStatus.Refused => Status == PartnerStatus.Asked,
        PartnerStatus.Cancelled => !HasParcel && !IsOver,
        PartnerStatus.Failed => !IsOver,
        _ => false,
    };
}
