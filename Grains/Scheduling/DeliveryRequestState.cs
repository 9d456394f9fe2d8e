using DroneDelivery.Navigation;
using DroneDelivery.Notifications;
using DroneDelivery.Storage;

namespace DroneDelivery.Scheduling;

/// <summary>Stored form of a delivery request.</summary>
internal sealed record DeliveryRequestState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>How many notes and alarms are kept.</summary>
    public const int NoteCapacity = 40;

    /// <summary>Most missions that a request loses in its life, so that what is written of them stays small enough to be stored.</summary>
    public const int LostCapacity = 200;

    private const int HeardCapacity = 64;
    private const int DetailLength = 300;

    public DeliveryOrder? Order { get; init; }

    /// <summary>The command that made the request; null in documents of earlier builds.</summary>
    public CommandId? SubmittedBy { get; init; }
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

    /// <summary>
    /// Since when a carrier is sought for the order as it is; null: the next search is a new one. A carrier that was found and lost again does not
    /// begin it anew.
    /// </summary>
    public DateTimeOffset? SeekingSince { get; init; }

    /// <summary>How many missions were lost before their pickup.</summary>
    public int Lost { get; init; }

    /// <summary>How many of them before the present search began.</summary>
    public int LostBefore { get; init; }

    /// <summary>When the last one was lost in this search.</summary>
    public DateTimeOffset? LostAt { get; init; }

    /// <summary>When a partner last gave the order back in this search; drones are sought for a moment again.</summary>
    public DateTimeOffset? ReturnedAt { get; init; }

    /// <summary>Whether the account counts the request as open; null: not known, it may.</summary>
    public bool? Counted { get; init; }

    /// <summary>Whether the delivery, if there is one, still has to be given up.</summary>
    public bool Discard { get; init; }

    /// <summary>How an operator ends it, while that is being carried out.</summary>
    public Verdict? Verdict { get; init; }

    /// <summary>What fails at present; null: nothing.</summary>
    public StepTrouble? Trouble { get; init; }

    /// <summary>What went wrong and was done about it, the latest.</summary>
    public IReadOnlyList<RequestNote> Notes { get; init; } = [];

    /// <summary>Reports that should not have been and that no operator has seen to.</summary>
    public IReadOnlyList<RequestAlarm> Alarms { get; init; } = [];

    /// <summary>Keys of the alarms heard last, so that a repetition raises nothing.</summary>
    public IReadOnlyList<string> Heard { get; init; } = [];

    /// <summary>Since when it waits for an operator.</summary>
    public DateTimeOffset? FlaggedAt { get; init; }

    /// <summary>When an operator last let an incident go on; silence counts from here.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>What the owner has to be told of, stored with the change itself; told ones go with the next change.</summary>
    public IReadOnlyList<OwedNotice> Outbox { get; init; } = [];

    /// <summary>Number of the last notice.</summary>
    public long LastNotice { get; init; }
    public DateTimeOffset AcceptedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
    public CommandLog Commands { get; init; } = new();

    /// <summary>True: this is but the mark of a request that lies in the archive.</summary>
    public bool? Archived { get; init; }

    /// <summary>Whether it has ended and nothing is left to undo.</summary>
    public bool IsUndone => Status.IsFinal() && Undo.Count == 0 && !Discard && Counted == false;

    /// <summary>Whether nothing is left to do, for operators neither.</summary>
    public bool IsSettled => IsUndone && Alarms.Count == 0;

    /// <summary>Moves to a status of the table.</summary>
    /// <exception cref="InvalidOperationException">The table has no such arrow.</exception>
    public DeliveryRequestState MoveTo(RequestStatus status, string? reason = null) =>
        Status == status ? this with { Reason = reason.Cut() }
        : Status.CanMoveTo(status) ? this with { Status = status, Reason = reason.Cut() }
        : throw new InvalidOperationException($"A request cannot go from {Status} to {status}.");

    /// <summary>Gives the committed drone up; it still has to be told.</summary>
    public DeliveryRequestState WithoutTransport() => Transport is null
        ? this
        : this with { Transport = null, Step = SchedulingStep.Transport, Undo = [.. Undo, Transport] };

    /// <summary>Gives up the carrier, which will not fetch the parcel any more.</summary>
    public DeliveryRequestState WithLostMission(DateTimeOffset at) => WithoutTransport() with
    {
        Lost = Lost + 1,
        LostAt = at,
        ReturnedAt = Carriers.IsPartner(Transport!.DroneId, out _) ? at : ReturnedAt,
    };

    /// <summary>Missions lost in this search.</summary>
    public int LostNow => Lost - LostBefore;

    /// <summary>Begins a search, unless one is under way.</summary>
    public DeliveryRequestState WithSearch(DateTimeOffset now) =>
        SeekingSince is null ? this with { SeekingSince = now, LostBefore = Lost, LostAt = null, ReturnedAt = null } : this;

    /// <summary>Writes down what happened; the oldest notes make room.</summary>
    public DeliveryRequestState WithNote(DateTimeOffset at, string step, string detail) => this with
    {
        Notes = [.. Notes.TakeLast(NoteCapacity - 1), new RequestNote(at, Status, step, detail.Cut())],
    };

    /// <summary>
    /// A step failed and is tried again after the delay. A lasting fault, or an unexplained one that comes too often, leaves the request to an operator. While
    /// something is away it goes on trying, and operators see it when that takes longer than patience. What has ended stays ended; its undo goes on
    /// indefinitely and operators see it.
    /// </summary>
    public DeliveryRequestState WithFailure(string step, Fault fault, string detail, DateTimeOffset at, RetryRules rules)
    {
        var before = Trouble?.Step == step ? Trouble : null;
        var failures = (before?.Failures ?? 0) + 1;
        var unexplained = fault == Fault.Unknown ? (before?.Unexplained ?? 0) + 1 : 0;
        var since = before?.Since ?? at;
        detail = detail.Length > DetailLength ? $"{detail[..DetailLength]}…" : detail;
        var hopeless = fault == Fault.Lasting || unexplained >= rules.MaxAttempts;
        var next = this with
        {
            Trouble = new StepTrouble(step, failures, at + rules.Delay(failures, fault), since, unexplained, detail),
            FlaggedAt = hopeless || at - since >= rules.Patience ? FlaggedAt ?? at : FlaggedAt,
        };
        if (hopeless && !Status.IsFinal() && Verdict is null) next = next.MoveTo(RequestStatus.DeadLettered, next.WhyTroubled);

        // A long row of failures must not push out what went before it.
        if (failures > rules.MaxAttempts && next.Notes is [.., { } last] && last.Step == step)
            next = next with { Notes = [.. next.Notes.SkipLast(1)] };
        return next.WithNote(at, step, $"Failed ({failures}): {detail}");
    }

    /// <summary>Takes in what a drone reported against what is known; null when it was heard before.</summary>
    /// <param name="alarm">What it reported.</param>
    /// <param name="isDoubt">Whether it has the mission, but is not believed.</param>
    public DeliveryRequestState? WithAlarm(RequestAlarm alarm, bool isDoubt = false)
    {
        var key = $"{(isDoubt ? "Doubt" : "")}{alarm.Kind}/{alarm.DroneId}/{alarm.Attempt}";
        if (Heard.Contains(key)) return null;
        return (this with
        {
            Alarms = [.. Alarms.TakeLast(NoteCapacity - 1), alarm with { Detail = alarm.Detail.Cut(BoundedText.ShortBytes) }],
            Heard = [.. Heard.TakeLast(HeardCapacity - 1), key],
            FlaggedAt = FlaggedAt ?? alarm.Time,
        }).WithNote(alarm.Time, "Flight", $"{alarm.Kind} of drone {alarm.DroneId}, attempt {alarm.Attempt}: {alarm.Detail}");
    }

    /// <summary>An operator has seen to it.</summary>
    public DeliveryRequestState WithoutFlag(DateTimeOffset at, string note) =>
        (this with { Trouble = null, Alarms = [], FlaggedAt = null }).WithNote(at, "Operator", note);

    /// <summary>What keeps failing, in words that stay the same while it does; null: nothing.</summary>
    public string? WhyTroubled => Trouble is null ? null : $"{Trouble.Step} keeps failing: {Trouble.Detail}";

    /// <summary>Why it waits for an operator, if it does.</summary>
    public RequestFlag? Flag => this switch
    {
        { Status: RequestStatus.DeadLettered } => RequestFlag.DeadLetter,
        { Status: RequestStatus.Incident } or { Alarms.Count: > 0 } => RequestFlag.Incident,
        { FlaggedAt: not null, Trouble: not null } => RequestFlag.DeadLetter,
        _ => null,
    };

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

    /// <summary>Without what only matters while something can still happen. Who made it stays: a client may repeat its request at any time.</summary>
    public DeliveryRequestState AsArchived() => this with
    {
        Commands = SubmittedBy is null ? Commands : Commands with { Entries = [] },
        Undo = [],
        Outbox = [],
        Heard = [],
        Counted = false,
        Discard = false,
        Trouble = null,
    };

    public DeliveryRequestState WithCommand(CommandId command, CommandResult result) => this with { Commands = Commands.With(command, result) };

    /// <summary>The ticket for the dispatch queue.</summary>
    /// <param name="deliveryId">The request.</param>
    /// <param name="notBefore">When a drone may be offered to it; null: at once.</param>
    public DispatchTicket Ticket(string deliveryId, DateTimeOffset? notBefore = null) => new(
        deliveryId, Order!.Pickup.Location, Order.Dropoff.Location, Order.Package.Weight, Order.Package.Size,
        Order.Expedited, Order.Deadline, AcceptedAt, SeekingSince ?? AcceptedAt, notBefore);

    /// <summary>Area whose queue serves the request.</summary>
    public string Area => SphericalGrid.Areas.KeyOf(Order!.Pickup.Location);
}

/// <summary>A notice that is not known to have been told.</summary>
/// <param name="Number">1, 2, 3 … without gaps.</param>
/// <param name="After">Number of the tracking event of the delivery that is told before it; 0: none.</param>
/// <param name="Notice">What to tell.</param>
internal sealed record OwedNotice(long Number, long After, DeliveryNotice Notice)
{
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>A step that fails.</summary>
/// <param name="Step">What is being done.</param>
/// <param name="Failures">How often in a row it failed.</param>
/// <param name="RetryAt">When it is tried again.</param>
/// <param name="Since">When it first failed in this row; null in documents of earlier builds.</param>
/// <param name="Unexplained">How often in a row for a reason of which nothing is known.</param>
/// <param name="Detail">What happened last.</param>
internal sealed record StepTrouble(
    string Step, int Failures, DateTimeOffset RetryAt, DateTimeOffset? Since = null, int Unexplained = 0, string? Detail = null)
{
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>How a step that fails is tried again.</summary>
/// <param name="MaxAttempts">How often it may fail in a row for unexplained reasons.</param>
/// <param name="Patience">How long an outage lasts before operators see it.</param>
/// <param name="Delay">Time until the next try, by the number of failures and the kind of the last one.</param>
internal readonly record struct RetryRules(int MaxAttempts, TimeSpan Patience, Func<int, Fault, TimeSpan> Delay);
