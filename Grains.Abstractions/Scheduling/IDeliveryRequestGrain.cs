using DroneDelivery.Archiving;
using DroneDelivery.Drones;
using DroneDelivery.Shipping;
using Orleans.Concurrency;

namespace DroneDelivery.Scheduling;

/// <summary>
/// A client's wish for a delivery and what becomes of it; key: the delivery id. Every change by a client enters here.
/// To a caller for another account it is not there.
/// </summary>
[Alias("DroneDelivery.Scheduling.IDeliveryRequestGrain")]
public interface IDeliveryRequestGrain : IGrainWithStringKey
{
    /// <summary>
    /// Accepts the order durably and returns before any step has run: Created, Exists when another command made it, NotFound
    /// when the id is another account's, or Busy when its supervisor shard is full.
    /// </summary>
    [Alias("Submit")]
    [ResponseTimeout(ResponseTimes.Short)]
    Task<CommandResult> Submit(CommandId command, DeliveryOrder order, CallerAccount caller);

    /// <summary>Cancels until pickup: Done, NotFound, or Conflict from pickup on.</summary>
    [Alias("Cancel")]
    Task<CommandResult> Cancel(CommandId command, string reason, CallerAccount caller);

    /// <summary>Changes places or times until pickup; a drone under way is called back and a new one sought: Done, NotFound, Conflict.</summary>
    [Alias("Reschedule")]
    Task<CommandResult> Reschedule(CommandId command, DeliveryChange change, CallerAccount caller);

    /// <summary>Hands in the receiver's confirmation: Done, NotFound, Conflict.</summary>
    [Alias("Confirm")]
    Task<CommandResult> Confirm(CommandId command, DeliveryConfirmation confirmation, CallerAccount caller);

    /// <summary>
    /// Remembers what a client asked by a key and that changes nothing here, so that the answer to a repetition can be made again: when that was first,
    /// with Done, NotFound, Conflict, or Exists when the key came with something else.
    /// </summary>
    [Alias("Remember")]
    Task<RememberedCommand> Remember(CommandId command, CallerAccount caller);

    /// <summary>The request, or null.</summary>
    [Alias("Get"), AlwaysInterleave]
    [ResponseTimeout(ResponseTimes.Short)]
    ValueTask<DeliveryRequestSnapshot?> Get(CallerAccount caller);

    /// <summary>Goes on with whatever is unfinished; harmless at any time. Called by the supervisor.</summary>
    /// <returns>When to look again and what operators should know, or null when the request is settled.</returns>
    [Alias("Resume")]
    Task<Watch?> Resume();

    /// <summary>An operator lets a dead letter go on from where it stopped: Done, NotFound, Conflict when it is none.</summary>
    [Alias("Replay")]
    Task<CommandResult> Replay(CommandId command, string note);

    /// <summary>An operator gives a dead letter up; it becomes Failed: Done, NotFound, Conflict when it is none or was delivered.</summary>
    [Alias("Abandon")]
    Task<CommandResult> Abandon(CommandId command, string note);

    /// <summary>An operator settles an incident; alarms of a request that is not in an incident can only be continued: Done, NotFound, Conflict.</summary>
    [Alias("Resolve")]
    Task<CommandResult> Resolve(CommandId command, IncidentResolution resolution, string note);

    /// <summary>What went wrong with the request and what was done about it, oldest first, bounded; null when there is no such request.</summary>
    [Alias("GetNotes"), AlwaysInterleave]
    ValueTask<IReadOnlyList<RequestNote>?> GetNotes();

    /// <summary>Offers a drone found by the dispatch queue: Done when the mission stands, Conflict when that drone can't or the request no longer waits.</summary>
    [Alias("Assign")]
    Task<AssignResult> Assign(string droneId);

    /// <summary>Tells that no drone is free yet, so that clients see why the request waits.</summary>
    [Alias("Hold")]
    Task Hold(string reason);

    /// <summary>
    /// Tells that no registered drone can ever carry it, so that the partner is asked or the request is rejected at once. False when the
    /// ticket is not the present one: nothing changed.
    /// </summary>
    [Alias("Refuse")]
    Task<bool> Refuse(DispatchTicket ticket, string reason);

    /// <summary>Takes in an event of the delivery; repeated and late ones change nothing.</summary>
    [Alias("Apply")]
    Task Apply(DeliveryEvent occurred);

    /// <summary>
    /// Tells the owner what comes before a tracking event of the delivery and has not been told yet, so that the delivery may go on
    /// with that event. False when something can't be told yet.
    /// </summary>
    [Alias("AnnounceBefore"), AlwaysInterleave]
    Task<bool> AnnounceBefore(long sequence);

    /// <summary>Takes in an event of a drone that served or says it serves the request; repeated and late ones change nothing.</summary>
    [Alias("Hear")]
    Task Hear(DroneEvent occurred);

    /// <summary>Has an ended request and its delivery go to the archive; harmless at any time, also to repeat. Called by the archiver.</summary>
    [Alias("Archive")]
    Task<ArchiveResult> Archive();

    /// <summary>Deletes an ended request of the owner for good, with its delivery and its package; harmless to repeat. Called by the owner's erasure.</summary>
    /// <returns>Whether nothing of it is left here; false: it has not ended, or somebody has to see to it still.</returns>
    [Alias("Erase")]
    Task<bool> Erase(string ownerId);
}

/// <summary>What became of an offered drone.</summary>
public enum AssignResult
{
    /// <summary>The mission stands.</summary>
    Assigned = 0,
    /// <summary>The drone would not; offer another.</summary>
    DroneUnavailable = 1,
    /// <summary>The request needs no drone any more.</summary>
    NotWaiting = 2,
}
