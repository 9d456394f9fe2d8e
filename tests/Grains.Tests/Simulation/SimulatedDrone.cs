using DroneDelivery.Drones;

namespace DroneDelivery.Simulation;

/// <summary>
/// A drone: it flies what it is told, as fast as it can, and holds a parcel only when it was allowed to take it. Its clock may be off, it may lose its fix or
/// its counters, and frames may be sent in its name that lie.
/// </summary>
internal sealed class SimulatedDrone(SimulatedWorld world, string id, GeoPoint home)
{
    private const int MaxStrayReports = 3;
    private const double Speed = 900;

    private MissionOrder? _mission;
    private MissionPhase _phase;
    private (string DeliveryId, int Attempt)? _parcel;
    private bool _handedOver;
    private int _strayReports;
    private long _boot = 1;
    private long _sequence;
    private CommandId? _pickup;
    private bool _busy;
    private double _battery = 1;
    private (GeoPoint From, GeoPoint To, DateTimeOffset Start) _leg = (home, home, world.Cluster.Time.Now);
    private TimeSpan _skew;
    private bool _calm;
    private int _registrations;

    // Each lie is told once, so that all comes to an end.
    private readonly HashSet<(string DeliveryId, int Attempt, bool WithParcel)> _lied = [];

    public string Id => id;

    /// <summary>What became of the last report since all is calm.</summary>
    public TelemetryOutcome? LastOutcome { get; private set; }

    /// <summary>When it first asked for its parcel, where the parcel was.</summary>
    public DateTimeOffset AskedAt { get; private set; }

    /// <summary>Missions of which it asked for the parcel where the parcel was, or where nobody could know that it was not.</summary>
    public HashSet<(string DeliveryId, int Attempt)> AskedThere { get; } = [];

    private GeoPoint Here
    {
        get
        {
            var (from, to, start) = _leg;
            var flown = Speed * (world.Cluster.Time.Now - start).TotalSeconds;
            return flown >= from.DistanceTo(to) ? to : from.Destination(from.BearingTo(to), flown);
        }
    }

    public IDroneGrain Grain => world.Cluster.Grains.GetGrain<IDroneGrain>(id);

    public void Register()
    {
        var capabilities = new DroneCapabilities(100, PackageSize.Large, Speed, 200, 100, 20, 5_000, 60_000, 1);
        SimulatedWorld.Watch(Registering(new CommandId($"register-{++_registrations}"), new DroneRegistration("simulated", home, capabilities)));
    }

    public void Act(int pick)
    {
        switch (pick % 8)
        {
            case < 5:
                Fly();
                break;
            case 5:
                Mistake(pick / 8);
                break;
            case 6:
                Report((DroneTrouble)(pick / 8 % 3));
                break;
            default:
                // It starts again and remembers only what it carries.
                (_boot, _sequence, _busy, _pickup, _mission) = (_boot + 1, 0, false, null, _parcel is null ? null : _mission);
                break;
        }
    }

    public void Calm() => (_busy, _battery, _skew, _calm) = (false, 1, TimeSpan.Zero, true);

    /// <summary>Lies that nobody could tell from the truth are left out: those that fit its place and speed.</summary>
    private void Mistake(int pick)
    {
        if (pick % 2 == 0 && Lies()) return;
        switch (pick / 2 % 6)
        {
            case 0:
                Send(Told() with { Position = default });
                break;
            case 1:
                Send(Told() with { Position = home.Destination(pick % 360, 50_000) });
                break;
            case 2:
                _skew = TimeSpan.FromSeconds((pick / 12 % 420) - 360);
                Report();
                break;
            case 3:
                Send(Told() with { Sequence = long.MaxValue - (pick % 100) });
                break;
            case 4:
                Send(Told() with { Boot = long.MaxValue - (pick % 100), Sequence = 0 });
                break;
            default:
                // A repair that set it back to the factory's state.
                (_boot, _sequence, _busy, _pickup, _mission) = (1, 0, false, null, _parcel is null ? null : _mission);
                Register();
                break;
        }
    }

    /// <summary>It claims to be at the pickup or to have handed over, and is elsewhere, or was at the pickup a moment ago.</summary>
    private bool Lies()
    {
        if (_mission is not { } mission || _handedOver) return false;
        if (_parcel is { } parcel)
        {
            var claimed = world.Cluster.Time.Now - AskedAt < Invariants.TooSoon ? mission.Dropoff : Here;
            if (claimed == Here && claimed.DistanceTo(mission.Dropoff) < 100) return false;
            Send(Told() with { Position = claimed, Mission = new(parcel.DeliveryId, parcel.Attempt, MissionPhase.Delivered) });
            return true;
        }

        Send(Told() with { Mission = new(mission.DeliveryId, mission.Attempt, MissionPhase.AtPickup) });
        SimulatedWorld.Watch(Grain.RequestPickup(new CommandId($"{id}-lie-{_registrations}-{_boot}-{_sequence}"), mission.DeliveryId, mission.Attempt));
        return true;
    }

    /// <summary>Flies on; whether it is there.</summary>
    private bool Arrives(GeoPoint target)
    {
        if (_leg.To != target) _leg = (Here, target, world.Cluster.Time.Now);
        var rest = Here.DistanceTo(target) / Speed;
        if (rest > 0) world.Cluster.Pass(TimeSpan.FromSeconds(rest) + TimeSpan.FromTicks(1));
        return Here == target;
    }

    public void FlyWell()
    {
        if (_busy) return;
        if (world.Lying == true && _mission is { } mission && _lied.Add((mission.DeliveryId, mission.Attempt, _parcel is not null)) && Lies()) return;
        Fly();
    }

    /// <summary>One thing after the other: to the pickup, ask, to the dropoff, hand over.</summary>
    private void Fly()
    {
        if (_parcel is { } parcel && (_mission is null || parcel != (_mission.DeliveryId, _mission.Attempt)))
        {
            // Its mission was taken back with the parcel on board: it says so, until somebody takes the parcel away.
            if (++_strayReports > MaxStrayReports) (_parcel, _handedOver, _strayReports) = (null, false, 0);
            Report();
            return;
        }

        if (_mission is null || _phase != MissionPhase.AtPickup)
        {
            if (_mission is not null) _phase = _handedOver ? MissionPhase.Delivered : Next(_mission);
            else if (_parcel is null) Arrives(home);
            Report();
            return;
        }

        Ask();
    }

    private MissionPhase Next(MissionOrder mission) => _phase switch
    {
        MissionPhase.Assigned => MissionPhase.HeadedToPickup,
        MissionPhase.HeadedToPickup when Arrives(mission.Pickup) => MissionPhase.AtPickup,
        MissionPhase.HeadedToDropoff when _parcel is not null && Arrives(mission.Dropoff) => HandOver(),
        var phase => phase,
    };

    private MissionPhase HandOver()
    {
        if (!_handedOver) world.Invariants.HandedOver(_mission!.DeliveryId);
        _handedOver = true;
        return MissionPhase.Delivered;
    }

    private void Ask()
    {
        var mission = _mission!;
        if (!Arrives(mission.Pickup)) return;
        _pickup ??= new CommandId($"{id}-pickup-{mission.DeliveryId}-{mission.Attempt}-{_registrations}-{_boot}");
        if (AskedThere.Add((mission.DeliveryId, mission.Attempt))) AskedAt = world.Cluster.Time.Now;
        SimulatedWorld.Watch(Asking(mission, _pickup.Value));
    }

    private async Task Asking(MissionOrder mission, CommandId command)
    {
        _busy = true;
        var answer = await Answer(Grain.RequestPickup(command, mission.DeliveryId, mission.Attempt)).ConfigureAwait(false);
        _busy = false;
        if (answer is { Succeeded: false }) Report();
        if (answer?.Succeeded != true || _parcel is not null || _mission != mission || _phase != MissionPhase.AtPickup) return;
        (_parcel, _phase, _pickup) = ((mission.DeliveryId, mission.Attempt), MissionPhase.HeadedToDropoff, null);
        world.Invariants.PickedUp(mission.DeliveryId, id, mission.Attempt);
        if (world.Lying == true) Lies();
    }

    private void Report(DroneTrouble? trouble = null)
    {
        if (_strayReports > 0) trouble = DroneTrouble.RefusedMission;
        Send(Told() with { Trouble = trouble });
    }

    private TelemetryReport Told()
    {
        var progress = _parcel is { } parcel ? new MissionProgress(parcel.DeliveryId, parcel.Attempt, _handedOver ? MissionPhase.Delivered : MissionPhase.HeadedToDropoff)
            : _mission is { } mission ? new MissionProgress(mission.DeliveryId, mission.Attempt, _phase) : null;
        return new TelemetryReport(_boot, ++_sequence, world.Cluster.Time.Now + _skew, Here, _battery, progress);
    }

    private void Send(TelemetryReport report) => SimulatedWorld.Watch(Reporting(report));

    // Until it is answered: nothing that it reports with counters set back would be taken in.
    private async Task Registering(CommandId command, DroneRegistration registration)
    {
        while (await Answer(Grain.Register(command, registration)).ConfigureAwait(false) is null && command.Value == $"register-{_registrations}")
        {
        }

        Report();
    }

    private async Task Reporting(TelemetryReport report)
    {
        _busy = true;
        var isCalm = _calm;
        var answer = await Answer(Grain.Report(report)).ConfigureAwait(false);
        _busy = false;
        if (answer is not null && isCalm && (report.Boot, report.Sequence) == (_boot, _sequence)) LastOutcome = answer.Outcome;
        if (answer is null || answer.Outcome != TelemetryOutcome.Accepted || report.Boot != _boot) return;

        var told = answer.Mission;
        var same = told is not null && _mission is not null && told.DeliveryId == _mission.DeliveryId && told.Attempt == _mission.Attempt;
        if (same)
        {
            if (told!.Phase > _phase && _parcel is not null) _phase = told.Phase;
            return;
        }

        // Delivered and known: the parcel is off its mind.
        if (_handedOver && told?.DeliveryId != _parcel?.DeliveryId) (_parcel, _handedOver) = (null, false);
        (_mission, _pickup) = (told, null);
        _phase = told?.Phase == MissionPhase.HeadedToDropoff ? MissionPhase.AtPickup : MissionPhase.Assigned;
    }

    private static async Task<T?> Answer<T>(Task<T> call) where T : class
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not InvariantException)
        {
            return null;
        }
    }
}
