namespace DroneDelivery.Shipping;

/// <summary>Stored form of a delivery.</summary>
internal sealed record DeliveryState
{
    public DeliveryPlan? Plan { get; init; }
    public DeliveryStage Stage { get; init; }

    /// <summary>Drone of the valid mission; null when there is none.</summary>
    public string? DroneId { get; init; }

    /// <summary>Number of the valid or, without one, of the last mission.</summary>
    public int Attempt { get; init; }
    public GeoPoint LastLocation { get; init; }
    public DateTimeOffset? PickupEta { get; init; }
    public DateTimeOffset? DeliveryEta { get; init; }
    public DateTimeOffset? HandedOverAt { get; init; }
    public DeliveryConfirmation? Confirmation { get; init; }
    public IReadOnlyList<TrackingEvent> Events { get; init; } = [];

    /// <summary>Events for the request that it may not have taken in yet.</summary>
    public IReadOnlyList<DeliveryEvent> Outbox { get; init; } = [];
    public IReadOnlyList<NotificationRequest> Notifications { get; init; } = [];
    public CommandLog Commands { get; init; } = new();

    /// <summary>Whether there is a delivery; without a plan the document only says which missions may not make one any more.</summary>
    public bool IsMade => Plan is not null;

    /// <summary>Whether this drone flies the valid mission.</summary>
    public bool IsServedBy(string droneId, int attempt) => DroneId == droneId && Attempt == attempt;

    /// <summary>Moves to a stage of the table and writes the tracking event.</summary>
    /// <exception cref="InvalidOperationException">The table has no such arrow.</exception>
    public DeliveryState MoveTo(DeliveryStage stage, DateTimeOffset at, GeoPoint? location, string detail)
    {
        if (!Stage.CanMoveTo(stage)) throw new InvalidOperationException($"A delivery cannot go from {Stage} to {stage}.");
        var next = WithEvent(stage, at, location, detail);
        return stage.IsFinal() ? next with { Outbox = [.. next.Outbox, new DeliveryEvent(next.Events.Count, stage, at)] } : next;
    }

    /// <summary>Writes a tracking event and sets the stage to its stage.</summary>
    public DeliveryState WithEvent(DeliveryStage stage, DateTimeOffset at, GeoPoint? location, string detail) => this with
    {
        Stage = stage,
        LastLocation = location ?? LastLocation,
        Events = [.. Events, new TrackingEvent(Events.Count + 1, stage, at, location, detail)],
    };

    /// <summary>Makes a mission the valid one; all earlier ones are void.</summary>
    public DeliveryState WithMission(DeliveryPlan plan, MissionAssignment assignment) => this with
    {
        Plan = plan,
        DroneId = assignment.DroneId,
        Attempt = assignment.Attempt,
        PickupEta = assignment.Eta.Pickup,
        DeliveryEta = assignment.Eta.Dropoff,
    };

    /// <summary>Voids the mission and all others up to an attempt.</summary>
    public DeliveryState WithoutMission(int attempt) => this with
    {
        DroneId = null,
        Attempt = Math.Max(Attempt, attempt),
        PickupEta = Stage.IsBeforePickup() || Stage == DeliveryStage.Cancelled ? null : PickupEta,
        DeliveryEta = null,
    };

    public DeliveryState WithCommand(CommandId command, CommandResult result) => this with { Commands = Commands.With(command, result) };
}
