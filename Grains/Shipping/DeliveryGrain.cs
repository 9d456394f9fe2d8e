using DroneDelivery.Drones;
using DroneDelivery.Queries;
using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Shipping;

[GrainType("delivery")]
internal sealed partial class DeliveryGrain(
    [LazyState("delivery", GrainStores.Deliveries)] IPersistentState<DeliveryState> store,
    IDeliveryIndex index,
    TimeProvider time,
    ILogger<DeliveryGrain> logger) : LazyDocumentGrain<DeliveryState>(store), IDeliveryGrain
{
    // A drone that reports every five seconds hears of its mission with one report and says with the next that it is under way.
    private static readonly TimeSpan FirstReport = TimeSpan.FromSeconds(11);

    private PositionUpdate? _position;
    private IGrainTimer? _keep;

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (IsOnlyNoted && !IsLost) await Store(Document);
    }

    public async Task<CommandResult> Create(CommandId command, DeliveryPlan plan, MissionAssignment assignment)
    {
        var partner = Carriers.IsPartner(assignment.DroneId, out _);
        if (partner || assignment.Attempt > 1) await Read();
        if (Document.Commands.Find(command) is { } known) return known;
        if (Document.IsServedBy(assignment.DroneId, assignment.Attempt)) return DoneAlready(command);
        if (!Document.Stage.IsBeforePickup()) return Conflict();
        if (assignment.Attempt <= Document.Attempt) return CommandResult.Conflict("A newer mission is known.");

        var result = Document.IsMade ? CommandResult.Done : CommandResult.Created;
        var stage = Document.Stage == DeliveryStage.HeadedToPickup ? DeliveryStage.Rescheduled : Document.Stage;
        // Plans of earlier builds do not say when the delivery was asked for.
        var asked = plan.RequestedAt != default;
        var next = (Document.Events.Count == 0 && asked ? Document.WithAsked(plan.RequestedAt) : Document)
            .WithMission(plan, assignment)
            .WithEvent(stage, time.GetUtcNow(), assignment.Start, $"{Carriers.InWords(assignment.DroneId)} will fetch the parcel.", Flown(assignment.DroneId, assignment.Attempt))
            .WithCommand(command, result);

        // A drone is soon under way, which is stored with it. If it is forgotten before, the request makes it again: it has written down the mission.
        if (Exists || partner || !asked) await Store(next);
        else KeepSoon(next);
        return result;
    }

    public async Task<CommandResult> Assign(CommandId command, DeliveryPlan plan, MissionAssignment assignment) =>
        Document.IsMade ? await Create(command, plan, assignment) : CommandResult.NotFound;

    public async Task<CommandResult> Recall(CommandId command, int attempt, string reason)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Document.Stage.IsBeforePickup()) return Conflict();
        if (attempt < Document.Attempt || (attempt == Document.Attempt && Document.DroneId is null)) return CommandResult.Done;

        var next = Document.IsMade
            ? Document.MoveTo(DeliveryStage.Rescheduled, time.GetUtcNow(), _position?.Position, reason, FlownAttempt)
            : Document;
        await Store(next.WithoutMission(attempt).WithCommand(command, CommandResult.Done));
        _position = null;
        return CommandResult.Done;
    }

    public async Task<CommandResult> Cancel(CommandId command, int attempt, string reason)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (Document.Stage == DeliveryStage.Cancelled) return CommandResult.Done;
        if (!Document.Stage.IsBeforePickup()) return Conflict();

        var next = Document.IsMade
            ? Document.MoveTo(DeliveryStage.Cancelled, time.GetUtcNow(), _position?.Position, reason, FlownAttempt)
            : Document with { Stage = DeliveryStage.Cancelled };
        await Store(next.WithoutMission(attempt).WithCommand(command, CommandResult.Done));
        _position = null;
        return CommandResult.Done;
    }

    public async Task<CommandResult> Complete(CommandId command, string reason)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Document.IsMade) return CommandResult.NotFound;
        if (Document.Stage == DeliveryStage.Completed) return CommandResult.Done;
        if (Document.Stage != DeliveryStage.HeadedToDropoff) return CommandResult.Conflict($"A delivery that is {Document.Stage} cannot be completed.");

        var now = time.GetUtcNow();
        await Store((Document with { HandedOverAt = Document.HandedOverAt ?? now, DeliveryEta = Document.HandedOverAt ?? now })
            .MoveTo(DeliveryStage.Completed, now, null, reason)
            .WithCommand(command, CommandResult.Done));
        return CommandResult.Done;
    }

    public async Task<CommandResult> GiveUp(CommandId command, int attempt, string reason)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (Document.Stage == DeliveryStage.Completed) return Conflict();
        if (Document.Stage != DeliveryStage.HeadedToDropoff) return await Cancel(command, attempt, reason);
        if (Document.DroneId is null) return DoneAlready(command);

        await Store(Document
            .WithEvent(Document.Stage, time.GetUtcNow(), _position?.Position, reason, FlownAttempt)
            .WithParcelLost()
            .WithoutMission(attempt)
            .WithCommand(command, CommandResult.Done));
        _position = null;
        return CommandResult.Done;
    }

    public async Task<CommandResult> Confirm(CommandId command, DeliveryConfirmation confirmation)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Document.IsMade) return CommandResult.NotFound;
        var now = time.GetUtcNow();
        if (Document.Commands.Refuse(command, now) is { } full) return full;
        if (Document.Confirmation is not null) return await DoneAlready(command, now);
        if (Document is not { Stage: DeliveryStage.HeadedToDropoff, DroneId: not null })
            return CommandResult.Conflict($"A delivery that is {Document.Stage} cannot be confirmed.");
        if (Document.Plan!.Confirmation is not ConfirmationRequired.None and var wanted)
        {
            if (confirmation.Type != wanted) return CommandResult.Conflict($"The sender asked for {wanted}, not {confirmation.Type}.");
            if (string.IsNullOrEmpty(confirmation.Blob)) return CommandResult.Conflict($"The sender asked for {wanted}, and none came with the confirmation.");
        }

        if (confirmation.Blob?.Length > DeliveryConfirmation.MaxBlobLength) return CommandResult.Conflict("The confirmation is too large.");
        if (!string.IsNullOrEmpty(confirmation.Blob)) await GrainFactory.GetGrain<IConfirmationGrain>(this.GetPrimaryKeyString()).Keep(confirmation.Blob);

        var next = (Document with { Confirmation = confirmation with { Blob = null } })
            .WithEvent(Document.Stage, now, confirmation.Location, $"Confirmed by {confirmation.Type}.")
            .WithCommand(command, CommandResult.Done, now);
        if (Document.HandedOverAt is not null) next = next.MoveTo(DeliveryStage.Completed, now, null, "Delivered and confirmed.");
        await Store(next);
        return CommandResult.Done;
    }

    public async Task<CommandResult> AuthorizePickup(CommandId command, string droneId, int attempt, GeoPoint position)
    {
        if (Document.HandedOverAt is not null) return CommandResult.Conflict("The parcel was handed over."); // Also to who may have had it once.
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Document.IsMade && attempt > Document.Attempt) return CommandResult.NotFound;
        if (!Document.IsServedBy(droneId, attempt)) return CommandResult.Conflict("This mission is not the valid one.");
        if (Document.Stage == DeliveryStage.HeadedToDropoff) return DoneAlready(command);
        if (!Document.Stage.IsBeforePickup()) return Conflict();

        var now = time.GetUtcNow();
        await Store(HeadToPickup(droneId, position, now)
            .MoveTo(DeliveryStage.HeadedToDropoff, now, position, $"{Carriers.InWords(droneId)} has the parcel.", Flown(droneId, attempt))
            .WithCommand(command, CommandResult.Done) with
        { PickupEta = now });
        return CommandResult.Done;
    }

    public async Task<CommandResult> Report(MissionReport report)
    {
        // A mission newer than any known here is still being assigned: the drone will say it again.
        if (report.Attempt > Document.Attempt) return CommandResult.NotFound;
        if (!Document.IsServedBy(report.DroneId, report.Attempt)) return CommandResult.Conflict("This mission is not the valid one.");

        var now = time.GetUtcNow();
        switch (report.Phase)
        {
            case MissionPhase.HeadedToPickup or MissionPhase.AtPickup when Document.Stage is DeliveryStage.Created or DeliveryStage.Rescheduled:
                await Store(HeadToPickup(report.DroneId, report.Position, now) with
                {
                    PickupEta = report.Eta.Pickup,
                    DeliveryEta = report.Eta.Dropoff,
                });
                break;

            case MissionPhase.HeadedToPickup or MissionPhase.AtPickup when Document.Stage == DeliveryStage.Completed:
                return Conflict(); // The drone knows no more that it delivered, or its mission is a stale one.

            case MissionPhase.HeadedToDropoff when Document.Stage.IsBeforePickup():
                return CommandResult.Conflict("The drone took off with a parcel it was not allowed to take.");

            case MissionPhase.Delivered when Document.Stage == DeliveryStage.HeadedToDropoff:
                if (Document.HandedOverAt is null) await HandOver(report, now);
                break;

            case MissionPhase.Delivered when Document.Stage != DeliveryStage.Completed:
                return Conflict();
        }

        await Track(new PositionUpdate(report.DroneId, report.Attempt, report.Position, report.Time, report.Eta));
        return CommandResult.Done;
    }

    public ValueTask Track(PositionUpdate update)
    {
        if (Document.IsServedBy(update.DroneId, update.Attempt) && !(update.Time < _position?.Time)) _position = update;
        return ValueTask.CompletedTask;
    }

    public async Task<CommandResult> NotifyMe(CommandId command, NotificationRequest request, CallerAccount caller)
    {
        await Seek();
        if (!IsThereFor(caller)) return CommandResult.NotFound;
        if (Document.Commands.Find(command) is { } known) return known;
        if (IsArchived) return CommandResult.Conflict("The delivery ended long ago.");
        var now = time.GetUtcNow();
        if (Document.Commands.Refuse(command, now) is { } full) return full;
        if (Document.Notifications.Any(wanted => wanted.EmailAddress == request.EmailAddress && wanted.Sms == request.Sms)) return await DoneAlready(command, now);
        if (Document.Notifications.Count >= MaxNotifications)
            return CommandResult.Conflict($"No more than {MaxNotifications} people can be notified of one delivery.");

        await Store((Document with { Notifications = [.. Document.Notifications, request] }).WithCommand(command, CommandResult.Done, now));
        return CommandResult.Done;
    }

    public async ValueTask<DeliverySnapshot?> Get(CallerAccount caller)
    {
        await Seek();
        return !IsThereFor(caller) ? null : new DeliverySnapshot(
            this.GetPrimaryKeyString(),
            Document.Plan!,
            Status(),
            Document.DroneId,
            Document.Attempt,
            Document.Stage == DeliveryStage.Completed ? Document.Events[^1].Time : null,
            Document.IsDrained(_handed),
            Document.HandedOverAt,
            Document.Events.Count,
            Document.ToldToOwner(_handed));
    }

    public async ValueTask<DeliverySnapshot?> Find()
    {
        await Verify(TimeSpan.Zero);
        return await Get(CallerAccount.Any);
    }

    public async ValueTask<DeliveryStage?> GetStage()
    {
        await Verify(TimeSpan.Zero);
        await Seek();
        return Exists ? Document.Stage : null;
    }

    public async ValueTask<DeliveryStatus?> GetStatus(CallerAccount caller)
    {
        await Seek();
        return IsThereFor(caller) ? Status() : null;
    }

    public async ValueTask<IReadOnlyList<TrackingEvent>?> GetHistory(CallerAccount caller)
    {
        if (!Document.IsMade) await Verify(TimeSpan.Zero); // Who hears that there is none is told the request's events, and another life may have told its own.
        await Seek();
        return !IsThereFor(caller) ? null : IsOnlyNoted ? [.. Document.Events.Take(LastToldEvent)] : Document.Events;
    }

    public Task Wake() => Task.CompletedTask;

    private const int MaxNotifications = 20;

    /// <summary>
    /// What was made a moment ago is known without reading; but who decides by it, or is told of it, has to know that nothing else was stored.
    /// </summary>
    protected override bool NeedsDocument(string method) => method switch
    {
        nameof(Create) => false,
        nameof(Get) or nameof(Find) or nameof(GetStage) or nameof(GetStatus) or nameof(GetHistory) => true,
        _ => !IsOnlyNoted,
    };

    // Positions come every few seconds and answer nothing.
    protected override bool AnswersFromDocument(string method) => method != nameof(Track);

    /// <summary>A refusal is acted upon: a drone ends its mission, a request finds that the parcel was fetched. So it has to come from the life that knows.</summary>
    public override Task Invoke(IIncomingGrainCallContext context)
    {
        return AnswersFromDocument(context.MethodName) ? Verified() : base.Invoke(context);

        async Task Verified()
        {
            await base.Invoke(context);
            if (context.Result is CommandResult { Outcome: CommandOutcome.Conflict }) await Verify(TimeSpan.Zero);
        }
    }

    protected override async Task OnRead()
    {
        if (!Exists) return;
        _handed = Document.Handed;
        _replays = Document.Stage.IsFinal();
        if (Document.Archived == true) await Seek();
        DrainSoon();
    }

    private bool IsThereFor(CallerAccount caller) => Document.IsMade && caller.MayActFor(Document.Plan!.OwnerId);

    /// <summary>Whether the delivery was made, and not yet stored.</summary>
    private bool IsOnlyNoted => !Exists && Document.IsMade;

    /// <summary>Number of the last event that stands whatever crashes: the first is stored with the request, the others here.</summary>
    private int LastToldEvent => IsOnlyNoted ? 1 : Document.Events.Count;

    private DeliveryState HeadToPickup(string droneId, GeoPoint position, DateTimeOffset now) =>
        Document.Stage == DeliveryStage.HeadedToPickup
            ? Document
            : Document.MoveTo(DeliveryStage.HeadedToPickup, now, position, $"{Carriers.InWords(droneId)} is on its way to the pickup.", Flown(droneId, Document.Attempt));

    /// <summary>There is nothing to change. The command goes with the next change, after which it must not get another answer.</summary>
    private CommandResult DoneAlready(CommandId command)
    {
        Note(Document.WithCommand(command, CommandResult.Done));
        return CommandResult.Done;
    }

    /// <summary>There is nothing to change, but a key that came with it is not to come with something else.</summary>
    private async Task<CommandResult> DoneAlready(CommandId command, DateTimeOffset now)
    {
        if (command.Key is not null) await Store(Document.WithCommand(command, CommandResult.Done, now));
        return CommandResult.Done;
    }

    private async Task HandOver(MissionReport report, DateTimeOffset now)
    {
        var next = Document with { HandedOverAt = now, DeliveryEta = now };
        var confirmed = Document.Plan!.Confirmation == ConfirmationRequired.None || Document.Confirmation is not null;
        await Store(confirmed
            ? next.MoveTo(DeliveryStage.Completed, now, report.Position, "Delivered.", Flown(report.DroneId, report.Attempt))
            : next.WithEvent(next.Stage, now, report.Position, $"Handed over; the {Document.Plan.Confirmation} confirmation is awaited.", Flown(report.DroneId, report.Attempt)));
    }

    private DeliveryStatus Status() => _position is { } position && !Document.Stage.IsFinal()
        ? new DeliveryStatus(Document.Stage, position.Position, position.Eta.Pickup ?? Document.PickupEta, position.Eta.Dropoff, LastToldEvent)
        : new DeliveryStatus(Document.Stage, Document.LastLocation, Document.PickupEta, Document.DeliveryEta, LastToldEvent, Document.IsParcelLost);

    private CommandResult Conflict() => CommandResult.Conflict(Document.Stage switch
    {
        DeliveryStage.Cancelled => "The delivery was cancelled.",
        DeliveryStage.Completed => "The delivery is completed.",
        _ => "The drone has the parcel already.",
    });

    /// <summary>Mission whose drone is under way and told its position, if any.</summary>
    private int? FlownAttempt => Document.DroneId is { } carrier && _position is not null ? Flown(carrier, Document.Attempt) : null;

    // What a partner carried was flown by no drone of ours, and is not invoiced as such.
    private static int? Flown(string carrier, int attempt) => Carriers.IsPartner(carrier, out _) ? null : attempt;

    private async Task Store(DeliveryState next)
    {
        await Save(next with { Handed = _handed });
        _keep?.Dispose();
        _keep = null;
        DrainSoon();
    }

    private void KeepSoon(DeliveryState next)
    {
        Note(next);
        _keep = this.RegisterGrainTimer(
            _ => IsOnlyNoted ? Store(Document) : Task.CompletedTask, new GrainTimerCreationOptions(FirstReport, DrainInterval) { KeepAlive = true });
    }
}
