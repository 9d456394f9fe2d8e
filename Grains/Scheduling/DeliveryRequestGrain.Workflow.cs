using DroneDelivery.Accounts;
using DroneDelivery.Drones;
using DroneDelivery.Packages;
using DroneDelivery.Shipping;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Scheduling;

/// <summary>The workflow: steps, undo and retries. Every part may run again: none has an effect the second time.</summary>
internal sealed partial class DeliveryRequestGrain
{
    private const string UndoStep = "Undo";
    private const int FreeRetries = 2;

    private IGrainTimer? _advance;

    // The last mission that this life has written down, or taken over from a former one.
    private int _begun;

    // What is being done, to be named when it fails.
    private string _step = UndoStep;

    public async Task<Watch?> Resume()
    {
        // A shard may know a request whose acceptance never got stored, or not yet: its client was told nothing.
        if (!Exists) await ReadAgain();
        if (!Exists) return new Watch(time.GetUtcNow() + options.Value.Recheck, IsMissing: true);
        if (IsArchived) return null;

        var wasFlagged = Document.Flag is not null;
        if (!Document.IsSettled)
        {
            TellIndexSoon();
            AnnounceSoon();
            if (!(Document.Trouble?.RetryAt > time.GetUtcNow())) await Attempt(GoOn);
        }

        // Everybody hears of the end, though an alarm still waits for an operator.
        if (Document.IsUndone && !_endKnown) _endKnown = await TellEnd();
        if (wasFlagged && Document.Flag is null) await Tell(); // Or the shard would doubt that it is settled.
        return await Conclude(Document.IsSettled && _endKnown ? null : NextLook());
    }

    private async Task GoOn()
    {
        if (Document.Verdict is not null) await CarryOut();
        if (Document.Status == RequestStatus.DeadLettered)
        {
            // Its delivery goes on without it, and must be able to tell what happened though its silo died.
            if (Document.LastAttempt > 0) Delivery.Wake().Ignore();
            return;
        }

        await FinishCommitment(resumed: true);
        await Undo();
        if (IsCommitting) return;
        if (Document.Status.IsUnscheduled()) await Advance();
        else if (Document.Status is RequestStatus.Scheduled or RequestStatus.Incident) await CheckFlight();
    }

    /// <summary>Does a piece of work; a failure is written down with the time of the next try, and comes back to the caller only when even that fails.</summary>
    private async Task Attempt(Func<Task> work)
    {
        try
        {
            await work();
            if (Document.Status != RequestStatus.DeadLettered && Document.Trouble is not null) Note(Document with { Trouble = null, FlaggedAt = Document.Flag == RequestFlag.DeadLetter ? null : Document.FlaggedAt });
        }
        catch (Exception failure) when (!IsLost)
        {
            var detail = $"{failure.GetType().Name}: {failure.Message}";
            await Store(Document.WithFailure(_step, Retry.Of(failure), detail, time.GetUtcNow(), Rules()));
            LogStepFailed(failure, Id, _step, Document.Trouble!.Failures);
            if (Document.Flag is not null) await Tell();
        }
    }

    private RetryRules Rules() => new(options.Value.MaxAttempts, options.Value.OutagePatience, (failures, fault) => Retry.Delay(
        this.GetGrainId(), failures, options.Value.FirstRetry, fault == Fault.Outage ? options.Value.OutageRetry : options.Value.LastRetry));

    /// <summary>Runs the steps up to the dispatch queue.</summary>
    private async Task Advance()
    {
        var order = Document.Order!;
        _step = nameof(SchedulingStep.Account);
        var admission = await GrainFactory.GetGrain<IAccountGrain>(order.OwnerId).Admit(Id, order.Package.Weight);
        Note(EnterScheduling() with { Step = SchedulingStep.Package, Counted = admission.Counted });
        if (!admission.Admitted)
        {
            await Reject(admission.Reason!);
            return;
        }

        _step = nameof(SchedulingStep.Package);
        var stored = await GrainFactory.GetGrain<IPackageGrain>(order.PackageId).Put(StepId("package"), order.OwnerId, order.Package);
        if (!stored.Succeeded)
        {
            await Reject(stored.Reason!);
            return;
        }

        _step = nameof(SchedulingStep.Transport);
        Note(Document with { Step = SchedulingStep.Transport });
        var now = time.GetUtcNow();
        if (order.Deadline <= now)
        {
            await Reject("The deadline has passed.");
            return;
        }

        if (!IsTime())
        {
            var early = $"It is too early to send a drone; the search begins at {SearchStart:u}.";
            if (Document.Status != RequestStatus.Waiting) await Store(Document.MoveTo(RequestStatus.Waiting, early));
            return;
        }

        Note(Document.WithSearch(now));
        await Seek(now);
    }

    private async Task Seek(DateTimeOffset now)
    {
        var (over, lost, most) = (EndOfWait() <= now, Document.LostNow, options.Value.MaxMissions);
        var exhausted = Document.Lost >= DeliveryRequestState.LostCapacity;
        if (!over && lost < most && !exhausted) await Queue.Enqueue(Document.Ticket(Id, NextMission(lost)));
        else if (Partner is { } partner && lost <= most && !exhausted) await AskPartner(partner);
        else if (over && Partner is null) await Reject(WhyOver(lost));
        else await Park(FlightStep, $"{lost} missions were lost before pickup. {Document.Reason}".TrimEnd());
    }

    private string WhyOver(int lost) =>
        $"No drone could carry it within {options.Value.MaximumWait:c}{(lost == 0 ? "" : $"; missions lost before pickup: {lost}")}.";

    /// <summary>A drone that is lost is replaced at once; when that goes on, there are growing pauses.</summary>
    private DateTimeOffset? NextMission(int lost) => lost <= FreeRetries ? null : Document.LostAt +
        Retry.Delay(this.GetGrainId(), lost - FreeRetries, options.Value.FirstRetry, options.Value.LastRetry);

    /// <summary>Leaves the request to an operator.</summary>
    private async Task Park(string step, string detail)
    {
        Queue.Withdraw(Id).Ignore();
        var now = time.GetUtcNow();
        LogParked(Id, step, detail);
        var parked = EnterScheduling().MoveTo(RequestStatus.DeadLettered, $"{step} keeps failing: {detail}");
        await Store((parked with { FlaggedAt = Document.FlaggedAt ?? now }).WithNote(now, step, detail));
        await Tell();
    }

    public async Task<bool> Refuse(DispatchTicket ticket, string reason)
    {
        if (!Exists || !Document.Status.IsUnscheduled() || Document.Step != SchedulingStep.Transport) return false;
        if (Document.Undo.Count > 0 || !IsTime() || Document.SeekingSince is null || Document.Ticket(Id, ticket.NotBefore) != ticket) return false;

        await Attempt(() => Partner is { } partner ? AskPartner(partner) : Reject(reason));
        AdvanceSoon();
        return true;
    }

    /// <summary>Commits a drone found by the queue.</summary>
    private async Task<AssignResult> Commit(string droneId)
    {
        await FinishCommitment(resumed: true);
        if (Document.Transport?.DroneId == droneId && Document.Status == RequestStatus.Scheduled) return AssignResult.Assigned;
        if (!Document.Status.IsUnscheduled() || Document.Step != SchedulingStep.Transport || Document.Undo.Count > 0) return AssignResult.NotWaiting;
        if (!IsTime() || Document.Order!.Deadline <= time.GetUtcNow() || Document.Trouble?.RetryAt > time.GetUtcNow()) return AssignResult.NotWaiting;

        await Begin(droneId);
        return Document.Status == RequestStatus.Scheduled ? AssignResult.Assigned : AssignResult.DroneUnavailable;
    }

    /// <summary>Writes down who is to carry it before asking, so that after a crash it is known who may have a reservation.</summary>
    private async Task Begin(string carrier)
    {
        var attempt = Document.LastAttempt + 1;
        await Store(EnterScheduling().MoveTo(RequestStatus.Scheduling) with
        {
            Step = SchedulingStep.Delivery,
            Transport = new Transport(carrier, attempt),
            LastAttempt = attempt,
        });
        _begun = attempt;
        await FinishCommitment(resumed: false);
    }

    /// <summary>
    /// Commits the drone that was written down and makes the delivery, or finds that the drone will not and forgets it.
    /// Does nothing when no commitment is open.
    /// </summary>
    /// <param name="resumed">Whether it was begun earlier, so that earlier calls may still be under way.</param>
    private async Task FinishCommitment(bool resumed)
    {
        if (!IsCommitting) return;

        _step = nameof(SchedulingStep.Delivery);
        var (transport, order) = (Document.Transport!, Document.Order!);
        if (_begun != transport.Attempt)
        {
            // The life that began it may go on, and have given it up without storing that: its next write has to fail.
            await Save(Document);
            _begun = transport.Attempt;
        }

        if (Carriers.IsPartner(transport.DroneId, out var partnerId))
        {
            await FinishBooking(partnerId, transport);
            return;
        }

        var offer = new MissionOffer(
            Id, transport.Attempt, order.Pickup.Location, order.Dropoff.Location, order.Package.Weight, order.Package.Size, order.Deadline);
        var reserved = await GrainFactory.GetGrain<IDroneGrain>(transport.DroneId).Reserve(MissionId(transport), offer);
        if (!reserved.Accepted)
        {
            LogRefused(transport.DroneId, Id, reserved.Reason);
            if (resumed) await FenceOff(transport, reserved.Reason!);
            else Note(Document with { Transport = null, Step = SchedulingStep.Transport });
            return;
        }

        await MakeDelivery(new MissionAssignment(transport.DroneId, transport.Attempt, reserved.Position, reserved.Eta!, reserved.Speed));
    }

    /// <summary>Makes the delivery for a carrier that has agreed.</summary>
    private async Task MakeDelivery(MissionAssignment assignment)
    {
        var (transport, order) = (Document.Transport!, Document.Order!);
        var plan = new DeliveryPlan(
            order.OwnerId, order.PackageId, order.Pickup, order.Dropoff, order.DeadlineText, order.Expedited, order.Confirmation,
            Document.AcceptedAt, order.Package.Weight);
        var created = await Delivery.Create(MissionId(transport), plan, assignment);
        // Not stored by itself: what was written down before asking finds it again after a crash, and the end takes it along.
        if (created.Succeeded) Note(Document.MoveTo(RequestStatus.Scheduled) with { UpdatedAt = time.GetUtcNow() });
        else await FenceOff(transport, created.Reason!);
    }

    /// <summary>
    /// A commitment begun earlier cannot be finished. Its calls may still arrive, or have: the delivery decides whether the mission was
    /// flown already, and is void otherwise.
    /// </summary>
    private async Task FenceOff(Transport transport, string reason)
    {
        var recalled = await Delivery.Recall(new CommandId($"{MissionId(transport)}/void"), transport.Attempt, reason);
        if (recalled.Succeeded)
            Note(Document.WithLostMission(time.GetUtcNow()));
        else if (await Delivery.GetStage() == DeliveryStage.Cancelled)
            await Store(Document.MoveTo(RequestStatus.Cancelled, "The delivery was cancelled.").WithoutTransport());
        else
            await Store(Document.MoveTo(RequestStatus.Scheduled)); // The parcel was fetched; the watch over the flight goes on.
    }

    /// <summary>Takes back what is not wanted any more.</summary>
    private async Task Undo()
    {
        _step = UndoStep;
        foreach (var transport in Document.Undo)
        {
            // A partner that has the parcel of a void mission keeps it: an alarm tells operators.
            if (!Carriers.IsPartner(transport.DroneId, out _))
                await GrainFactory.GetGrain<IDroneGrain>(transport.DroneId).Release(new CommandId($"{MissionId(transport)}/release"), Id, transport.Attempt);
            else await CallOff(transport);
        }

        if (Document.Undo.Count > 0) Note(Document with { Undo = [] });

        if (Document.Discard)
        {
            var given = await Delivery.GiveUp(new CommandId($"{Id}/give-up"), Document.LastAttempt, Document.Reason ?? "The request has ended.");
            Note(Document with { Discard = false });
            if (!given.Succeeded) await Contradict(given.Reason!);
        }

        if (!Document.Status.IsFinal()) return;
        if (Document.Counted != false)
        {
            await GrainFactory.GetGrain<IAccountGrain>(Document.Order!.OwnerId).Release(Id);
            Note(Document with { Counted = false });
        }
    }

    private async Task Reject(string reason)
    {
        Queue.Withdraw(Id).Ignore();
        await Store(EnterScheduling().MoveTo(RequestStatus.Rejected, reason).WithoutTransport() with { Discard = Document.LastAttempt > 0 });
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
            // The supervisor looks within the recheck time in any case. Only its own look ends its watch: a message that says so could
            // come after one that began a new watch.
            if (await Resume() is not { } watch || watch.Flag is not null || watch.Due < time.GetUtcNow() + options.Value.Recheck) await Tell();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogStepFailed(failure, Id, _step, Document.Trouble?.Failures ?? 1); // The supervisor comes back to it.
        }
    }

    /// <summary>Tells the supervisor when to look again and what operators should see.</summary>
    private Task Tell() => Supervisor.Postpone(Id, NextLook());

    private DeliveryRequestState EnterScheduling() =>
        Document.Status == RequestStatus.Accepted ? Document.MoveTo(RequestStatus.Scheduling) : Document;

    private async Task Store(DeliveryRequestState next)
    {
        var now = time.GetUtcNow();
        // Clients are told when it ended; what operators do afterwards moves that no more.
        await Save((next with { UpdatedAt = Document.Status.IsFinal() ? Document.UpdatedAt : now }).WithNotices(Id, Exists ? Document : null, now, _flown, _announced));
        AnnounceSoon();
    }

    private DateTimeOffset SearchStart => Document.Order!.PickupTime - options.Value.PickupLead;

    /// <summary>Whether a carrier was written down and is being committed.</summary>
    private bool IsCommitting => Document is { Transport: not null, Step: SchedulingStep.Delivery } && Document.Status.IsUnscheduled();

    private bool IsTime() => SearchStart <= time.GetUtcNow();

    private DateTimeOffset EndOfWait()
    {
        var since = Document.SeekingSince ?? time.GetUtcNow();
        var end = since + options.Value.MaximumWait;
        var deadline = Document.Order!.Deadline ?? DateTimeOffset.MaxValue;
        if (Document.Order.Deadline is not null)
        {
            // A partner needs time before the deadline; a drone is sought for a moment all the same.
            var last = Partner is null ? deadline : deadline - options.Value.PartnerLead;
            if (last < since + options.Value.DroneSearch) last = since + options.Value.DroneSearch;
            if (last < end) end = last;
        }

        if (Document.ReturnedAt + options.Value.DroneSearch is { } again && again > end) end = again;
        return end < deadline ? end : deadline;
    }

    private string UntilWhen() => $"It waits until {EndOfWait():u}{(Partner is { } partner ? $"; then partner {partner} is asked" : "")}.";

    private Watch NextLook()
    {
        var now = time.GetUtcNow();
        var recheck = now + options.Value.Recheck;
        var due = Document switch
        {
            { IsUndone: true } when !_endKnown => now + IndexRetry,
            { IsSettled: true } => now,
            { Status: RequestStatus.DeadLettered or RequestStatus.Incident } => now + options.Value.ParkedRecheck,
            { Trouble.RetryAt: var retry } => retry,
            { Status: RequestStatus.Waiting } when SearchStart > recheck => SearchStart,
            { SeekingSince: not null } when Document.Status.IsUnscheduled() && !IsCommitting && EndOfWait() < recheck => EndOfWait(),
            _ when Document.Status.IsFinal() && Document.Alarms.Count > 0 => now + options.Value.ParkedRecheck,
            _ => recheck,
        };
        return new Watch(due < now ? now : due, Document.Flag, FlagReason(), Document.FlaggedAt, OwnerId: Document.Order!.OwnerId);
    }

    private string? FlagReason() => Document.Flag is null ? null : Document.Status is RequestStatus.DeadLettered or RequestStatus.Incident
        ? Document.Reason
        : Document is { Flag: RequestFlag.DeadLetter, Trouble.Detail: not null } ? Document.WhyTroubled
        : Document.Notes is [.., var last] ? last.Detail : null;

    private CommandId MissionId(Transport transport) => new($"{Id}/mission/{transport.Attempt}");

    private CommandId StepId(string step) => new($"{Id}/{step}/{Document.Revision}");

    [LoggerMessage(LogLevel.Debug, "Drone {DroneId} refused delivery {DeliveryId}: {Reason}")]
    private partial void LogRefused(string droneId, string deliveryId, string? reason);

    [LoggerMessage(LogLevel.Warning, "Request {DeliveryId} is left to an operator: {Step}: {Detail}")]
    private partial void LogParked(string deliveryId, string step, string detail);

    [LoggerMessage(LogLevel.Warning, "Request {DeliveryId} failed at {Step} ({Failures} times in a row).")]
    private partial void LogStepFailed(Exception failure, string deliveryId, string step, int failures);
}
