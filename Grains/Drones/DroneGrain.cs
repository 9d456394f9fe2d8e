using DroneDelivery.Navigation;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Drones;

[GrainType("drone")]
internal sealed partial class DroneGrain(
    [PersistentState("drone", GrainStores.Drones)] IPersistentState<DroneState> store,
    IOptions<DroneOptions> options,
    NoFlyZones zones,
    TimeProvider time,
    ILogger<DroneGrain> logger) : DocumentGrain<DroneState>(store), IDroneGrain
{
    private static readonly TimeSpan DrainRetry = TimeSpan.FromSeconds(2);

    private readonly CellPresence _presence = new(options.Value.CellRefresh);

    // Events already handed on; they leave the document with its next write.
    private readonly HashSet<DroneEvent> _handedOn = [];

    // What was raised by this activation, so that a drone that repeats itself raises nothing twice.
    private readonly Recent<(DroneEventKind, string, int), bool> _raised = new(2 * DroneState.OutboxCapacity);

    // Offers refused by this activation: the same command again gets the same answer, though the drone be free by then.
    private readonly Recent<CommandId, string> _refused = new(16);
    private bool _outboxIsFull;
    private bool _drainFails;
    private IGrainTimer? _drain;
    private Sighting? _sighting;
    private DateTimeOffset _storedAt;

    // A drone that could not fly a mission gets none for a while.
    private DateTimeOffset _unfitUntil;

    // The last mission that the drone reported without having it; it has been told so.
    private MissionProgress? _stale;

    // By our clock; the activation counts, or every drone would seem silent after a crash.
    private DateTimeOffset _heardAt;

    // The drone repeats its phase until it hears that we know it, so the phase needs no place in the document.
    private MissionPhase _phase;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        _sighting = Document.LastSighting;
        if (_sighting is { } last) _track = Track.Begin(last.Position, last.Time, last.Time);
        _storedAt = _heardAt = time.GetUtcNow();
        DrainOutbox();
    }

    // A report stores by itself, at the latest with the next checkpoint.
    protected override bool AnswersFromDocument(string method) => method != nameof(Report);

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (Exists && _sighting != Document.LastSighting) await Save(Document with { LastSighting = _sighting });
    }

    public async Task<CommandResult> Register(CommandId command, DroneRegistration registration)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        string[] versions = Document.Registration is { } present ? [DroneSnapshot.VersionOf(present)] : [];
        if (Precondition.Refusal(this.GetGrainId(), versions) is { } unmet) return unmet;
        await GrainFactory.GetGrain<IFleetGrain>(FleetShards.Of(this.GetGrainId())).Add(this.GetPrimaryKeyString(), registration);

        // A repaired drone may count from a lower boot. That is stored also when nothing is known of its counters, for what is under way may be.
        var result = Document.Registration is null ? CommandResult.Created : CommandResult.Done;
        await Store(CountedAnew() with { Registration = registration, Commands = Document.Commands.With(command, result) });
        return result;
    }

    public async Task<TelemetryAnswer> Report(TelemetryReport report)
    {
        if (Document.Registration is not { } registration) return new TelemetryAnswer(TelemetryOutcome.UnknownDrone, null);

        var now = time.GetUtcNow();
        if (report.Time < now - options.Value.MaxReportAge) return await Ignore(TelemetryOutcome.TooLate, now);
        if (report.Time > now + options.Value.MaxReportLead) return await Ignore(TelemetryOutcome.TooEarly, now);

        var sequence = report.Sequence ?? (report.Boot == _sighting?.Boot ? _sighting.Sequence + 1 : 0);
        var sighting = new Sighting(report.Boot, sequence, report.Time, report.Position, report.Battery);
        if (!sighting.Follows(_sighting, now < Document.AnewUntil)) return await Ignore(TelemetryOutcome.Superseded, now);
        if (!ReportCounters.ArePlausible(_sighting, report.Boot, sequence, now, options.Value))
            return await Ignore(TelemetryOutcome.Superseded, now, "Its boot or sequence number leaps further than can be.");

        var (track, unplaced) = Locate(report, registration, now);
        sighting = Filled(sighting, report.Gaps, unplaced is null, registration);

        // A drone that says nothing of a mission under way has started again, or has heard from another life that it is over.
        if (report.Mission is null && _phase > MissionPhase.Assigned) await Verify(TimeSpan.Zero);

        // Progress first: when that fails nothing of this report is kept, and the same report can be sent again.
        if (report.Mission is { } claimed && !Document.Holds(claimed.DeliveryId, claimed.Attempt)) await Contradict(claimed, now);
        var doubt = Document.Mission is { } mission ? await Follow(mission, registration, report, sighting, unplaced, now) : null;
        if (report.Trouble is not null) _unfitUntil = now + options.Value.RefusalPause;
        else if (Document.Trouble is not null) Note(Document with { Trouble = null });

        (_sighting, _heardAt, _track, _ignored) = (sighting, now, track, null);
        NoteUnplaced(unplaced, now);
        if (now - _storedAt >= options.Value.Checkpoint) await Store(Document);
        AnnounceFreedom(now);
        return Answer(TelemetryOutcome.Accepted, now, doubt ?? unplaced?.Detail);
    }

    public async Task<ReserveResult> Reserve(CommandId command, MissionOffer offer)
    {
        var now = time.GetUtcNow();
        var position = _sighting?.Position ?? Document.Registration?.Home ?? default;
        if (Document.Mission is { } mission)
        {
            return mission.DeliveryId == offer.DeliveryId && mission.Attempt == offer.Attempt
                ? new ReserveResult(true, null, position, Eta(mission, position, now), Bounds(Document.Registration!).Speed)
                : Refuse("The drone has another mission.");
        }

        if (_refused.TryGetValue(command, out var before)) return Refuse(before);
        if (Document.Ended(offer.DeliveryId, offer.Attempt) is not null) return Refuse("The mission was taken back.");
        if (Document.Registration is not { } registration) return Refuse("The drone is not registered.");
        if (Document.Maintenance is not null) return Refuse("The drone is in maintenance.");
        if (now < _unfitUntil) return Refuse("The drone could not fly its last mission.");
        if (_sighting is not { } sighting || now - _heardAt > options.Value.ContactTimeout) return Refuse("The drone does not report.");
        if (!IsPlaced) return Refuse("The drone does not know where it is.");

        var errand = new Errand(offer.Pickup, offer.Dropoff, offer.Weight, offer.Size, offer.Deadline);
        if (DroneChoice.Objection(registration, position, sighting.Battery, errand, now, options.Value.BatteryReserve, Wind.Calm, new Sky(zones, []), out _) is { } objection)
            return Refuse(objection);

        _phase = MissionPhase.Assigned;
        (_loaded, _pickupDoubtedSince, _pickupAlarmed, _handoverDoubtedAt) = (null, null, false, default);
        await Store(Document with { Mission = offer, Start = new MissionStart(position, _heardAt) });
        AnnounceFreedom(now);
        return new ReserveResult(true, null, position, Eta(offer, position, now), Bounds(registration).Speed);

        ReserveResult Refuse(string reason)
        {
            _refused.TryAdd(command, reason);
            return new(false, reason, position, null);
        }
    }

    public async Task<CommandResult> Release(CommandId command, string deliveryId, int attempt)
    {
        if (Document.Ended(deliveryId, attempt) is null) await End(Document.WithEnded(new MissionKey(deliveryId, attempt)));
        return CommandResult.Done;
    }

    public async Task<CommandResult> RequestPickup(CommandId command, string deliveryId, int attempt)
    {
        if (Document.Registration is not { } registration) return CommandResult.NotFound;
        if (!Document.Holds(deliveryId, attempt)) return CommandResult.Conflict("The drone does not have this mission any more.");

        var (now, position, mission) = (time.GetUtcNow(), _sighting?.Position ?? registration.Home, Document.Mission!);
        if (Eta(mission, position, now).Dropoff > mission.Deadline && await Drop(mission, "It would arrive after the deadline.", now))
            return CommandResult.Conflict("The parcel would arrive after its deadline.");

        // What was granted before is answered as before.
        var delivery = GrainFactory.GetGrain<IDeliveryGrain>(deliveryId);
        if (PickupDoubt(mission, registration, now) is { } doubt && await delivery.GetStage() != DeliveryStage.HeadedToDropoff)
            return await RefusePickup(mission, doubt, now);

        var result = await delivery.AuthorizePickup(command, this.GetPrimaryKeyString(), attempt, position);
        if (result.Succeeded)
        {
            _phase = MissionPhase.HeadedToDropoff;
            _loaded ??= new MissionStart(position, now);
        }

        return result.Outcome == CommandOutcome.NotFound ? CommandResult.Conflict("The delivery is still being scheduled; ask again.") : result;
    }

    public async Task<CommandResult> SetMaintenance(CommandId command, string? reason)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (Document.Registration is null) return CommandResult.NotFound;
        if (Document.Maintenance == reason.Cut()) return DoneAlready(command);

        await Store(Document with { Maintenance = reason.Cut(), Commands = Document.Commands.With(command, CommandResult.Done) });
        AnnounceFreedom(time.GetUtcNow());
        return CommandResult.Done;
    }

    public ValueTask<DroneSnapshot?> Get() => ValueTask.FromResult(Document.Registration is not { } registration
        ? null
        : new DroneSnapshot(
            this.GetPrimaryKeyString(),
            registration,
            _sighting?.Position ?? registration.Home,
            _sighting?.Battery ?? 1,
            _sighting?.Time,
            Order(time.GetUtcNow()),
            _heardAt,
            Document.Maintenance,
            Document.Trouble,
            Alarms(time.GetUtcNow())));

    /// <summary>
    /// Passes progress on to the delivery: a new phase with an answer, a mere position without. When the drone says that it handed over and cannot be
    /// believed, the result says why.
    /// </summary>
    private async Task<string?> Follow(
        MissionOffer mission, DroneRegistration registration, TelemetryReport report, Sighting sighting, Unplaced? unplaced, DateTimeOffset now)
    {
        var droneId = this.GetPrimaryKeyString();
        var delivery = GrainFactory.GetGrain<IDeliveryGrain>(mission.DeliveryId);
        var progress = report.Mission is { } claimed && Document.Holds(claimed.DeliveryId, claimed.Attempt) ? claimed : null;
        var phase = progress?.Phase ?? MissionPhase.Assigned;
        var isMeasured = unplaced is null && !report.Gaps.HasFlag(TelemetryGaps.Battery);
        if (Hindrance(mission, registration, report, isMeasured, phase) is { } trouble && await Stop(mission, trouble, now)) return null;

        var position = sighting.Position;
        var eta = Flight.Eta(registration.Capabilities, phase, position, mission.Pickup, mission.Dropoff, now, Wind.Calm);
        if (phase <= _phase)
        {
            if (unplaced is null) await delivery.Track(new PositionUpdate(droneId, mission.Attempt, position, report.Time, eta));
            return null;
        }

        if (phase == MissionPhase.Delivered && (unplaced?.Detail ?? await HandoverDoubt(mission, registration, position, now)) is { } doubt)
        {
            if (await BelievedPhase(mission, doubt, unplaced is not null, now) is not { } believed) return doubt;
            phase = believed;
        }

        var result = await delivery.Report(new MissionReport(droneId, mission.Attempt, phase, position, report.Time, eta));
        if (result.Outcome == CommandOutcome.NotFound) return null; // Not created yet: the drone will say it again.
        if (!result.Succeeded)
        {
            LogMissionVoid(droneId, mission.DeliveryId, mission.Attempt, phase, result.Reason);
            await End(Document.WithEnded(new MissionKey(mission.DeliveryId, mission.Attempt)));
            if (phase >= MissionPhase.HeadedToDropoff) await Contradict(progress!, now);
        }
        else if (phase == MissionPhase.Delivered)
        {
            _sighting = sighting; // Stored with the end of the mission.
            await End(Document.WithEnded(new MissionKey(mission.DeliveryId, mission.Attempt, Delivered: true)));
        }
        else
        {
            _phase = phase;
        }

        return null;
    }

    /// <summary>
    /// The drone reports a mission that it does not have. That it carries or handed over its parcel is told at once; a mere flight
    /// only when it goes on after the answer has told the drone, since a mission can end while a report of it is under way.
    /// </summary>
    private async Task Contradict(MissionProgress claimed, DateTimeOffset now)
    {
        if (Document.Ended(claimed.DeliveryId, claimed.Attempt) is { Delivered: true }) return; // It did not hear that we know.
        if (claimed.Phase >= MissionPhase.HeadedToDropoff)
            await Raise(DroneEventKind.StrayParcel, claimed, $"It says {claimed.Phase} on a mission that it does not have.", now);
        else if (_stale is { } told && told.DeliveryId == claimed.DeliveryId && told.Attempt == claimed.Attempt)
            await Raise(DroneEventKind.StaleReport, claimed, $"It went on reporting {claimed.Phase} on a mission that it does not have.", now);
        _stale = claimed;
    }

    private async Task Raise(DroneEventKind kind, MissionProgress claimed, string detail, DateTimeOffset now)
    {
        if (_raised.ContainsKey((kind, claimed.DeliveryId, claimed.Attempt))) return;
        if (Document.Outbox.Count - _handedOn.Count >= DroneState.OutboxCapacity)
        {
            if (!_outboxIsFull) LogOutboxFull(this.GetPrimaryKeyString(), DroneState.OutboxCapacity);
            _outboxIsFull = true;
            return; // The drone says it again, and it is raised when there is room.
        }

        _outboxIsFull = false;
        _raised.TryAdd((kind, claimed.DeliveryId, claimed.Attempt), true);
        LogContradiction(this.GetPrimaryKeyString(), claimed.DeliveryId, claimed.Attempt, detail);
        await Store(Document.WithEvent(new DroneEvent(this.GetPrimaryKeyString(), kind, claimed.DeliveryId, claimed.Attempt, now, detail)));
        DrainOutbox();
    }

    /// <summary>What keeps the drone from flying on: what it says, or before pickup a charge that does not suffice even with the reserve.</summary>
    private DroneTrouble? Hindrance(MissionOffer mission, DroneRegistration registration, TelemetryReport report, bool isMeasured, MissionPhase phase)
    {
        if (report.Trouble is not null || !isMeasured || phase >= MissionPhase.HeadedToDropoff || _phase >= MissionPhase.HeadedToDropoff) return report.Trouble;
        var plan = Flight.Plan(registration, report.Position, mission.Pickup, mission.Dropoff, mission.Weight, Wind.Calm);
        return plan.Energy > report.Battery * registration.Capabilities.BatteryCapacity ? DroneTrouble.LowBattery : null;
    }

    /// <summary>Frees the delivery for another drone, or tells that the parcel is in trouble; true when the mission ended.</summary>
    private async Task<bool> Stop(MissionOffer mission, DroneTrouble trouble, DateTimeOffset now)
    {
        if (await Drop(mission, $"{trouble} before pickup.", now)) return true;
        if (Document.Trouble == trouble) return false;

        var occurred = new DroneEvent(
            this.GetPrimaryKeyString(), DroneEventKind.TroubleWithParcel, mission.DeliveryId, mission.Attempt, now, $"{trouble} with the parcel.");
        await Store((Document with { Trouble = trouble }).WithEvent(occurred));
        DrainOutbox();
        return false;
    }

    /// <summary>Gives the mission up if the drone does not have the parcel; the delivery knows.</summary>
    private async Task<bool> Drop(MissionOffer mission, string detail, DateTimeOffset now)
    {
        var stage = await GrainFactory.GetGrain<IDeliveryGrain>(mission.DeliveryId).GetStage();
        if (stage is DeliveryStage.HeadedToDropoff or DeliveryStage.Completed) return false;

        _unfitUntil = now + options.Value.RefusalPause;
        var occurred = new DroneEvent(this.GetPrimaryKeyString(), DroneEventKind.MissionDropped, mission.DeliveryId, mission.Attempt, now, detail);
        await End(Document.WithEnded(new MissionKey(mission.DeliveryId, mission.Attempt)).WithEvent(occurred));
        DrainOutbox();
        return true;
    }

    private async Task End(DroneState next)
    {
        await Store(next);
        if (next.Mission is null) _phase = MissionPhase.Assigned;
        AnnounceFreedom(time.GetUtcNow());
    }

    private async Task Store(DroneState next)
    {
        await Save((next with { LastSighting = _sighting }).ToStore(_handedOn, time.GetUtcNow()));
        _handedOn.IntersectWith(Document.Outbox);
        _storedAt = time.GetUtcNow();
    }

    /// <summary>Nothing is to be changed. The command goes with the next change, after which it must not come as a new one.</summary>
    private CommandResult DoneAlready(CommandId command)
    {
        Note(Document with { Commands = Document.Commands.With(command, CommandResult.Done) });
        return CommandResult.Done;
    }

    private void AnnounceFreedom(DateTimeOffset now)
    {
        var isFit = IsPlaced && now >= _unfitUntil && now - _heardAt <= options.Value.ContactTimeout;
        var free = isFit && Document is { Mission: null, Maintenance: null, Registration: { } registration } && _sighting is { } sighting
            && sighting.Battery > options.Value.BatteryReserve
            ? new FreeDrone(this.GetPrimaryKeyString(), now.UtcTicks, sighting.Position, sighting.Battery, registration)
            : null;
        var (leave, enter) = _presence.Change(free, now);
        if (leave is not null) GrainFactory.GetGrain<IAirspaceCellGrain>(leave).Leave(this.GetPrimaryKeyString(), now.UtcTicks).AsTask().Ignore();
        if (enter is not null) GrainFactory.GetGrain<IAirspaceCellGrain>(enter).Enter(free!).AsTask().Ignore();
    }

    private TelemetryAnswer Answer(TelemetryOutcome outcome, DateTimeOffset now, string? doubt = null) => new(outcome, Order(now), doubt);

    private MissionOrder? Order(DateTimeOffset now) => Document.Mission is not { } mission
        ? null
        : new MissionOrder(
            mission.DeliveryId, mission.Attempt, _phase, mission.Pickup, mission.Dropoff, mission.Weight, now + options.Value.MissionLease);

    private MissionEta Eta(MissionOffer mission, GeoPoint position, DateTimeOffset now) =>
        Flight.Eta(Document.Registration!.Capabilities, _phase, position, mission.Pickup, mission.Dropoff, now, Wind.Calm);

    /// <summary>Hands stored events to their requests from a timer that lets calls in between, so that no call waits in a circle.</summary>
    private void DrainOutbox()
    {
        if (Document.Outbox.Count == 0 || _drain is not null) return;
        _drain = this.RegisterGrainTimer(
            Drain, new GrainTimerCreationOptions(TimeSpan.Zero, DrainRetry) { Interleave = true, KeepAlive = true });
    }

    private async Task Drain(CancellationToken cancellationToken)
    {
        foreach (var occurred in Document.Outbox.Except(_handedOn).ToList())
        {
            try
            {
                await GrainFactory.GetGrain<IDeliveryRequestGrain>(occurred.DeliveryId).Hear(occurred);
                _handedOn.Add(occurred);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                if (!_drainFails) LogDrainFailed(failure, this.GetPrimaryKeyString(), occurred.DeliveryId);
                _drainFails = true;
            }
        }

        if (Document.Outbox.Except(_handedOn).Any()) return;
        _drainFails = false;
        _drain?.Dispose();
        _drain = null;
    }

    [LoggerMessage(LogLevel.Warning, "Drone {DroneId} contradicts what is known of {DeliveryId}, attempt {Attempt}: {Detail}")]
    private partial void LogContradiction(string droneId, string deliveryId, int attempt, string detail);

    [LoggerMessage(LogLevel.Error, "{Count} events of drone {DroneId} wait for their requests; what it says against what is known is not taken in until they are told.")]
    private partial void LogOutboxFull(string droneId, int count);

    [LoggerMessage(LogLevel.Warning, "Request {DeliveryId} could not be told of drone {DroneId}; trying again.")]
    private partial void LogDrainFailed(Exception failure, string droneId, string deliveryId);

    [LoggerMessage(LogLevel.Warning, "Mission of drone {DroneId} for {DeliveryId}, attempt {Attempt}, ended at {Phase}: {Reason}")]
    private partial void LogMissionVoid(string droneId, string deliveryId, int attempt, MissionPhase phase, string? reason);
}
