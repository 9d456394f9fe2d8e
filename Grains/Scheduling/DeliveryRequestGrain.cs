using DroneDelivery.Archiving;
using DroneDelivery.Drones;
using DroneDelivery.Queries;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Scheduling;

/// <summary>What clients, operators, drones and deliveries tell the request; what it does by itself is in the other part of the class.</summary>
[GrainType("delivery-request")]
internal sealed partial class DeliveryRequestGrain(
    [LazyState("request", GrainStores.Requests)] IPersistentState<DeliveryRequestState> store,
    IDeliveryIndex index,
    IOptions<SchedulingOptions> options,
    TimeProvider time,
    ILogger<DeliveryRequestGrain> logger) : LazyDocumentGrain<DeliveryRequestState>(store), IDeliveryRequestGrain
{
    private string Id => this.GetPrimaryKeyString();

    private ISupervisorGrain Supervisor => GrainFactory.GetGrain<ISupervisorGrain>(SupervisorShards.Of(this.GetGrainId()));

    private IDispatchQueueGrain Queue => GrainFactory.GetGrain<IDispatchQueueGrain>(Document.Area);

    private IDeliveryGrain Delivery => GrainFactory.GetGrain<IDeliveryGrain>(Id);

    public async Task<CommandResult> Submit(CommandId command, DeliveryOrder order)
    {
        if (Exists && AnswerTo(command) is { Succeeded: false } other) return other;

        // The supervisor first: a request that is stored is always watched; a watch without a request ends by itself. On repetition
        // too, since a write whose answer was lost can have come after its watch had ended.
        var now = time.GetUtcNow();
        if (!(Exists && Document.IsSettled) && !await Supervisor.Register(Id, now + options.Value.Recheck))
            return CommandResult.Busy("Too many requests are open; come back later.");

        // Most ids are new, so whether this one is shows when it is stored.
        var first = new DeliveryRequestState { Order = order, AcceptedAt = now, SubmittedBy = command, UpdatedAt = now }
            .WithCommand(command, CommandResult.Created).WithNotices(Id, null, now, _flown, _announced);
        if (Exists || !await Insert(first)) return AnswerTo(command);
        AnnounceSoon();
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

        await LookSoon();
        if (Document.Transport is { } carrier && await CallOff(carrier) is { Succeeded: false } refused) return refused;
        if (Document.LastAttempt > 0)
        {
            var cancelled = await Delivery.Cancel(command, Document.LastAttempt, reason);
            if (!cancelled.Succeeded) return cancelled;
        }

        Queue.Withdraw(Id).Ignore();
        await Store((Document.MoveTo(RequestStatus.Cancelled, reason).WithoutTransport() with { Trouble = null, FlaggedAt = null })
            .WithCommand(command, CommandResult.Done));
        await Attempt(Undo);
        AdvanceSoon();
        return CommandResult.Done;
    }

    public async Task<CommandResult> Reschedule(CommandId command, DeliveryChange change)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Exists) return CommandResult.NotFound;
        if (Document.Status.IsFinal()) return AlreadyFinal();

        await LookSoon();
        if (Document.Transport is { } transport)
        {
            if (await CallOff(transport) is { Succeeded: false } refused) return refused;
            var recalled = await Delivery.Recall(command, transport.Attempt, "Rescheduled by the client.");
            if (!recalled.Succeeded) return recalled;
            _flown = (await Delivery.Get())?.LastEvent ?? _flown;
        }

        // A dead letter takes the change along, but stays for its operator.
        var moved = Document.Status is RequestStatus.Accepted or RequestStatus.DeadLettered ? Document : Document.MoveTo(RequestStatus.Scheduling);
        Queue.Withdraw(Id).Ignore();
        await Store((moved.WithoutTransport().WithChange(change) with { SeekingSince = null }).WithCommand(command, CommandResult.Done));
        AdvanceSoon();
        return CommandResult.Done;
    }

    public async Task<CommandResult> Confirm(CommandId command, DeliveryConfirmation confirmation)
    {
        if (!Exists) return CommandResult.NotFound;
        if (IsArchived) return AlreadyFinal();
        var result = await Delivery.Confirm(command, confirmation);
        return result.Outcome == CommandOutcome.NotFound ? CommandResult.Conflict("No drone has the parcel yet.") : result;
    }

    public async Task<RememberedCommand> Remember(CommandId command)
    {
        var now = time.GetUtcNow();
        if (Document.Commands.Find(command) is { } known) return new(known, Document.Commands.FindKeyed(command)?.At ?? now);
        if (!Exists) return new(CommandResult.NotFound, now);
        if (IsArchived) return new(CommandResult.Conflict("The delivery ended too long ago for an Idempotency-Key to be kept with it; leave the key out."), now);
        if (Document.Commands.Refuse(command, now) is { } full) return new(full, now);

        await Store(Document with { Commands = Document.Commands.With(command, CommandResult.Done, now) });
        return new(CommandResult.Done, now);
    }

    public async Task<CommandResult> Replay(CommandId command, string note)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Exists) return CommandResult.NotFound;
        if (Document.Flag != RequestFlag.DeadLetter) return CommandResult.Conflict("The request is not a dead letter.");

        await LookSoon();
        var next = Document.Status.IsFinal() ? Document : Document.MoveTo(RequestStatus.Scheduling);
        await Store((next with { SeekingSince = null }).WithoutFlag(time.GetUtcNow(), $"Replayed: {note}").WithCommand(command, CommandResult.Done));
        await Tell();
        AdvanceSoon();
        return CommandResult.Done;
    }

    public async Task<CommandResult> Abandon(CommandId command, string note)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Exists) return CommandResult.NotFound;
        if (Document.Status != RequestStatus.DeadLettered) return CommandResult.Conflict("The request is not a dead letter.");
        if (Document.LastAttempt > 0 && await StageIfKnown() == DeliveryStage.Completed)
            return CommandResult.Conflict("The parcel was delivered; replay the request, and it completes.");

        await LookSoon();
        Queue.Withdraw(Id).Ignore();
        await Store((Document.MoveTo(RequestStatus.Failed, note).WithoutTransport() with { Discard = Document.LastAttempt > 0 })
            .WithoutFlag(time.GetUtcNow(), $"Abandoned: {note}").WithCommand(command, CommandResult.Done));
        await Attempt(Undo);
        await Tell();
        AdvanceSoon();
        return CommandResult.Done;
    }

    public async Task<CommandResult> Resolve(CommandId command, IncidentResolution resolution, string note)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Exists) return CommandResult.NotFound;
        if (Document.Flag != RequestFlag.Incident) return CommandResult.Conflict("The request has no incident.");

        await LookSoon();
        var next = Document;
        if (Document.Status != RequestStatus.Incident)
        {
            if (resolution != IncidentResolution.Continued) return CommandResult.Conflict($"The request is {Document.Status}; its alarms can only be continued.");
        }
        else if (resolution == IncidentResolution.Continued)
        {
            next = Document.MoveTo(RequestStatus.Scheduled) with { ResolvedAt = time.GetUtcNow() };
        }
        else
        {
            var completed = resolution == IncidentResolution.Completed;
            var closed = completed ? await Delivery.Complete(command, note) : await Delivery.GiveUp(command, Document.LastAttempt, note);
            if (!closed.Succeeded) return closed;
            next = Document.MoveTo(completed ? RequestStatus.Completed : RequestStatus.Failed, note) with { Undo = [.. Document.Undo, Document.Transport!] };
        }

        await Store(next.WithoutFlag(time.GetUtcNow(), $"Resolved as {resolution}: {note}").WithCommand(command, CommandResult.Done));
        await Attempt(Undo);
        await Tell();
        AdvanceSoon();
        return CommandResult.Done;
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
            Document.UpdatedAt,
            Document.Trouble?.Failures ?? 0,
            Document.Trouble?.RetryAt,
            Document.Alarms));

    public ValueTask<IReadOnlyList<RequestNote>?> GetNotes() => ValueTask.FromResult(Exists ? Document.Notes : null);

    public async Task<AssignResult> Assign(string droneId)
    {
        var result = AssignResult.NotWaiting;
        if (Exists) await Attempt(async () => result = await Commit(droneId));
        return result;
    }

    public async Task Hold(string reason)
    {
        if (!Document.Status.IsUnscheduled() || Document.Step != SchedulingStep.Transport || !IsTime()) return;
        if (Document.Status == RequestStatus.Waiting && Document.Reason == reason) return;
        await Store(EnterScheduling().MoveTo(RequestStatus.Waiting, reason));
    }

    public async Task Apply(DeliveryEvent occurred)
    {
        if (Document.Status.IsFinal() || !Exists) return;
        switch (occurred.Stage)
        {
            case DeliveryStage.Completed when Document.Status is RequestStatus.Scheduled or RequestStatus.Incident:
                await Store(Document.MoveTo(RequestStatus.Completed) with { Trouble = null });
                break;
            case DeliveryStage.Cancelled:
                await Store(Document.MoveTo(RequestStatus.Cancelled, Document.Reason).WithoutTransport() with { Trouble = null });
                break;
            default:
                // It was delivered while the commitment was still being finished, or while it waits for an operator: the next look finds it.
                AdvanceSoon();
                return;
        }

        await Attempt(Undo);
        AdvanceSoon();
    }

    public async Task Hear(DroneEvent occurred)
    {
        if (!Exists) return;
        if (occurred.Kind is DroneEventKind.MissionDropped or DroneEventKind.TroubleWithParcel or DroneEventKind.CarrierAnswered)
        {
            if (Document.Transport is { } transport && transport.DroneId == occurred.DroneId && transport.Attempt == occurred.Attempt) AdvanceSoon();
            return;
        }

        if (IsArchived)
        {
            LogLateAlarm(occurred.DroneId, occurred.Kind, Id, occurred.Detail);
            return;
        }

        var alarm = new RequestAlarm(occurred.Kind, occurred.DroneId, occurred.Attempt, occurred.Time, occurred.Detail);
        if (Document.WithAlarm(alarm) is not { } next) return;
        if (!await Supervisor.Register(Id, time.GetUtcNow() + options.Value.Recheck))
            throw new TimeoutException($"The supervisor shard of {Id} is full."); // The drone tells it again.
        await Store(next);
        await Tell();
    }

    // What lies in the archive can be submitted, too, by an id that is old enough.
    protected override bool NeedsDocument(string method) => method != nameof(Submit) || ArchivedIds.MayBe(Id, time.GetUtcNow());

    /// <summary>What is answered to those who submit what is there. A client may repeat its request a day later, after any number of other commands.</summary>
    private CommandResult AnswerTo(CommandId submit) =>
        Document.SubmittedBy == submit ? CommandResult.Created : Document.Commands.Find(submit) ?? CommandResult.Exists;

    private async Task<DeliveryStage?> StageIfKnown()
    {
        try
        {
            return await Delivery.GetStage();
        }
        catch (Exception failure) when (!Retry.MayHelp(failure))
        {
            LogStepFailed(failure, Id, "Abandon", 1);
            return null; // Its document is damaged; that is why an operator gives it up.
        }
    }

    private CommandResult AlreadyFinal() => CommandResult.Conflict(Document.Status switch
    {
        RequestStatus.Completed => "The delivery is completed.",
        RequestStatus.Cancelled => "The delivery was cancelled.",
        RequestStatus.Rejected => $"The request was rejected: {Document.Reason}",
        _ => "The request failed.",
    });
}
