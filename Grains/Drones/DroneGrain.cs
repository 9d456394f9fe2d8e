using DroneDelivery.Navigation;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Drones;

[GrainType("drone")]
internal sealed partial class DroneGrain(
    [PersistentState("drone", GrainStores.Drones)] IPersistentState<DroneState> store,
    IOptions<DroneOptions> options,
    TimeProvider time,
    ILogger<DroneGrain> logger) : DocumentGrain<DroneState>(store), IDroneGrain
{
    private readonly CellPresence _presence = new(options.Value.CellRefresh);
    private Sighting? _sighting;
    private DateTimeOffset _storedAt;

    // By our clock; the activation counts, or every drone would seem silent after a crash.
    private DateTimeOffset _heardAt;

    // The drone repeats its phase until it hears that we know it, so the phase needs no place in the document.
    private MissionPhase _phase;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        _sighting = Document.LastSighting;
        _storedAt = _heardAt = time.GetUtcNow();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (Exists && _sighting != Document.LastSighting) await Save(Document with { LastSighting = _sighting });
    }

    public async Task<CommandResult> Register(CommandId command, DroneRegistration registration)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (Document.Registration == registration) return CommandResult.Done;

        var result = Document.Registration is null ? CommandResult.Created : CommandResult.Done;
        await Store(Document with { Registration = registration, Commands = Document.Commands.With(command, result) });
        return result;
    }

    public async Task<TelemetryAnswer> Report(TelemetryReport report)
    {
        if (Document.Registration is not { } registration) return new TelemetryAnswer(TelemetryOutcome.UnknownDrone, null);

        var now = time.GetUtcNow();
        if (report.Time < now - options.Value.MaxReportAge) return Answer(TelemetryOutcome.TooLate, now);
        if (report.Time > now + options.Value.MaxReportLead) return Answer(TelemetryOutcome.TooEarly, now);

        var sequence = report.Sequence ?? (report.Boot == _sighting?.Boot ? _sighting.Sequence + 1 : 0);
        var sighting = new Sighting(report.Boot, sequence, report.Time, report.Position, report.Battery);
        if (!sighting.Follows(_sighting)) return Answer(TelemetryOutcome.Superseded, now);

        // Progress first: when that fails nothing of this report is kept, and the same report can be sent again.
        if (Document.Mission is { } mission) await Follow(mission, registration, report, sighting, now);
        else if (report.Mission is { Phase: MissionPhase.HeadedToDropoff } stray) LogStrayParcel(this.GetPrimaryKeyString(), stray.DeliveryId, stray.Attempt);

        (_sighting, _heardAt) = (sighting, now);
        if (now - _storedAt >= options.Value.Checkpoint) await Store(Document);
        AnnounceFreedom(now);
        return Answer(TelemetryOutcome.Accepted, now);
    }

    public async Task<ReserveResult> Reserve(CommandId command, MissionOffer offer)
    {
        var now = time.GetUtcNow();
        var position = _sighting?.Position ?? Document.Registration?.Home ?? default;
        if (Document.Mission is { } mission)
        {
            return mission.DeliveryId == offer.DeliveryId && mission.Attempt == offer.Attempt
                ? new ReserveResult(true, null, position, Eta(mission, position, now))
                : Refuse("The drone has another mission.");
        }

        if (Document.Released.Contains(new MissionKey(offer.DeliveryId, offer.Attempt))) return Refuse("The mission was taken back.");
        if (Document.Registration is not { } registration) return Refuse("The drone is not registered.");
        if (_sighting is not { } sighting || now - _heardAt > options.Value.ContactTimeout) return Refuse("The drone does not report.");

        var errand = new Errand(offer.Pickup, offer.Dropoff, offer.Weight, offer.Size, offer.Deadline);
        if (DroneChoice.Objection(registration, position, sighting.Battery, errand, now, options.Value.BatteryReserve, Wind.Calm, out _) is { } objection)
            return Refuse(objection);

        _phase = MissionPhase.Assigned;
        await Store(Document with { Mission = offer });
        AnnounceFreedom(now);
        return new ReserveResult(true, null, position, Eta(offer, position, now));

        ReserveResult Refuse(string reason) => new(false, reason, position, null);
    }

    public async Task<CommandResult> Release(CommandId command, string deliveryId, int attempt)
    {
        var key = new MissionKey(deliveryId, attempt);
        if (Holds(deliveryId, attempt)) await EndMission(Document.WithReleased(key));
        else if (!Document.Released.Contains(key)) await Store(Document.WithReleased(key));
        return CommandResult.Done;
    }

    public async Task<CommandResult> RequestPickup(CommandId command, string deliveryId, int attempt)
    {
        if (Document.Registration is null) return CommandResult.NotFound;
        if (!Holds(deliveryId, attempt)) return CommandResult.Conflict("The drone does not have this mission any more.");

        var result = await GrainFactory.GetGrain<IDeliveryGrain>(deliveryId).AuthorizePickup(
            command, this.GetPrimaryKeyString(), attempt, _sighting?.Position ?? Document.Registration.Home);
        if (result.Succeeded) _phase = MissionPhase.HeadedToDropoff;
        return result.Outcome == CommandOutcome.NotFound ? CommandResult.Conflict("The delivery is still being scheduled; ask again.") : result;
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
            _heardAt));

    private bool Holds(string deliveryId, int attempt) =>
        Document.Mission is { } mission && mission.DeliveryId == deliveryId && mission.Attempt == attempt;

    /// <summary>Passes progress on to the delivery: a new phase with an answer, a mere position without.</summary>
    private async Task Follow(
        MissionOffer mission, DroneRegistration registration, TelemetryReport report, Sighting sighting, DateTimeOffset now)
    {
        var droneId = this.GetPrimaryKeyString();
        var delivery = GrainFactory.GetGrain<IDeliveryGrain>(mission.DeliveryId);
        var progress = report.Mission;
        if (progress is not null && !Holds(progress.DeliveryId, progress.Attempt))
        {
            if (progress.Phase >= MissionPhase.HeadedToDropoff) LogStrayParcel(droneId, progress.DeliveryId, progress.Attempt);
            progress = null;
        }

        var phase = progress?.Phase ?? MissionPhase.Assigned;
        var eta = Flight.Eta(registration.Capabilities, phase, report.Position, mission.Pickup, mission.Dropoff, now, Wind.Calm);
        if (phase <= _phase)
        {
            await delivery.Track(new PositionUpdate(droneId, mission.Attempt, report.Position, report.Time, eta));
            return;
        }

        var result = await delivery.Report(new MissionReport(droneId, mission.Attempt, phase, report.Position, report.Time, eta));
        if (result.Outcome == CommandOutcome.NotFound) return; // Not created yet: the drone will say it again.
        if (!result.Succeeded)
        {
            LogMissionVoid(droneId, mission.DeliveryId, mission.Attempt, phase, result.Reason);
            await EndMission(Document.WithReleased(new MissionKey(mission.DeliveryId, mission.Attempt)));
        }
        else if (phase == MissionPhase.Delivered)
        {
            _sighting = sighting; // Stored with the end of the mission.
            await EndMission(Document);
        }
        else
        {
            _phase = phase;
        }
    }

    private async Task EndMission(DroneState next)
    {
        await Store(next with { Mission = null });
        _phase = MissionPhase.Assigned;
        AnnounceFreedom(time.GetUtcNow());
    }

    private async Task Store(DroneState next)
    {
        await Save(next with { LastSighting = _sighting });
        _storedAt = time.GetUtcNow();
    }

    private void AnnounceFreedom(DateTimeOffset now)
    {
        var free = Document is { Mission: null, Registration: { } registration } && _sighting is { } sighting
            && sighting.Battery > options.Value.BatteryReserve
            ? new FreeDrone(this.GetPrimaryKeyString(), now.UtcTicks, sighting.Position, sighting.Battery, registration)
            : null;
        var (leave, enter) = _presence.Change(free, now);
        if (leave is not null) GrainFactory.GetGrain<IAirspaceCellGrain>(leave).Leave(this.GetPrimaryKeyString(), now.UtcTicks).AsTask().Ignore();
        if (enter is not null) GrainFactory.GetGrain<IAirspaceCellGrain>(enter).Enter(free!).AsTask().Ignore();
    }

    private TelemetryAnswer Answer(TelemetryOutcome outcome, DateTimeOffset now) => new(outcome, Order(now));

    private MissionOrder? Order(DateTimeOffset now) => Document.Mission is not { } mission
        ? null
        : new MissionOrder(
            mission.DeliveryId, mission.Attempt, _phase, mission.Pickup, mission.Dropoff, mission.Weight, now + options.Value.MissionLease);

    private MissionEta Eta(MissionOffer mission, GeoPoint position, DateTimeOffset now) =>
        Flight.Eta(Document.Registration!.Capabilities, _phase, position, mission.Pickup, mission.Dropoff, now, Wind.Calm);

    [LoggerMessage(LogLevel.Warning, "Drone {DroneId} says it carries the parcel of {DeliveryId} on attempt {Attempt}, which it does not have.")]
    private partial void LogStrayParcel(string droneId, string deliveryId, int attempt);

    [LoggerMessage(LogLevel.Warning, "Mission of drone {DroneId} for {DeliveryId}, attempt {Attempt}, ended at {Phase}: {Reason}")]
    private partial void LogMissionVoid(string droneId, string deliveryId, int attempt, MissionPhase phase, string? reason);
}
