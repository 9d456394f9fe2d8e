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

    public async Task<CommandResult> Submit(CommandId command, DeliveryOrder order, CallerAccount caller)
    {
        if (Precondition.Of(this.GetGrainId()) is not null) await Read();
        if (Exists && !IsThereFor(caller)) return CommandResult.NotFound;
        if (Exists && AnswerTo(command, caller) is { Succeeded: false } other) return Refusal() ?? other;
        if (!Exists && Precondition.Refusal(this.GetGrainId()) is { } refused) return refused;

        // The supervisor first: a request that is stored is always watched; a watch without a request ends by itself. On repetition
        // too, since a write whose answer was lost can have come after its watch had ended.
        var (now, asked) = (time.GetUtcNow(), time.GetTimestamp());
        if (!(Exists && Document.IsSettled) && !await Supervisor.Register(Id, now + options.Value.Recheck, order.OwnerId)) return Full();

        // Most ids are new, so whether this one is shows when it is stored.
        var first = new DeliveryRequestState { Order = order, AcceptedAt = now, SubmittedBy = command, UpdatedAt = now }
            .WithCommand(command, CommandResult.Created).WithNotices(Id, null, now, _flown, _announced);
        if (Exists) return AnswerTo(command, caller);
        var isNew = await Insert(first);

        // A watch without a request ends after a time; an insert that took longer needs a new one.
        if (time.GetElapsedTime(asked) > SupervisorGrain.Grace / 2 && !Document.IsSettled && !await Supervisor.Register(Id, time.GetUtcNow() + options.Value.Recheck)) return Full();
        if (!isNew) return AnswerTo(command, caller);
        AnnounceSoon();
        AdvanceSoon();
        TellIndexSoon();
        return CommandResult.Created;
    }

    public async Task<CommandResult> Cancel(CommandId command, string reason, CallerAccount caller)
    {
        if (!IsThereFor(caller)) return CommandResult.NotFound;
        if (await Remembered(command) is { } known) return known;
        if (Refusal() is { } unmet) return unmet;
        if (Document.Status == RequestStatus.Cancelled) return CommandResult.Done;
        if (Document.Status.IsFinal()) return AlreadyFinal();

        var asked = await LookSoon();
        if (Document.Transport is { } carrier && await CallOff(carrier) is { Succeeded: false } refused) return refused;
        if (Document.LastAttempt > 0)
        {
            var cancelled = await Delivery.Cancel(command, Document.LastAttempt, reason);
            if (!cancelled.Succeeded) return cancelled;
        }

        Queue.Withdraw(Id).Ignore();
        await Store((Document.MoveTo(RequestStatus.Cancelled, reason).WithoutTransport() with { Trouble = null, FlaggedAt = null })
            .WithCommand(command, CommandResult.Done));
        await LookAgain(asked);
        await Attempt(Undo);
        AdvanceSoon();
        return CommandResult.Done;
    }

    public async Task<CommandResult> Reschedule(CommandId command, DeliveryChange change, CallerAccount caller)
    {
        if (!IsThereFor(caller)) return CommandResult.NotFound;
        if (await Remembered(command) is { } known) return known;
        if (Refusal() is { } unmet) return unmet;
        if (Document.Status.IsFinal()) return AlreadyFinal();
        if (Document.Revision >= options.Value.MaxChanges || Document.Lost >= DeliveryRequestState.LostCapacity)
            return CommandResult.Conflict("The order was changed or tried too often; cancel it and order again.");

        // Before anybody is called off. A dead letter takes the change along, but stays for its operator.
        var stays = Document.Status is RequestStatus.Accepted or RequestStatus.DeadLettered;
        if (!stays && Document.Status != RequestStatus.Scheduling && !Document.Status.CanMoveTo(RequestStatus.Scheduling))
            return CommandResult.Conflict("An operator is looking into the delivery; it can be changed when that is settled.");

        var asked = await LookSoon();
        if (Document.Transport is { } transport)
        {
            if (await CallOff(transport) is { Succeeded: false } refused) return refused;
            var recalled = await Delivery.Recall(command, transport.Attempt, "Rescheduled by the client.");
            if (!recalled.Succeeded) return recalled;
            _flown = (await Delivery.Get(CallerAccount.Any))?.LastEvent ?? _flown;
        }

        var moved = stays ? Document : Document.MoveTo(RequestStatus.Scheduling);
        Queue.Withdraw(Id).Ignore();
        await Store((moved.WithoutTransport().WithChange(change) with { SeekingSince = null }).WithCommand(command, CommandResult.Done));
        await LookAgain(asked);
        AdvanceSoon();
        return CommandResult.Done;
    }

    public async Task<CommandResult> Confirm(CommandId command, DeliveryConfirmation confirmation, CallerAccount caller)
    {
        if (!IsThereFor(caller)) return CommandResult.NotFound;
        if (IsArchived) return AlreadyFinal();
        var result = await Delivery.Confirm(command, confirmation);
        return result.Outcome == CommandOutcome.NotFound ? CommandResult.Conflict("No drone has the parcel yet.") : result;
    }

    public async Task<RememberedCommand> Remember(CommandId command, CallerAccount caller)
    {
        var now = time.GetUtcNow();
        if (!IsThereFor(caller)) return new(CommandResult.NotFound, now);
        if (Document.Commands.Find(command) is { } known) return new(known, Document.Commands.FindKeyed(command)?.At ?? now);
        if (IsArchived) return new(CommandResult.Conflict("The delivery ended too long ago for an Idempotency-Key to be kept with it; leave the key out."), now);
        if (Document.Commands.Refuse(command, now) is { } full) return new(full, now);

        await Store(Document with { Commands = Document.Commands.With(command, CommandResult.Done, now) });
        return new(CommandResult.Done, now);
    }

    public async Task<CommandResult> Replay(CommandId command, string note)
    {
        if (await Remembered(command) is { } known) return known;
        if (!Exists) return CommandResult.NotFound;
        if (Document.Flag != RequestFlag.DeadLetter) return CommandResult.Conflict("The request is not a dead letter.");

        var asked = await LookSoon();
        var next = Document.Status == RequestStatus.DeadLettered
            ? Document.MoveTo(RequestStatus.Scheduling) with { SeekingSince = null }
            : Document;
        await Store(next.WithoutFlag(time.GetUtcNow(), $"Replayed: {note}").WithCommand(command, CommandResult.Done));
        await LookAgain(asked);
        await Tell();
        AdvanceSoon();
        return CommandResult.Done;
    }

    public async Task<CommandResult> Abandon(CommandId command, string note)
    {
        if (await Remembered(command) is { } known) return known;
        if (!Exists) return CommandResult.NotFound;
        if (Document.Status == RequestStatus.Failed) return CommandResult.Done;
        if (Document.Status != RequestStatus.DeadLettered) return CommandResult.Conflict("The request is not a dead letter.");

        await LookSoon();
        return await End(new Verdict(command, RequestStatus.Failed, note));
    }

    public async Task<CommandResult> Resolve(CommandId command, IncidentResolution resolution, string note)
    {
        if (await Remembered(command) is { } known) return known;
        if (!Exists) return CommandResult.NotFound;
        var becomes = resolution switch
        {
            IncidentResolution.Completed => RequestStatus.Completed,
            IncidentResolution.Failed => RequestStatus.Failed,
            _ => RequestStatus.Scheduled,
        };
        if (Document.Flag != RequestFlag.Incident) return Document.Status == becomes && becomes.IsFinal() ? CommandResult.Done : CommandResult.Conflict("The request has no incident.");

        var asked = await LookSoon();
        var next = Document;
        if (Document.Status == RequestStatus.Incident)
        {
            if (becomes.IsFinal()) return await End(new Verdict(command, becomes, note));
            next = Document.MoveTo(becomes) with { ResolvedAt = time.GetUtcNow() };
        }
        else if (resolution != IncidentResolution.Continued && Document.Status != becomes)
        {
            return CommandResult.Conflict($"The request is {Document.Status}; its alarms can only be continued.");
        }

        await Store(next.WithoutFlag(time.GetUtcNow(), $"Resolved as {resolution}: {note}").WithCommand(command, CommandResult.Done));
        await LookAgain(asked);
        await Attempt(Undo);
        await Tell();
        AdvanceSoon();
        return CommandResult.Done;
    }

    public ValueTask<DeliveryRequestSnapshot?> Get(CallerAccount caller) => ValueTask.FromResult(IsThereFor(caller) ? Snapshot() : null);

    private bool IsThereFor(CallerAccount caller) => Exists && caller.MayActFor(Document.Order!.OwnerId);

    private DeliveryRequestSnapshot Snapshot() => new(
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
        Document.Alarms,
        Document.Revision);

    /// <summary>The refusal of the present call, when it demands another version than this.</summary>
    private CommandResult? Refusal()
    {
        var now = Snapshot();
        return Precondition.Refusal(this.GetGrainId(), now.OrderVersion, now.Version);
    }

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
        Note(Document.WithSearch(time.GetUtcNow()));
        reason = $"{reason} {UntilWhen()}";
        if (Document.Status == RequestStatus.Waiting && Document.Reason == reason) return;
        await Store(EnterScheduling().MoveTo(RequestStatus.Waiting, reason));
    }

    public async Task Apply(DeliveryEvent occurred)
    {
        await CarryOut();
        if (Document.Status.IsFinal() || !Exists) return;
        switch (occurred.Stage)
        {
            case DeliveryStage.Completed when Document.Status is RequestStatus.Scheduled or RequestStatus.Incident:
                await Store(Document.MoveTo(RequestStatus.Completed) with { Trouble = null, FlaggedAt = Document.Alarms.Count > 0 ? Document.FlaggedAt : null });
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

        if (occurred is { IsDoubt: true, Kind: DroneEventKind.StrayParcel })
        {
            await HearDoubt(occurred);
            return;
        }

        if (IsArchived)
        {
            LogLateAlarm(occurred.DroneId, occurred.Kind, Id, occurred.Detail);
            return;
        }

        var alarm = new RequestAlarm(occurred.Kind, occurred.DroneId, occurred.Attempt, occurred.Time, occurred.Detail);
        if (Document.WithAlarm(alarm, occurred.IsDoubt) is { } next)
        {
            await LookSoon(); // When that fails the drone tells it again.
            await Store(next);
        }
        else if (Document.Alarms.Count == 0)
        {
            return;
        }

        // Once more: the shard lets go of a settled request on one look, which may have come in between, and who heard it first may have died before this.
        await LookSoon();
        await Tell();
    }

    // What lies in the archive can be submitted, too, by an id that is old enough.
    protected override bool NeedsDocument(string method) => method != nameof(Submit) || ArchivedIds.MayBe(Id, time.GetUtcNow());

    /// <summary>What is answered to those who submit what is there. A client may repeat its request a day later, after any number of other commands.</summary>
    private CommandResult AnswerTo(CommandId submit, CallerAccount caller) =>
        !IsThereFor(caller) ? CommandResult.NotFound
        : Document.SubmittedBy == submit ? CommandResult.Created : Document.Commands.Find(submit) ?? CommandResult.Exists;

    private static CommandResult Full() => CommandResult.Busy("Too many requests are open, of this account or of all together; come back later.");

    private CommandResult AlreadyFinal() => CommandResult.Conflict(Document.Status switch
    {
        RequestStatus.Completed => "The delivery is completed.",
        RequestStatus.Cancelled => "The delivery was cancelled.",
        RequestStatus.Rejected => $"The request was rejected: {Document.Reason}",
        _ => "The request failed.",
    });
}
