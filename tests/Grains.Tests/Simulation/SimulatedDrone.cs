using DroneDelivery.Drones;

namespace DroneDelivery.Simulation;

/// <summary>A drone: it flies what it is told, and holds a parcel only when it was allowed to take it.</summary>
internal sealed class SimulatedDrone(SimulatedWorld world, string id, GeoPoint home)
{
    private const int MaxStrayReports = 3;

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

    public string Id => id;

    public IDroneGrain Grain => world.Cluster.Grains.GetGrain<IDroneGrain>(id);

    public void Register()
    {
        var capabilities = new DroneCapabilities(100, PackageSize.Large, 900, 200, 100, 20, 5_000, 60_000, 1);
        SimulatedWorld.Watch(Grain.Register(new CommandId("register"), new DroneRegistration("simulated", home, capabilities)));
        Report();
    }

    public void Act(int pick)
    {
        switch (pick % 8)
        {
            case < 5:
                Fly();
                break;
            case 5:
                Report();
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

    public void Calm() => (_busy, _battery) = (false, 1);

    public void FlyWell()
    {
        if (!_busy) Fly();
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
            if (_mission is not null) _phase = _handedOver ? MissionPhase.Delivered : Next();
            Report();
            return;
        }

        Ask();
    }

    private MissionPhase Next() => _phase switch
    {
        MissionPhase.Assigned => MissionPhase.HeadedToPickup,
        MissionPhase.HeadedToPickup => MissionPhase.AtPickup,
        MissionPhase.HeadedToDropoff when _parcel is not null => HandOver(),
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
        _pickup ??= new CommandId($"{id}-pickup-{mission.DeliveryId}-{mission.Attempt}-{_boot}");
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
    }

    private void Report(DroneTrouble? trouble = null)
    {
        var progress = _parcel is { } parcel ? new MissionProgress(parcel.DeliveryId, parcel.Attempt, _handedOver ? MissionPhase.Delivered : MissionPhase.HeadedToDropoff)
            : _mission is { } mission ? new MissionProgress(mission.DeliveryId, mission.Attempt, _phase) : null;
        if (_strayReports > 0) trouble = DroneTrouble.RefusedMission;
        SimulatedWorld.Watch(Reporting(new TelemetryReport(_boot, ++_sequence, world.Cluster.Time.Now, home, _battery, progress, trouble)));
    }

    private async Task Reporting(TelemetryReport report)
    {
        _busy = true;
        var answer = await Answer(Grain.Report(report)).ConfigureAwait(false);
        _busy = false;
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
