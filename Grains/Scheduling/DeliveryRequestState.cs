using DroneDelivery.Navigation;

namespace DroneDelivery.Scheduling;

/// <summary>Stored form of a delivery request.</summary>
internal sealed record DeliveryRequestState
{
    public DeliveryOrder? Order { get; init; }
    public RequestStatus Status { get; init; }
    public SchedulingStep Step { get; init; }
    public string? Reason { get; init; }

    /// <summary>The committed drone; with step Delivery it is being committed, and whether it was is asked again after a crash.</summary>
    public Transport? Transport { get; init; }

    /// <summary>Number of the last mission begun; the next one is higher.</summary>
    public int LastAttempt { get; init; }

    /// <summary>Missions to take back from their drones.</summary>
    public IReadOnlyList<Transport> Undo { get; init; } = [];

    /// <summary>How often the order was changed; makes the ids of its steps.</summary>
    public int Revision { get; init; }
    public DateTimeOffset AcceptedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public CommandLog Commands { get; init; } = new();

    /// <summary>Whether nothing is left to do.</summary>
    public bool IsSettled => Status.IsFinal() && Undo.Count == 0;

    /// <summary>Moves to a status of the table.</summary>
    /// <exception cref="InvalidOperationException">The table has no such arrow.</exception>
    public DeliveryRequestState MoveTo(RequestStatus status, string? reason = null) =>
        Status == status ? this with { Reason = reason }
        : Status.CanMoveTo(status) ? this with { Status = status, Reason = reason }
        : throw new InvalidOperationException($"A request cannot go from {Status} to {status}.");

    /// <summary>Gives the committed drone up; it still has to be told.</summary>
    public DeliveryRequestState WithoutTransport() => Transport is null
        ? this
        : this with { Transport = null, Step = SchedulingStep.Transport, Undo = [.. Undo, Transport] };

    /// <summary>The order with a client's changes.</summary>
    public DeliveryRequestState WithChange(DeliveryChange change) => this with
    {
        Order = Order! with
        {
            Pickup = change.Pickup ?? Order.Pickup,
            Dropoff = change.Dropoff ?? Order.Dropoff,
            PickupTime = change.PickupTime ?? Order.PickupTime,
            DeadlineText = change.DeadlineText ?? Order.DeadlineText,
            Deadline = change.DeadlineText is null ? Order.Deadline : change.Deadline,
        },
        Revision = Revision + 1,
    };

    public DeliveryRequestState WithCommand(CommandId command, CommandResult result) => this with { Commands = Commands.With(command, result) };

    /// <summary>The ticket for the dispatch queue.</summary>
    public DispatchTicket Ticket(string deliveryId) => new(
        deliveryId, Order!.Pickup.Location, Order.Dropoff.Location, Order.Package.Weight, Order.Package.Size,
        Order.Expedited, Order.Deadline, AcceptedAt);

    /// <summary>Area whose queue serves the request.</summary>
    public string Area => SphericalGrid.Areas.KeyOf(Order!.Pickup.Location);
}
