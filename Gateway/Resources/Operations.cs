using DroneDelivery.Drones;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Gateway.Resources;

/// <summary>A request that waits for an operator.</summary>
/// <param name="DeliveryId">Its id.</param>
/// <param name="Reason">Why.</param>
/// <param name="Since">Since when.</param>
/// <param name="OwnerId">Account that ordered.</param>
internal sealed record FlaggedRequestResource(string DeliveryId, string? Reason, DateTimeOffset Since, string? OwnerId)
{
    public static FlaggedRequestResource Of(FlaggedRequest request) =>
        new(request.DeliveryId, request.Reason, request.Since, request.OwnerId);
}

/// <summary>Which dead letters to let go on; what is left out does not matter.</summary>
/// <param name="Reason">Text that their reason contains, in any case.</param>
/// <param name="Step">Step that keeps failing: Account, Package, Transport, Delivery, Flight or Undo.</param>
/// <param name="Before">They have waited since before this time.</param>
/// <param name="OwnerId">Account that ordered.</param>
/// <param name="Limit">Most of them, 1 to 500; 100 when left out.</param>
/// <param name="Note">Why; kept with each request.</param>
internal sealed record ReplayBody(string? Reason, string? Step, DateTimeOffset? Before, string? OwnerId, int? Limit, string? Note);

/// <summary>What became of a replay of many.</summary>
/// <param name="Replayed">How many go on.</param>
/// <param name="Failed">How many do not.</param>
/// <param name="Failures">Which these are, the first twenty.</param>
/// <param name="More">Whether more fitted than the limit: ask again with another key.</param>
internal sealed record ReplayResource(int Replayed, int Failed, ReplayFailureResource[] Failures, bool More)
{
    public static ReplayResource Of(ReplayResult result) => new(
        result.Replayed,
        result.Failed,
        [.. result.Failures.Select(failure => new ReplayFailureResource(failure.DeliveryId, failure.Reason))],
        result.More);
}

/// <summary>A dead letter that could not be replayed.</summary>
/// <param name="DeliveryId">Its id.</param>
/// <param name="Reason">Why not.</param>
internal sealed record ReplayFailureResource(string DeliveryId, string Reason);

/// <summary>A request as operators see it.</summary>
/// <param name="Request">The request.</param>
/// <param name="Failures">How often in a row its present step failed.</param>
/// <param name="RetryAt">When that is tried again.</param>
/// <param name="Alarms">Reports that should not have been and that no operator has seen to.</param>
/// <param name="History">What went wrong and was done about it, oldest first.</param>
internal sealed record InspectedRequestResource(
    DeliveryRequestResource Request, int Failures, DateTimeOffset? RetryAt, AlarmResource[] Alarms, NoteResource[] History)
{
    public static InspectedRequestResource Of(DeliveryRequestSnapshot request, IReadOnlyList<RequestNote> notes) => new(
        DeliveryRequestResource.Of(request),
        request.Failures,
        request.RetryAt,
        [.. (request.Alarms ?? []).Select(alarm => new AlarmResource(alarm.Kind, alarm.DroneId, alarm.Attempt, alarm.Time, alarm.Detail))],
        [.. notes.Select(note => new NoteResource(note.Time, note.Status, note.Step, note.Detail))]);
}

/// <summary>A report that should not have been.</summary>
/// <param name="Kind">What the drone reported.</param>
/// <param name="DroneId">The drone.</param>
/// <param name="Attempt">The mission it claimed.</param>
/// <param name="Time">When it was first reported.</param>
/// <param name="Detail">What happened, in words.</param>
internal sealed record AlarmResource(DroneEventKind Kind, string DroneId, int Attempt, DateTimeOffset Time, string Detail);

/// <summary>Something that went wrong with a request, or was done about it.</summary>
/// <param name="Time">When.</param>
/// <param name="Status">Status then.</param>
/// <param name="Step">What was being done.</param>
/// <param name="Detail">What happened, in words.</param>
internal sealed record NoteResource(DateTimeOffset Time, RequestStatus Status, string Step, string Detail);

/// <summary>What an operator says of an action.</summary>
/// <param name="Note">Why; kept with the request.</param>
internal sealed record OperatorNoteBody(string Note);

/// <summary>How an operator settles an incident.</summary>
/// <param name="Resolution">What becomes of the delivery.</param>
/// <param name="Note">Why; kept with the request.</param>
internal sealed record ResolutionBody(IncidentResolution Resolution, string Note);

/// <summary>Whether a drone is in service.</summary>
/// <param name="InMaintenance">True: it takes no missions.</param>
/// <param name="Reason">Why.</param>
internal sealed record MaintenanceBody(bool InMaintenance, string? Reason);

/// <summary>A drone as operators see it.</summary>
/// <param name="Drone">The drone.</param>
/// <param name="HeardAt">When it was last heard, by the service's clock.</param>
/// <param name="Maintenance">Why it takes no missions; null: it is in service.</param>
/// <param name="Trouble">What keeps it from flying its mission on, if anything does.</param>
/// <param name="Alarms">What is wrong with its reports.</param>
internal sealed record DroneConditionResource(DroneResource Drone, DateTimeOffset HeardAt, string? Maintenance, DroneTrouble? Trouble, DroneAlarmResource[] Alarms)
{
    public static DroneConditionResource Of(DroneSnapshot drone) => new(
        DroneResource.Of(drone), drone.HeardAt, drone.Maintenance, drone.Trouble,
        [.. (drone.Alarms ?? []).Select(alarm => new DroneAlarmResource(alarm.Kind, alarm.Since, alarm.Detail))]);
}

/// <summary>Something wrong with the reports of a drone.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Since">Since when.</param>
/// <param name="Detail">The same in words.</param>
internal sealed record DroneAlarmResource(DroneAlarmKind Kind, DateTimeOffset Since, string Detail);

/// <summary>A key of a drone.</summary>
/// <param name="DroneId">Whose it is.</param>
/// <param name="Key">The drone's bearer token; it is kept nowhere.</param>
internal sealed record DroneKeyResource(string DroneId, string Key);
