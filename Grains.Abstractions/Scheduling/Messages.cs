using DroneDelivery.Packages;

namespace DroneDelivery.Scheduling;

/// <summary>What the client asks for.</summary>
/// <param name="OwnerId">Account that asks.</param>
/// <param name="PackageId">Package to carry.</param>
/// <param name="Package">Snapshot of the package as ordered.</param>
/// <param name="Pickup">Where to fetch it.</param>
/// <param name="Dropoff">Where to bring it.</param>
/// <param name="PickupTime">Not before this time; may lie in the past.</param>
/// <param name="Deadline">Not after this time; null: none.</param>
/// <param name="DeadlineText">The deadline as the client wrote it.</param>
/// <param name="Expedited">Served before others.</param>
/// <param name="Confirmation">What the receiver must give.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.DeliveryOrder")]
public sealed record DeliveryOrder(
    string OwnerId,
    string PackageId,
    PackageDetails Package,
    Place Pickup,
    Place Dropoff,
    DateTimeOffset PickupTime,
    DateTimeOffset? Deadline,
    string DeadlineText,
    bool Expedited,
    ConfirmationRequired Confirmation)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>Changes to an order; null leaves a field as it is.</summary>
/// <param name="Pickup">New pickup.</param>
/// <param name="Dropoff">New dropoff.</param>
/// <param name="PickupTime">New earliest pickup.</param>
/// <param name="DeadlineText">New deadline as written; null: unchanged.</param>
/// <param name="Deadline">New deadline; only read when <paramref name="DeadlineText"/> is given.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.DeliveryChange")]
public sealed record DeliveryChange(
    Place? Pickup, Place? Dropoff, DateTimeOffset? PickupTime, string? DeadlineText, DateTimeOffset? Deadline);

/// <summary>Where a request stands.</summary>
public enum RequestStatus
{
    /// <summary>Stored; no step has run.</summary>
    Accepted = 0,
    /// <summary>Steps are running.</summary>
    Scheduling = 1,
    /// <summary>Waits for its pickup time or a free drone.</summary>
    Waiting = 2,
    /// <summary>A drone is committed and the delivery exists.</summary>
    Scheduled = 3,
    /// <summary>Refused; final.</summary>
    Rejected = 4,
    /// <summary>Cancelled; final.</summary>
    Cancelled = 5,
    /// <summary>A step keeps failing; an operator decides.</summary>
    DeadLettered = 6,
    /// <summary>The flight went wrong after pickup; an operator decides.</summary>
    Incident = 7,
    /// <summary>Delivered; final.</summary>
    Completed = 8,
    /// <summary>Given up by an operator; final.</summary>
    Failed = 9,
}

/// <summary>Step of scheduling that comes next.</summary>
public enum SchedulingStep
{
    /// <summary>Check the account.</summary>
    Account = 0,
    /// <summary>Write the package.</summary>
    Package = 1,
    /// <summary>Commit a drone.</summary>
    Transport = 2,
    /// <summary>Create the delivery.</summary>
    Delivery = 3,
}

/// <summary>Carrier committed to a request.</summary>
/// <param name="DroneId">The drone, or a partner; see <see cref="Carriers"/>.</param>
/// <param name="Attempt">Number of the mission; grows with each new one, fences older ones off.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.Transport")]
public sealed record Transport(string DroneId, int Attempt)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>How an operator settles an incident.</summary>
public enum IncidentResolution
{
    /// <summary>The delivery goes on as it was.</summary>
    Continued = 0,
    /// <summary>The parcel reached its receiver.</summary>
    Completed = 1,
    /// <summary>The parcel is lost.</summary>
    Failed = 2,
}

/// <summary>Something that went wrong with a request, or was done about it.</summary>
/// <param name="Time">When.</param>
/// <param name="Status">Status after it.</param>
/// <param name="Step">What was being done.</param>
/// <param name="Detail">What happened, in words.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.RequestNote")]
public sealed record RequestNote(DateTimeOffset Time, RequestStatus Status, string Step, string Detail)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>A report that should not have been: the drone and the mission it claimed.</summary>
/// <param name="Kind">What the drone reported.</param>
/// <param name="DroneId">The drone.</param>
/// <param name="Attempt">The mission it claimed.</param>
/// <param name="Time">When it was first reported.</param>
/// <param name="Detail">What happened, in words.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.RequestAlarm")]
public sealed record RequestAlarm(Drones.DroneEventKind Kind, string DroneId, int Attempt, DateTimeOffset Time, string Detail)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>A request as read.</summary>
/// <param name="DeliveryId">Its id.</param>
/// <param name="Order">What was asked for, with changes.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Step">Step that comes next while accepted, scheduling or waiting.</param>
/// <param name="Reason">Why it waits, was refused or cancelled.</param>
/// <param name="Transport">The committed drone, once there is one.</param>
/// <param name="AcceptedAt">When it was stored.</param>
/// <param name="UpdatedAt">When it last changed, or ended.</param>
/// <param name="Failures">How often in a row the present step failed.</param>
/// <param name="RetryAt">When it is tried again.</param>
/// <param name="Alarms">Reports that should not have been and that no operator has seen to yet.</param>
/// <param name="Revision">How often the order was changed.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.DeliveryRequestSnapshot")]
public sealed record DeliveryRequestSnapshot(
    string DeliveryId,
    DeliveryOrder Order,
    RequestStatus Status,
    SchedulingStep? Step,
    string? Reason,
    Transport? Transport,
    DateTimeOffset AcceptedAt,
    DateTimeOffset UpdatedAt,
    int Failures = 0,
    DateTimeOffset? RetryAt = null,
    IReadOnlyList<RequestAlarm>? Alarms = null,
    int Revision = 0)
{
    /// <summary>Version of the order and its carrier; see <see cref="Precondition"/>.</summary>
    public string OrderVersion => $"o{Revision}-{Transport?.Attempt ?? 0}";

    /// <summary>Version of the request with everything that became of it; see <see cref="Precondition"/>.</summary>
    public string Version => $"r{Revision}-{(int)Status}-{Transport?.Attempt ?? 0}-{UpdatedAt.UtcTicks:x}";
}
