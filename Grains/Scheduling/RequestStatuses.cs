using static DroneDelivery.Scheduling.RequestStatus;

namespace DroneDelivery.Scheduling;

/// <summary>The table of request statuses.</summary>
internal static class RequestStatuses
{
    /// <summary>Whether nothing can follow.</summary>
    public static bool IsFinal(this RequestStatus status) => status is Rejected or Cancelled or Completed or Failed;

    /// <summary>Whether the request still needs a drone.</summary>
    public static bool IsUnscheduled(this RequestStatus status) => status is Accepted or RequestStatus.Scheduling or Waiting;

    /// <summary>Whether the table has an arrow from one status to the other.</summary>
    public static bool CanMoveTo(this RequestStatus from, RequestStatus to) => to switch
    {
        // From Scheduled when the client changes the order or the drone is lost before pickup; from DeadLettered on replay.
        RequestStatus.Scheduling => from is Accepted or Waiting or Scheduled or DeadLettered,
        Waiting => from is RequestStatus.Scheduling,
        Scheduled => from is RequestStatus.Scheduling or Waiting or Incident,
        Rejected => from is RequestStatus.Scheduling or Waiting,
        Cancelled or DeadLettered => !from.IsFinal() && from != to,
        Incident => from is Scheduled,
        Completed => from is Scheduled or Incident,
        Failed => from is DeadLettered or Incident,
        _ => false,
    };
}
