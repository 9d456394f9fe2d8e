using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Shipping;

[GrainType("delivery")]
internal sealed partial class DeliveryGrain(
    [PersistentState("delivery", GrainStores.Deliveries)] IPersistentState<DeliveryState> store,
    TimeProvider time,
    ILogger<DeliveryGrain> logger) : DocumentGrain<DeliveryState>(store), IDeliveryGrain
{
    private static readonly TimeSpan DrainRetry = TimeSpan.FromSeconds(2);

    private PositionUpdate? _position;
    private IGrainTimer? _drain;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        DrainOutbox();
    }

    public async Task<CommandResult> Create(CommandId command, DeliveryPlan plan, MissionAssignment assignment)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (Document.IsServedBy(assignment.DroneId, assignment.Attempt)) return CommandResult.Done;
        if (!Document.Stage.IsBeforePickup()) return Conflict();
        if (assignment.Attempt <= Document.Attempt) return CommandResult.Conflict("A newer mission is known.");

        var result = Document.IsMade ? CommandResult.Done : CommandResult.Created;
        var stage = Document.Stage == DeliveryStage.HeadedToPickup ? DeliveryStage.Rescheduled : Document.Stage;
        var start = Document.IsMade ? Document.LastLocation : assignment.Start;
        await Save(Document
            .WithMission(plan, assignment)
            .WithEvent(stage, time.GetUtcNow(), null, $"Drone {assignment.DroneId} will fetch the parcel.")
            .WithCommand(command, result) with { LastLocation = start });
        return result;
    }

    public async Task<CommandResult> Assign(CommandId command, DeliveryPlan plan, MissionAssignment assignment) =>
        Document.IsMade ? await Create(command, plan, assignment) : CommandResult.NotFound;

    public async Task<CommandResult> Recall(CommandId command, int attempt, string reason)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Document.Stage.IsBeforePickup()) return Conflict();
        if (attempt < Document.Attempt || (attempt == Document.Attempt && Document.DroneId is null)) return CommandResult.Done;

        var next = Document.IsMade ? Document.MoveTo(DeliveryStage.Rescheduled, time.GetUtcNow(), _position?.Position, reason) : Document;
        await Save(next.WithoutMission(attempt).WithCommand(command, CommandResult.Done));
        _position = null;
        return CommandResult.Done;
    }

    public async Task<CommandResult> Cancel(CommandId command, int attempt, string reason)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (Document.Stage == DeliveryStage.Cancelled) return CommandResult.Done;
        if (!Document.Stage.IsBeforePickup()) return Conflict();

        var next = Document.IsMade
            ? Document.MoveTo(DeliveryStage.Cancelled, time.GetUtcNow(), _position?.Position, reason)
            : Document with { Stage = DeliveryStage.Cancelled };
        await Save(next.WithoutMission(attempt).WithCommand(command, CommandResult.Done));
        _position = null;
        DrainOutbox();
        return CommandResult.Done;
    }

    public async Task<CommandResult> Complete(CommandId command, string reason)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Document.IsMade) return CommandResult.NotFound;
        if (Document.Stage == DeliveryStage.Completed) return CommandResult.Done;
        if (Document.Stage != DeliveryStage.HeadedToDropoff) return CommandResult.Conflict($"A delivery that is {Document.Stage} cannot be completed.");

        var now = time.GetUtcNow();
        await Save((Document with { HandedOverAt = Document.HandedOverAt ?? now, DeliveryEta = Document.HandedOverAt ?? now })
            .MoveTo(DeliveryStage.Completed, now, null, reason)
            .WithCommand(command, CommandResult.Done));
        DrainOutbox();
        return CommandResult.Done;
    }

    public async Task<CommandResult> GiveUp(CommandId command, int attempt, string reason)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (Document.Stage == DeliveryStage.Completed) return Conflict();
        if (Document.Stage != DeliveryStage.HeadedToDropoff) return await Cancel(command, attempt, reason);
        if (Document.DroneId is null) return CommandResult.Done;

        await Save(Document
            .WithEvent(Document.Stage, time.GetUtcNow(), _position?.Position, reason)
            .WithoutMission(attempt)
            .WithCommand(command, CommandResult.Done));
        _position = null;
        return CommandResult.Done;
    }

    public async Task<CommandResult> Confirm(CommandId command, DeliveryConfirmation confirmation)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Document.IsMade) return CommandResult.NotFound;
        if (Document.Confirmation is not null) return CommandResult.Done;
        if (Document is not { Stage: DeliveryStage.HeadedToDropoff, DroneId: not null })
            return CommandResult.Conflict($"A delivery that is {Document.Stage} cannot be confirmed.");
        if (Document.Plan!.Confirmation is not ConfirmationRequired.None && confirmation.Type != Document.Plan.Confirmation)
            return CommandResult.Conflict($"The sender asked for {Document.Plan.Confirmation}, not {confirmation.Type}.");

        var now = time.GetUtcNow();
        var next = (Document with { Confirmation = confirmation })
            .WithEvent(Document.Stage, now, confirmation.Location, $"Confirmed by {confirmation.Type}.")
            .WithCommand(command, CommandResult.Done);
        if (Document.HandedOverAt is not null) next = next.MoveTo(DeliveryStage.Completed, now, null, "Delivered and confirmed.");
        await Save(next);
        DrainOutbox();
        return CommandResult.Done;
    }

    public async Task<CommandResult> AuthorizePickup(CommandId command, string droneId, int attempt, GeoPoint position)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Document.IsMade) return CommandResult.NotFound;
        if (!Document.IsServedBy(droneId, attempt)) return CommandResult.Conflict("This mission is not the valid one.");
        if (Document.Stage == DeliveryStage.HeadedToDropoff) return CommandResult.Done;
        if (!Document.Stage.IsBeforePickup()) return Conflict();

        var now = time.GetUtcNow();
        await Save(HeadToPickup(droneId, position, now)
            .MoveTo(DeliveryStage.HeadedToDropoff, now, position, $"Drone {droneId} has the parcel.")
            .WithCommand(command, CommandResult.Done) with { PickupEta = now });
        return CommandResult.Done;
    }

    public async Task<CommandResult> Report(MissionReport report)
    {
        if (!Document.IsMade) return CommandResult.NotFound;
        if (!Document.IsServedBy(report.DroneId, report.Attempt)) return CommandResult.Conflict("This mission is not the valid one.");

        var now = time.GetUtcNow();
        switch (report.Phase)
        {
            case MissionPhase.HeadedToPickup or MissionPhase.AtPickup when Document.Stage is DeliveryStage.Created or DeliveryStage.Rescheduled:
                await Save(HeadToPickup(report.DroneId, report.Position, now) with
                {
                    PickupEta = report.Eta.Pickup,
                    DeliveryEta = report.Eta.Dropoff,
                });
                break;

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

    public async Task<CommandResult> NotifyMe(CommandId command, NotificationRequest request)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Document.IsMade) return CommandResult.NotFound;
        if (Document.Notifications.Contains(request)) return CommandResult.Done;
        if (Document.Notifications.Count >= MaxNotifications)
            return CommandResult.Conflict($"No more than {MaxNotifications} people can be notified of one delivery.");

        await Save((Document with { Notifications = [.. Document.Notifications, request] }).WithCommand(command, CommandResult.Done));
        return CommandResult.Done;
    }

    public ValueTask<DeliverySnapshot?> Get() => ValueTask.FromResult(!Document.IsMade
        ? null
        : new DeliverySnapshot(
            this.GetPrimaryKeyString(),
            Document.Plan!,
            Status(),
            Document.DroneId,
            Document.Attempt,
            Document.Stage == DeliveryStage.Completed ? Document.Events[^1].Time : null,
            Document.HandedOverAt));

    public ValueTask<DeliveryStage?> GetStage() => ValueTask.FromResult(Exists ? Document.Stage : (DeliveryStage?)null);

    public ValueTask<DeliveryStatus?> GetStatus() => ValueTask.FromResult(Document.IsMade ? Status() : null);

    public ValueTask<IReadOnlyList<TrackingEvent>?> GetHistory() => ValueTask.FromResult(Document.IsMade ? Document.Events : null);

    public Task Wake() => Task.CompletedTask;

    private const int MaxNotifications = 20;

    private DeliveryState HeadToPickup(string droneId, GeoPoint position, DateTimeOffset now) =>
        Document.Stage == DeliveryStage.HeadedToPickup
            ? Document
            : Document.MoveTo(DeliveryStage.HeadedToPickup, now, position, $"Drone {droneId} is on its way to the pickup.");

    private async Task HandOver(MissionReport report, DateTimeOffset now)
    {
        var next = Document with { HandedOverAt = now, DeliveryEta = now };
        var confirmed = Document.Plan!.Confirmation == ConfirmationRequired.None || Document.Confirmation is not null;
        await Save(confirmed
            ? next.MoveTo(DeliveryStage.Completed, now, report.Position, "Delivered.")
            : next.WithEvent(next.Stage, now, report.Position, $"Handed over; the {Document.Plan.Confirmation} confirmation is awaited."));
        DrainOutbox();
    }

    private DeliveryStatus Status() => _position is { } position && !Document.Stage.IsFinal()
        ? new DeliveryStatus(Document.Stage, position.Position, position.Eta.Pickup ?? Document.PickupEta, position.Eta.Dropoff)
        : new DeliveryStatus(Document.Stage, Document.LastLocation, Document.PickupEta, Document.DeliveryEta);

    private CommandResult Conflict() => CommandResult.Conflict(Document.Stage switch
    {
        DeliveryStage.Cancelled => "The delivery was cancelled.",
        DeliveryStage.Completed => "The delivery is completed.",
        _ => "The drone has the parcel already.",
    });

    /// <summary>
    /// Hands stored events to the request from a timer that lets calls in between, so that no call waits in a circle.
    /// What was handed on stays in the document: the request knows repetitions, and a write less counts.
    /// </summary>
    private void DrainOutbox()
    {
        if (Document.Outbox.Count == 0 || _drain is not null) return;
        _drain = this.RegisterGrainTimer(
            Drain, new GrainTimerCreationOptions(TimeSpan.Zero, DrainRetry) { Interleave = true, KeepAlive = true });
    }

    private async Task Drain(CancellationToken cancellationToken)
    {
        try
        {
            var request = GrainFactory.GetGrain<IDeliveryRequestGrain>(this.GetPrimaryKeyString());
            foreach (var occurred in Document.Outbox) await request.Apply(occurred);
            _drain?.Dispose();
            _drain = null;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogDrainFailed(failure, this.GetPrimaryKeyString());
        }
    }

    [LoggerMessage(LogLevel.Warning, "Events of delivery {DeliveryId} could not be handed on; trying again.")]
    private partial void LogDrainFailed(Exception failure, string deliveryId);
}
