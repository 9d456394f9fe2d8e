using DroneDelivery.Storage;

namespace DroneDelivery.Shipping;

/// <summary>Stored form of a delivery.</summary>
internal sealed record DeliveryState
{
    internal UnknownMembers? Unknown { get; init; }

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

    /// <summary>Fastest speeds over ground of the drones that were assigned, as far as known.</summary>
    public IReadOnlyList<MissionSpeed>? Speeds { get; init; }

    /// <summary>
    /// How far each consumer has taken in the events. Written with the next change, as an answer costs no write of its own:
    /// consumers may have gone further than this says.
    /// </summary>
    public OutboxCursors Handed { get; init; } = new();
    public IReadOnlyList<NotificationRequest> Notifications { get; init; } = [];
    public CommandLog Commands { get; init; } = new();

    /// <summary>True: this is but the mark of a delivery that lies in the archive.</summary>
    public bool? Archived { get; init; }

    /// <summary>Whether there is a delivery; without a plan the document only says which missions may not make one any more.</summary>
    public bool IsMade => Plan is not null;

    /// <summary>Whether the parcel was given up after its pickup: only then does a mission end there without another stage.</summary>
    public bool IsParcelLost => IsMade && Stage == DeliveryStage.HeadedToDropoff && DroneId is null;

    /// <summary>Whether this drone flies the valid mission.</summary>
    public bool IsServedBy(string droneId, int attempt) => DroneId == droneId && Attempt == attempt;

    /// <summary>The event that brought the delivery to its stage; null before the first.</summary>
    public TrackingEvent? Turn
    {
        get
        {
            var turn = Events.Count - 1;
            while (turn > 0 && Events[turn - 1].Stage == Stage) turn--;
            return turn < 0 ? null : Events[turn];
        }
    }

    /// <summary>Moves to a stage of the table and writes the tracking event.</summary>
    /// <exception cref="InvalidOperationException">The table has no such arrow.</exception>
    public DeliveryState MoveTo(DeliveryStage stage, DateTimeOffset at, GeoPoint? location, string detail, int? attempt = null) =>
        Stage.CanMoveTo(stage)
            ? WithEvent(stage, at, location, detail, attempt)
            : throw new InvalidOperationException($"A delivery cannot go from {Stage} to {stage}.");

    /// <summary>Begins with what clients were told of the request.</summary>
    public DeliveryState WithAsked(DateTimeOffset at) => this with { Events = [TrackingEvent.Asked(at)] };

    /// <summary>Writes a tracking event and sets the stage to its stage.</summary>
    public DeliveryState WithEvent(DeliveryStage stage, DateTimeOffset at, GeoPoint? location, string detail, int? attempt = null) => this with
    {
        Stage = stage,
        LastLocation = location ?? LastLocation,
        Events = [.. Events, new TrackingEvent(Events.Count + 1, stage, at, location, detail.Cut(), attempt)],
    };

    /// <summary>Says with the last event that the parcel was given up.</summary>
    public DeliveryState WithParcelLost() => this with { Events = [.. Events.SkipLast(1), Events[^1] with { Lost = true }] };

    /// <summary>Makes a mission the valid one; all earlier ones are void.</summary>
    public DeliveryState WithMission(DeliveryPlan plan, MissionAssignment assignment) => this with
    {
        Plan = plan,
        DroneId = assignment.DroneId,
        Attempt = assignment.Attempt,
        PickupEta = assignment.Eta.Pickup,
        DeliveryEta = assignment.Eta.Dropoff,
        Speeds = assignment.Speed > 0 ? [.. Speeds ?? [], new MissionSpeed(assignment.Attempt, assignment.Speed)] : Speeds,
    };

    /// <summary>Voids the mission and all others up to an attempt.</summary>
    public DeliveryState WithoutMission(int attempt) => this with
    {
        DroneId = null,
        Attempt = Math.Max(Attempt, attempt),
        PickupEta = Stage.IsBeforePickup() || Stage == DeliveryStage.Cancelled ? null : PickupEta,
        DeliveryEta = null,
    };

    /// <summary>Without what only matters while something can still happen; nobody is owed anything.</summary>
    public DeliveryState AsArchived() => this with
    {
        Commands = Commands with { Entries = [] },
        Handed = new() { Index = Events.Count, Ledger = Events.Count, Request = Events.Count, Notices = Events.Count, People = Notifications.Count },
    };

    public DeliveryState WithCommand(CommandId command, CommandResult result) => this with { Commands = Commands.With(command, result) };

    /// <summary>The same for a command that a client may have named by a key.</summary>
    public DeliveryState WithCommand(CommandId command, CommandResult result, DateTimeOffset now) => this with { Commands = Commands.With(command, result, now) };
}

/// <summary>How fast the drone of a mission can be over ground.</summary>
/// <param name="Attempt">The mission.</param>
/// <param name="Speed">Metres per second.</param>
internal sealed record MissionSpeed(int Attempt, double Speed)
{
    internal UnknownMembers? Unknown { get; init; }
}
