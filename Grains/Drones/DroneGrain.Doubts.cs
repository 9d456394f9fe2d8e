using DroneDelivery.Navigation;
using DroneDelivery.Shipping;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Drones;

/// <summary>
/// What a drone says is believed within reason only: counters that leap, positions out of its reach, pickups and handovers far from their
/// place raise an alarm and change neither stage nor money.
/// </summary>
internal sealed partial class DroneGrain
{
    // Null until a position was believed.
    private Track? _track;

    // Why the last report carried no position that can be believed, since when, and how many did in a row.
    private (Unplaced Why, DateTimeOffset Since, int Reports)? _unplaced;

    // What became of the reports since the last one that was taken in.
    private (string Why, DateTimeOffset Since, bool IsTold)? _ignored;

    // Where and when it got the parcel; null: not yet, or before this activation.
    private MissionStart? _loaded;
    private DateTimeOffset? _pickupDoubtedSince;
    private bool _pickupAlarmed;
    private DateTimeOffset _handoverDoubtedAt;

    public async Task<CommandResult> Reset(CommandId command)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (Document.Registration is null) return CommandResult.NotFound;

        (_track, _unplaced) = (null, null);
        await Store(CountedAnew() with { Commands = Document.Commands.With(command, CommandResult.Done) });
        return CommandResult.Done;
    }

    /// <summary>Why a position is not believed.</summary>
    /// <param name="Detail">Why, in words.</param>
    private sealed record Unplaced(string Detail);

    private bool IsPlaced => _track is not null && !(_unplaced?.Reports >= options.Value.DoubtfulReports);

    private DroneState CountedAnew()
    {
        (_sighting, _ignored) = (_sighting?.WithoutCounters(), null);
        return Document with { AnewUntil = time.GetUtcNow() + options.Value.MaxReportAge };
    }

    private TrackBounds Bounds(DroneRegistration registration, double more = 0) =>
        new(registration.Capabilities.CruiseSpeed * options.Value.SpeedTolerance, options.Value.PositionSlack + more);

    /// <summary>Answers a report that is not taken in. A drone of which none is gets noticed, and its document compared: its counters may have begun anew in another life.</summary>
    private async Task<TelemetryAnswer> Ignore(TelemetryOutcome outcome, DateTimeOffset now, string? doubt = null)
    {
        var (since, isTold) = _ignored is { } before ? (before.Since, before.IsTold) : (now, false);
        if (!isTold && now - since >= options.Value.IgnoredAlarm)
        {
            LogIgnored(this.GetPrimaryKeyString(), since, outcome, doubt);
            isTold = true;
        }

        _ignored = (doubt ?? $"{outcome}.", since, isTold);
        if (isTold) await Refresh(options.Value.IgnoredAlarm);
        return Answer(outcome, now, doubt);
    }

    /// <summary>Takes in the position of a report; the track stays as it is when the position is not believed.</summary>
    private (Track? Track, Unplaced? Unplaced) Locate(TelemetryReport report, DroneRegistration registration, DateTimeOffset now)
    {
        if (report.Gaps.HasFlag(TelemetryGaps.Position) || report.Position is { Latitude: 0, Longitude: 0 } || !report.Position.IsValid)
            return (_track, new Unplaced("It has no fix."));
        if (_track is not { } track) return (Track.Begin(report.Position, now, report.Time), null);

        int? reportsToMove = Document.Mission is null ? options.Value.RelocationReports : null;
        var next = track.Take(report.Position, now, report.Time, Bounds(registration), reportsToMove, out var isBelieved);
        return (next, isBelieved ? null : new Unplaced($"It says that it moved {track.Position.DistanceTo(report.Position):0} m in no time."));
    }

    /// <summary>A sighting with what was known last in place of what the drone does not know now.</summary>
    private Sighting Filled(Sighting sighting, TelemetryGaps gaps, bool isPlaced, DroneRegistration registration)
    {
        var last = _sighting?.Position ?? registration.Home;
        var position = !isPlaced ? last : gaps.HasFlag(TelemetryGaps.Altitude) ? sighting.Position with { Altitude = last.Altitude } : sighting.Position;
        return sighting with { Position = position, Battery = gaps.HasFlag(TelemetryGaps.Battery) ? _sighting?.Battery ?? 0 : sighting.Battery };
    }

    private void NoteUnplaced(Unplaced? unplaced, DateTimeOffset now)
    {
        if (unplaced is null)
        {
            _unplaced = null;
            return;
        }

        _unplaced = _unplaced is { } before ? (unplaced, before.Since, before.Reports + 1) : (unplaced, now, 1);
        if (_unplaced.Value.Reports == options.Value.DoubtfulReports) LogUnplaced(this.GetPrimaryKeyString(), unplaced.Detail);
    }

    /// <summary>Why the drone cannot be at the pickup, if it cannot: by where it was seen last, and by its way from where it got the mission.</summary>
    private string? PickupDoubt(MissionOffer mission, DroneRegistration registration, DateTimeOffset now)
    {
        if (_unplaced is { } unplaced) return unplaced.Why.Detail;
        if (_track is not { } track) return "Nobody knows where it is.";
        if (now < (Bounds(registration) with { Slack = options.Value.PlaceTolerance }).EarliestArrival(track.Position, track.HeardAt, mission.Pickup))
            return $"It is {track.Position.DistanceTo(mission.Pickup):0} m from the pickup.";
        return Document.Start is { } start && now < Bounds(registration, options.Value.PlaceTolerance).EarliestArrival(start.From, start.Since, mission.Pickup)
            ? "It cannot have flown to the pickup so fast."
            : null;
    }

    /// <summary>The parcel stays where it is. A drone that goes on being doubted loses the mission, or the parcel would wait for it for ever.</summary>
    private async Task<CommandResult> RefusePickup(MissionOffer mission, string doubt, DateTimeOffset now)
    {
        _pickupDoubtedSince ??= now;
        if (!_pickupAlarmed && !(_unplaced?.Reports < options.Value.DoubtfulReports))
        {
            await RaiseDoubt(DroneEventKind.StaleReport, mission, $"It asked for the parcel. {doubt}", now);
            _pickupAlarmed = true;
        }

        if (now - _pickupDoubtedSince >= options.Value.DoubtPatience) await Drop(mission, $"It could not be believed to be at the pickup. {doubt}", now);
        return CommandResult.Conflict($"The drone is not known to be at the pickup. {doubt}");
    }

    /// <summary>How far a mission has come whose doubtful handover the drone reports; null: that is for an operator to say.</summary>
    private async Task<MissionPhase?> BelievedPhase(MissionOffer mission, string doubt, bool isUnplaced, DateTimeOffset now)
    {
        var known = await GrainFactory.GetGrain<IDeliveryGrain>(mission.DeliveryId).Get(CallerAccount.Any);
        if (known is { Status.Stage: DeliveryStage.HeadedToDropoff, HandedOverAt: null })
        {
            await DoubtHandover(mission, doubt, isUnplaced, now);
            return null;
        }

        // What was handed over is known. Otherwise the delivery says whether the drone may have the parcel, and hears of no handover, even if it has it by then.
        return known?.HandedOverAt is null ? MissionPhase.HeadedToDropoff : MissionPhase.Delivered;
    }

    /// <summary>Leaves the handover to an operator; the request raises an incident, again as long as it lasts.</summary>
    private async Task DoubtHandover(MissionOffer mission, string doubt, bool isUnplaced, DateTimeOffset now)
    {
        if (isUnplaced && (_unplaced?.Reports ?? 0) + 1 < options.Value.DoubtfulReports) return; // A fix may come.
        if (now - _handoverDoubtedAt < options.Value.DoubtPatience) return;

        await RaiseDoubt(DroneEventKind.StrayParcel, mission, $"Drone {this.GetPrimaryKeyString()} says that it handed the parcel over. {doubt}", now);
        _handoverDoubtedAt = now;
    }

    private async Task RaiseDoubt(DroneEventKind kind, MissionOffer mission, string detail, DateTimeOffset now)
    {
        LogContradiction(this.GetPrimaryKeyString(), mission.DeliveryId, mission.Attempt, detail);
        await Store(Document.WithEvent(new DroneEvent(this.GetPrimaryKeyString(), kind, mission.DeliveryId, mission.Attempt, now, detail, IsDoubt: true)));
        DrainOutbox();
    }

    private async Task<string?> HandoverDoubt(MissionOffer mission, DroneRegistration registration, GeoPoint position, DateTimeOffset now)
    {
        if (position.DistanceTo(mission.Dropoff) is var distance && distance > options.Value.PlaceTolerance) return $"It is {distance:0} m from the dropoff.";
        _loaded ??= await Loading(mission);
        if (_loaded is not { } loaded) return "It has no parcel.";
        return now < Bounds(registration).EarliestArrival(loaded.From, loaded.Since, position) ? "It cannot have flown from the pickup to the dropoff so fast." : null;
    }

    /// <summary>Where and when the drone got the parcel, as the delivery wrote it down.</summary>
    private async Task<MissionStart?> Loading(MissionOffer mission)
    {
        var history = await GrainFactory.GetGrain<IDeliveryGrain>(mission.DeliveryId).GetHistory(CallerAccount.Any);
        var loading = history?.FirstOrDefault(entry => entry.Stage == DeliveryStage.HeadedToDropoff && (entry.Attempt is null || entry.Attempt == mission.Attempt));
        return loading is null ? null : new MissionStart(loading.Location ?? mission.Pickup, loading.Time);
    }

    private IReadOnlyList<DroneAlarm> Alarms(DateTimeOffset now)
    {
        var alarms = new List<DroneAlarm>();
        if (_ignored is { } ignored && now - ignored.Since >= options.Value.IgnoredAlarm)
            alarms.Add(new DroneAlarm(DroneAlarmKind.ReportsIgnored, ignored.Since, $"It reports, but none of its reports is taken in: {ignored.Why}"));
        if (_unplaced is { } unplaced && unplaced.Reports >= options.Value.DoubtfulReports)
            alarms.Add(new DroneAlarm(DroneAlarmKind.PositionUnknown, unplaced.Since, $"{unplaced.Why.Detail} {unplaced.Reports} reports in a row."));
        return alarms;
    }

    [LoggerMessage(LogLevel.Warning, "Drone {DroneId} reports, but none of its reports has been taken in since {Since:u}: {Outcome}. {Doubt}")]
    private partial void LogIgnored(string droneId, DateTimeOffset since, TelemetryOutcome outcome, string? doubt);

    [LoggerMessage(LogLevel.Warning, "Drone {DroneId} has no position that can be believed: {Detail}")]
    private partial void LogUnplaced(string droneId, string detail);
}
