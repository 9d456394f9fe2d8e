namespace DroneDelivery.ThirdParty;

/// <summary>Stored form of a transport partner: what it was asked for, until that is over and everybody knows.</summary>
internal sealed record PartnerState
{
    /// <summary>By delivery and attempt.</summary>
    public Dictionary<string, PartnerOrderState> Orders { get; init; } = [];
}

/// <summary>One order.</summary>
internal sealed record PartnerOrderState
{
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

    /// <summary>Takes in a report; the same state when it is late or says nothing new.</summary>
    public PartnerOrderState With(PartnerReport report, DateTimeOffset now)
    {
        if (report.Status == Status ? IsOver : !CanMoveTo(report.Status)) return this;
        return this with
        {
            Status = report.Status,
            Since = report.Status == Status ? Since : now,
            Reason = report.Reason ?? Reason,
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
