using Orleans.Concurrency;

namespace DroneDelivery.Shipping;

/// <summary>
/// Where a delivery is; key: the delivery id. Its stage follows what the drone reports. To a caller for another account it is not there.
/// </summary>
[Alias("DroneDelivery.Shipping.IDeliveryGrain")]
public interface IDeliveryGrain : IGrainWithStringKey
{
    /// <summary>Makes the delivery with its first mission, or gives it another: Created, Done; Conflict for a mission that was voided or is not the newest, and from pickup on.</summary>
    [Alias("Create")]
    Task<CommandResult> Create(CommandId command, DeliveryPlan plan, MissionAssignment assignment);

    /// <summary>Gives the delivery another mission, voiding the earlier: Done, NotFound, Conflict from pickup on.</summary>
    [Alias("Assign")]
    Task<CommandResult> Assign(CommandId command, DeliveryPlan plan, MissionAssignment assignment);

    /// <summary>
    /// Voids all missions up to an attempt, also one whose <see cref="Create"/> is still under way; stage Rescheduled until another is
    /// assigned: Done, Conflict from pickup on.
    /// </summary>
    [Alias("Recall")]
    Task<CommandResult> Recall(CommandId command, int attempt, string reason);

    /// <summary>Cancels, also when a <see cref="Create"/> is still under way: Done, Conflict from pickup on.</summary>
    [Alias("Cancel")]
    Task<CommandResult> Cancel(CommandId command, int attempt, string reason);

    /// <summary>An operator declares the parcel handed over: Done, NotFound, Conflict before pickup and after a cancellation.</summary>
    [Alias("Complete")]
    Task<CommandResult> Complete(CommandId command, string reason);

    /// <summary>An operator gives the delivery up: cancelled before pickup; from then on its mission is void and the stage stays. Done, Conflict when completed.</summary>
    [Alias("GiveUp")]
    Task<CommandResult> GiveUp(CommandId command, int attempt, string reason);

    /// <summary>Stores the receiver's confirmation and completes the delivery if it was handed over: Done, NotFound, Conflict, Exists when the key came with something else.</summary>
    [Alias("Confirm")]
    Task<CommandResult> Confirm(CommandId command, DeliveryConfirmation confirmation);

    /// <summary>Decides whether this drone may take the parcel now: Done (the stage is HeadedToDropoff then), NotFound, Conflict for any but the valid mission.</summary>
    [Alias("AuthorizePickup")]
    Task<CommandResult> AuthorizePickup(CommandId command, string droneId, int attempt, GeoPoint position);

    /// <summary>Takes in progress that a drone reports: Done; Conflict for an old attempt (nothing changes); NotFound.</summary>
    [Alias("Report")]
    Task<CommandResult> Report(MissionReport report);

    /// <summary>Takes in a position; kept in memory.</summary>
    [Alias("Track"), OneWay]
    ValueTask Track(PositionUpdate update);

    /// <summary>The delivery, or null.</summary>
    [Alias("Get"), AlwaysInterleave]
    [ResponseTimeout(ResponseTimes.Short)]
    ValueTask<DeliverySnapshot?> Get(CallerAccount caller);

    /// <summary>As <see cref="Get"/>, for who concludes something from it: compared with what is stored, as another life of the delivery may know more.</summary>
    [Alias("Find"), AlwaysInterleave]
    [ResponseTimeout(ResponseTimes.Short)]
    ValueTask<DeliverySnapshot?> Find();

    /// <summary>Its stage, compared with what is stored; unlike <see cref="Get"/> also of one that was cancelled before it was made. Null: nothing is known of it.</summary>
    [Alias("GetStage"), AlwaysInterleave]
    [ResponseTimeout(ResponseTimes.Short)]
    ValueTask<DeliveryStage?> GetStage();

    /// <summary>Stage, position and ETAs, or null.</summary>
    [Alias("GetStatus"), AlwaysInterleave]
    [ResponseTimeout(ResponseTimes.Short)]
    ValueTask<DeliveryStatus?> GetStatus(CallerAccount caller);

    /// <summary>The tracking events that are stored, oldest first; null when there is no such delivery.</summary>
    [Alias("GetHistory"), AlwaysInterleave]
    [ResponseTimeout(ResponseTimes.Short)]
    ValueTask<IReadOnlyList<TrackingEvent>?> GetHistory(CallerAccount caller);

    /// <summary>Adds somebody to notify: Done, NotFound, Conflict, Exists when the key came with something else.</summary>
    [Alias("NotifyMe")]
    Task<CommandResult> NotifyMe(CommandId command, NotificationRequest request, CallerAccount caller);

    /// <summary>Its document as JSON for the archive, or null when there is none. Called by its request, which knows that everybody has heard of the end.</summary>
    [Alias("Export")]
    ValueTask<string?> Export();

    /// <summary>What <see cref="Export"/> gave is in the archive: deletes it here. Harmless to repeat.</summary>
    [Alias("Leave")]
    Task Leave();

    /// <summary>Deletes it for good, with the evidence of its confirmation; nothing happens when there is none. Called by its request.</summary>
    [Alias("Erase")]
    Task Erase();

    /// <summary>Brings the delivery to life, so that it hands on events not yet taken in.</summary>
    [Alias("Wake")]
    Task Wake();
}
