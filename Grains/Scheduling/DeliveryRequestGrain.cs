using DroneDelivery.Accounts;
using DroneDelivery.Drones;
using DroneDelivery.Packages;
using DroneDelivery.Queries;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Scheduling;

[GrainType("delivery-request")]
internal sealed partial class DeliveryRequestGrain(
    [PersistentState("request", GrainStores.Requests)] IPersistentState<DeliveryRequestState> store,
    IDeliveryIndex index,
    IOptions<SchedulingOptions> options,
    TimeProvider time,
    ILogger<DeliveryRequestGrain> logger) : DocumentGrain<DeliveryRequestState>(store), IDeliveryRequestGrain
{
    private IGrainTimer? _advance;

    private string Id => this.GetPrimaryKeyString();

    private ISupervisorGrain Supervisor => GrainFactory.GetGrain<ISupervisorGrain>(SupervisorShards.Of(this.GetGrainId()));

    private IDispatchQueueGrain Queue => GrainFactory.GetGrain<IDispatchQueueGrain>(Document.Area);

    private IDeliveryGrain Delivery => GrainFactory.GetGrain<IDeliveryGrain>(Id);

    public async Task<CommandResult> Submit(CommandId command, DeliveryOrder order)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (Exists) return CommandResult.Exists;

        // The supervisor first: a request that is stored is always watched; a watch without a request ends by itself.
        var now = time.GetUtcNow();
        await Supervisor.Register(Id, now + options.Value.Recheck);
        await Store(new DeliveryRequestState { Order = order, AcceptedAt = now }.WithCommand(command, CommandResult.Created));
        AdvanceSoon();
        TellIndexSoon();
        return CommandResult.Created;
    }

    public async Task<CommandResult> Cancel(CommandId command, string reason)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Exists) return CommandResult.NotFound;
        if (Document.Status == RequestStatus.Cancelled) return CommandResult.Done;
        if (Document.Status.IsFinal()) return AlreadyFinal();

        await FinishCommitment();
        if (Document.Transport is not null)
        {
            var cancelled = await Delivery.Cancel(command, reason);
            if (cancelled.Outcome == CommandOutcome.Conflict) return cancelled;
        }

        await Queue.Withdraw(Id);
        await Store(Document.MoveTo(RequestStatus.Cancelled, reason).WithoutTransport().WithCommand(command, CommandResult.Done));
        await Undo();
        AdvanceSoon();
        return CommandResult.Done;
    }

    public async Task<CommandResult> Reschedule(CommandId command, DeliveryChange change)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Exists) return CommandResult.NotFound;
        if (Document.Status.IsFinal()) return AlreadyFinal();

        await FinishCommitment();
        if (Document.Transport is not null)
        {
            var recalled = await Delivery.Recall(command, "Rescheduled by the client.");
            if (!recalled.Succeeded) return recalled;
        }

        var changed = Document.Status == RequestStatus.Accepted ? Document : Document.MoveTo(RequestStatus.Scheduling);
        await Queue.Withdraw(Id);
        await Store(changed.WithoutTransport().WithChange(change).WithCommand(command, CommandResult.Done));
        AdvanceSoon();
        return CommandResult.Done;
    }

    public async Task<CommandResult> Confirm(CommandId command, DeliveryConfirmation confirmation)
    {
        if (!Exists) return CommandResult.NotFound;
        var result = await Delivery.Confirm(command, confirmation);
        return result.Outcome == CommandOutcome.NotFound ? CommandResult.Conflict("No drone has the parcel yet.") : result;
    }

    public ValueTask<DeliveryRequestSnapshot?> Get() => ValueTask.FromResult(!Exists
        ? null
        : new DeliveryRequestSnapshot(
            Id,
            Document.Order!,
            Document.Status,
            Document.Status.IsUnscheduled() ? Document.Step : null,
            Document.Reason,
            Document.Transport,
            Document.AcceptedAt,
            Document.UpdatedAt));

    public async Task<DateTimeOffset?> Resume()
    {
        // A shard may know a request whose acceptance never got stored: its client was told nothing.
        if (!Exists) return null;
        if (Document.IsSettled) return await Leave();

        TellIndexSoon();
        await Undo();
        await FinishCommitment();
        if (Document.Status.IsUnscheduled()) await Advance();
        else if (Document.Status == RequestStatus.Scheduled) await CheckFlight();
        return Document.IsSettled ? await Leave() : NextLook();
    }

    public async Task<AssignResult> Assign(string droneId)
    {
        await FinishCommitment();
        if (Document.Transport?.DroneId == droneId) return AssignResult.Assigned;
        if (!Exists || !Document.Status.IsUnscheduled() || Document.Step != SchedulingStep.Transport || !IsTime()) return AssignResult.NotWaiting;

        // Written before the drone is asked, so that after a crash it is known who may have a reservation.
        var attempt = Document.LastAttempt + 1;
        await Store(Document.MoveTo(RequestStatus.Scheduling) with
        {
            Step = SchedulingStep.Delivery,
            Transport = new Transport(droneId, attempt),
            LastAttempt = attempt,
        });
        await FinishCommitment();
        return Document.Status == RequestStatus.Scheduled ? AssignResult.Assigned : AssignResult.DroneUnavailable;
    }

    public async Task Hold(string reason)
    {
        if (Document.Status is not (RequestStatus.Accepted or RequestStatus.Scheduling) || Document.Step != SchedulingStep.Transport) return;
        await Store(EnterScheduling().MoveTo(RequestStatus.Waiting, reason));
    }

    public async Task Apply(DeliveryEvent occurred)
    {
        if (Document.Status.IsFinal() || !Exists) return;
        switch (occurred.Stage)
        {
            case DeliveryStage.Completed when Document.Status is RequestStatus.Scheduled or RequestStatus.Incident:
                await Store(Document.MoveTo(RequestStatus.Completed));
                break;
            case DeliveryStage.Cancelled:
                await Store(Document.MoveTo(RequestStatus.Cancelled, Document.Reason).WithoutTransport());
                break;
            default:
                return;
        }

        await Undo();
        AdvanceSoon();
    }

    /// <summary>Runs the steps up to the dispatch queue. Every step may run again: none has an effect the second time.</summary>
    private async Task Advance()
    {
        var order = Document.Order!;
        var account = await GrainFactory.GetGrain<IAccountGrain>(order.OwnerId).Get();
        if (account.Standing == AccountStanding.Suspended)
        {
            await Reject($"The account '{order.OwnerId}' is suspended{(account.Reason is { } why ? $": {why}" : "")}.");
            return;
        }

        Note(EnterScheduling() with { Step = SchedulingStep.Package });
        var stored = await GrainFactory.GetGrain<IPackageGrain>(order.PackageId).Put(StepId("package"), order.OwnerId, order.Package);
        if (!stored.Succeeded)
        {
            await Reject(stored.Reason!);
            return;
        }

        Note(Document with { Step = SchedulingStep.Transport });
        if (!IsTime())
        {
            if (Document.Status != RequestStatus.Waiting) await Store(Document.MoveTo(RequestStatus.Waiting, "It is too early to send a drone."));
            var start = order.PickupTime - options.Value.PickupLead;
            await Supervisor.Postpone(Id, start);
            return;
        }

        if (order.Deadline <= time.GetUtcNow())
        {
            await Reject("The deadline has passed.");
            return;
        }

        await Queue.Enqueue(Document.Ticket(Id));
    }

    /// <summary>
    /// Commits the drone that was written down and makes the delivery, or finds that the drone will not and forgets it.
    /// Does nothing when no commitment is open.
    /// </summary>
    private async Task FinishCommitment()
    {
        if (Document is not { Transport: { } transport, Step: SchedulingStep.Delivery } || !Document.Status.IsUnscheduled()) return;

        var order = Document.Order!;
        var offer = new MissionOffer(
            Id, transport.Attempt, order.Pickup.Location, order.Dropoff.Location, order.Package.Weight, order.Package.Size, order.Deadline);
        var reserved = await GrainFactory.GetGrain<IDroneGrain>(transport.DroneId).Reserve(MissionId(transport), offer);
        if (!reserved.Accepted)
        {
            LogRefused(transport.DroneId, Id, reserved.Reason);
            Note(Document with { Transport = null, Step = SchedulingStep.Transport });
            return;
        }

        var plan = new DeliveryPlan(
            order.OwnerId, order.PackageId, order.Pickup, order.Dropoff, order.DeadlineText, order.Expedited, order.Confirmation,
            Document.AcceptedAt, order.Package.Weight);
        var created = await Delivery.Create(
            MissionId(transport), plan, new MissionAssignment(transport.DroneId, transport.Attempt, reserved.Position, reserved.Eta!));
        if (!created.Succeeded) throw new InvalidOperationException($"Delivery {Id} refused mission {transport.Attempt}: {created.Reason}");
        await Store(Document.MoveTo(RequestStatus.Scheduled));
        await Supervisor.Postpone(Id, NextLook());
    }

    /// <summary>Catches up with a delivery whose events got lost, and seeks another drone for one whose drone is gone before pickup.</summary>
    private async Task CheckFlight()
    {
        var transport = Document.Transport!;
        var delivery = await Delivery.Get();
        if (delivery is null) throw new InvalidOperationException($"Request {Id} is scheduled, but its delivery is not there.");
        if (delivery.Status.Stage.IsFinal())
        {
            // Not before everybody else has heard of it: nobody looks after the delivery of a settled request.
            if (delivery.Drained) await Apply(new DeliveryEvent(0, delivery.Status.Stage, delivery.CompletedAt ?? time.GetUtcNow()));
            return;
        }

        var drone = await GrainFactory.GetGrain<IDroneGrain>(transport.DroneId).Get();
        var flies = drone?.Mission is { } mission && mission.DeliveryId == Id && mission.Attempt == transport.Attempt;
        var silent = !(time.GetUtcNow() - drone?.HeardAt <= options.Value.LostContact);
        if ((flies && !silent) || !delivery.Status.Stage.IsBeforePickup()) return;

        var recalled = await Delivery.Recall(new CommandId($"{MissionId(transport)}/lost"), $"Drone {transport.DroneId} was lost before pickup.");
        if (!recalled.Succeeded) return; // The drone took the parcel meanwhile.
        LogLost(transport.DroneId, Id);
        await Store(Document.MoveTo(RequestStatus.Scheduling, $"Drone {transport.DroneId} was lost before pickup.").WithoutTransport());
        await Undo();
        await Advance();
    }

    /// <summary>Takes back missions that are not wanted any more.</summary>
    private async Task Undo()
    {
        foreach (var transport in Document.Undo)
            await GrainFactory.GetGrain<IDroneGrain>(transport.DroneId).Release(new CommandId($"{MissionId(transport)}/release"), Id, transport.Attempt);
        if (Document.Undo.Count > 0) Note(Document with { Undo = [] });
    }

    private async Task Reject(string reason)
    {
        await Queue.Withdraw(Id);
        await Store(EnterScheduling().MoveTo(RequestStatus.Rejected, reason));
        await Undo();
    }

    private void AdvanceSoon()
    {
        _advance?.Dispose();
        _advance = this.RegisterGrainTimer(AdvanceNow, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task AdvanceNow(CancellationToken cancellationToken)
    {
        try
        {
            await Resume();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogStepFailed(failure, Id, Document.Step); // The supervisor comes back to it.
        }
    }

    private DeliveryRequestState EnterScheduling() =>
        Document.Status == RequestStatus.Accepted ? Document.MoveTo(RequestStatus.Scheduling) : Document;

    private Task Store(DeliveryRequestState next) => Save(next with { UpdatedAt = time.GetUtcNow() });

    private bool IsTime() => Document.Order!.PickupTime - options.Value.PickupLead <= time.GetUtcNow();

    private DateTimeOffset NextLook()
    {
        var start = Document.Order!.PickupTime - options.Value.PickupLead;
        var recheck = time.GetUtcNow() + options.Value.Recheck;
        return Document.Status == RequestStatus.Waiting && start > recheck ? start : recheck;
    }

    private CommandId MissionId(Transport transport) => new($"{Id}/mission/{transport.Attempt}");

    private CommandId StepId(string step) => new($"{Id}/{step}/{Document.Revision}");

    private CommandResult AlreadyFinal() => CommandResult.Conflict(Document.Status switch
    {
        RequestStatus.Completed => "The delivery is completed.",
        RequestStatus.Cancelled => "The delivery was cancelled.",
        RequestStatus.Rejected => $"The request was rejected: {Document.Reason}",
        _ => "The request failed.",
    });

    [LoggerMessage(LogLevel.Debug, "Drone {DroneId} refused delivery {DeliveryId}: {Reason}")]
    private partial void LogRefused(string droneId, string deliveryId, string? reason);

    [LoggerMessage(LogLevel.Warning, "Drone {DroneId} was lost before it fetched the parcel of {DeliveryId}; another one is sought.")]
    private partial void LogLost(string droneId, string deliveryId);

    [LoggerMessage(LogLevel.Warning, "Request {DeliveryId} failed at step {Step}; trying again.")]
    private partial void LogStepFailed(Exception failure, string deliveryId, SchedulingStep step);
}
