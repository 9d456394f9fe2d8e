using DroneDelivery.FleetSimulator.Motion;

namespace DroneDelivery.FleetSimulator.Missions;

/// <summary>
/// One drone: flies its mission and looks after its battery. Driven by one loop, not thread-safe. Everything that happens goes to
/// the journal; <see cref="HasNews"/> says that the backend should hear from it before the next regular report.
/// </summary>
internal sealed class Drone
{
    // Below this share of the battery a drone at home does not take off, and an idle one elsewhere heads home.
    private const double Reserve = 0.2;

    // Wind and detours on the way home.
    private const double HomeMargin = 1.5;

    private readonly Action<FleetEvent> _journal;
    private FlightState _flight;
    private double _countdown;

    /// <summary>A drone as it is delivered: at home, full.</summary>
    public Drone(DroneProfile profile, Action<FleetEvent> journal)
    {
        Profile = profile;
        _journal = journal;
        _flight = new FlightState(profile.Home, profile.Capabilities.BatteryCapacity);
    }

    /// <summary>What does not change.</summary>
    public DroneProfile Profile { get; }

    /// <summary>Its id.</summary>
    public string Id => Profile.Id;

    /// <summary>Where it is.</summary>
    public GeoPoint Position => _flight.Position;

    /// <summary>Charge, 0 to 1.</summary>
    public double Battery => Math.Clamp(_flight.Energy / Profile.Capabilities.BatteryCapacity, 0, 1);

    /// <summary>What it is doing.</summary>
    public DroneActivity Activity { get; private set; }

    /// <summary>What it flies for; null: nothing.</summary>
    public Mission? Mission { get; private set; }

    /// <summary>Whether it stands on its pad.</summary>
    public bool IsAtHome => _flight.Position == Profile.Home;

    /// <summary>Whether it stands on its pad and the battery is not full.</summary>
    public bool IsCharging => Activity == DroneActivity.Idle && IsAtHome && Battery < 1;

    /// <summary>Whether it stands at the pickup and wants to be told to take the parcel.</summary>
    public bool WantsParcel => Activity == DroneActivity.AwaitingParcel && Mission is { PickupGranted: false };

    /// <summary>Something happened that the backend should hear of at once.</summary>
    public bool HasNews { get; private set; } = true;

    private double Payload => Mission is { HasParcelOnBoard: true } mission ? mission.Weight : 0;

    /// <summary>The news is on its way.</summary>
    public void NewsTold() => HasNews = false;

    /// <summary>What to remember over a restart.</summary>
    public DroneMemory Remember() => new(Id, Position, _flight.Energy, Activity, _countdown, Mission);

    /// <summary>Carries on where it was.</summary>
    public void Recall(DroneMemory memory)
    {
        _flight = new FlightState(memory.Position, Math.Min(memory.Energy, Profile.Capabilities.BatteryCapacity));
        Activity = memory.Activity;
        _countdown = memory.Countdown;
        Mission = memory.Mission;
        HasNews = true;
    }

    /// <summary>Carries on, without any memory of its own, where the backend last saw it.</summary>
    public void Relocate(GeoPoint position, double battery)
    {
        _flight = new FlightState(position, Math.Clamp(battery, 0, 1) * Profile.Capabilities.BatteryCapacity);
        Activity = IsAtHome ? DroneActivity.Idle : DroneActivity.Returning;
        HasNews = true;
    }

    /// <summary>The backend answered a report.</summary>
    public void Hear(MissionOrder? order, DateTimeOffset now)
    {
        var before = Mission;
        // Where it lies, it can only keep the parcel it has.
        if (before is null && Activity is DroneActivity.LandingShort or DroneActivity.LandedShort) return;

        var change = MissionRules.Hear(before, order, now);
        Mission = change.Mission;
        if (change.Dropped is { } reason) Journal(FleetEventKind.Dropped, $"drops delivery {before!.DeliveryId}: {reason}");
        if (change.Disowned)
            Journal(FleetEventKind.Disowned, $"carries delivery {before!.DeliveryId} on to its dropoff although the backend took it back");

        if (change.Taken) Begin(change.Mission!);
        else if (change.Finished) Become(DroneActivity.Idle, Profile.IdlePatience);
        else if (change.Dropped is not null) Leave();
        else if (Activity == DroneActivity.AwaitingParcel && Mission!.Pickup != before!.Pickup) Activity = DroneActivity.HeadedToPickup;
    }

    /// <summary>The question for the parcel is on its way.</summary>
    public void AskedForParcel()
    {
        if (Mission is not null) Mission = Mission with { PickupInDoubt = true };
    }

    /// <summary>The backend answered whether the parcel may be taken; an answer about another mission changes nothing.</summary>
    public void HearAboutParcel(string deliveryId, int attempt, bool granted)
    {
        if (Mission is not { IsCommitted: false } mission || mission.DeliveryId != deliveryId || mission.Attempt != attempt) return;

        Mission = mission with { PickupInDoubt = false, PickupGranted = granted };
        if (granted) Become(DroneActivity.TakingParcel, Profile.Capabilities.HandlingTime);
    }

    /// <summary>Time passes.</summary>
    /// <param name="seconds">How much.</param>
    /// <param name="wind">The wind meanwhile.</param>
    /// <param name="now">Wall clock at the end.</param>
    public void Advance(double seconds, WindVector wind, DateTimeOffset now)
    {
        if (Mission is { } mission && MissionRules.HasLapsed(mission, now))
        {
            Mission = null;
            Journal(FleetEventKind.Dropped, $"drops delivery {mission.DeliveryId}: nothing heard of it until its lease ran out");
            Leave();
        }

        while (seconds > 0)
            seconds = Spend(seconds, wind);
    }

    // Each returns the seconds left after what it did.
    private double Spend(double seconds, WindVector wind) => Activity switch
    {
        DroneActivity.Idle => Rest(seconds),
        DroneActivity.Returning => Fly(seconds, wind, Profile.Home),
        DroneActivity.HeadedToPickup => Fly(seconds, wind, Mission!.Pickup),
        DroneActivity.HeadedToDropoff => Fly(seconds, wind, Mission!.Dropoff),
        DroneActivity.TakingParcel or DroneActivity.HandingOver => Handle(seconds),
        DroneActivity.LandingShort => ComeDown(seconds),
        DroneActivity.LandedShort => AwaitCrew(seconds),
        _ => 0,
    };

    private double Rest(double seconds)
    {
        if (IsAtHome)
        {
            Charge(seconds);
            return 0;
        }

        var reserve = Math.Max(
            Reserve * Profile.Capabilities.BatteryCapacity,
            HomeMargin * Flight.EnergyFor(Profile.Capabilities, 0, Position, Profile.Home));
        var rest = _flight.Energy < reserve ? 0 : Math.Min(seconds, _countdown);
        _countdown -= rest;
        if (rest < seconds) Activity = DroneActivity.Returning;
        return seconds - rest;
    }

    private double Fly(double seconds, WindVector wind, GeoPoint target)
    {
        if (IsAtHome && Battery < Reserve)
        {
            var missing = (Reserve - Battery) * Profile.ChargeTime;
            var time = Math.Min(seconds, missing + 1e-3);
            Charge(time);
            return seconds - time;
        }

        var step = Flight.FlyTo(Profile.Capabilities, Payload, _flight, target, wind, seconds);
        _flight = step.State;
        if (step.Outcome == FlightOutcome.Done) Arrive();
        else if (step.Outcome == FlightOutcome.MustLand) LandShort();
        return seconds - step.Elapsed;
    }

    private double Handle(double seconds)
    {
        var step = Flight.Hover(Profile.Capabilities, Payload, _flight, Math.Min(seconds, _countdown));
        _flight = step.State;
        _countdown -= step.Elapsed;
        if (step.Outcome == FlightOutcome.MustLand) LandShort();
        else if (_countdown <= 0) Handled();
        return seconds - step.Elapsed;
    }

    private double ComeDown(double seconds)
    {
        var step = Flight.Land(Profile.Capabilities, Payload, _flight, seconds);
        _flight = step.State;
        if (step.Outcome == FlightOutcome.Done) Become(DroneActivity.LandedShort, Profile.ServiceTime);
        return seconds - step.Elapsed;
    }

    private double AwaitCrew(double seconds)
    {
        var time = Math.Min(seconds, _countdown);
        _countdown -= time;
        if (_countdown > 0) return 0;

        _flight = _flight with { Energy = Profile.Capabilities.BatteryCapacity };
        Journal(FleetEventKind.Serviced, "flies on with the battery that a crew brought");
        if (Mission is null) Become(DroneActivity.Returning);
        else Begin(Mission, isNew: false);
        return seconds - time;
    }

    private void Arrive()
    {
        switch (Activity)
        {
            case DroneActivity.HeadedToPickup:
                Mission = Mission! with { Phase = MissionPhase.AtPickup };
                Become(DroneActivity.AwaitingParcel);
                break;
            case DroneActivity.HeadedToDropoff:
                Become(DroneActivity.HandingOver, Profile.Capabilities.HandlingTime, isNews: false);
                break;
            default:
                Become(DroneActivity.Idle, Profile.IdlePatience);
                break;
        }
    }

    private void Handled()
    {
        var mission = Mission!;
        if (Activity == DroneActivity.TakingParcel)
        {
            Mission = mission with { Phase = MissionPhase.HeadedToDropoff };
            Journal(FleetEventKind.PickedUp, $"has picked up delivery {mission.DeliveryId}");
            Become(DroneActivity.HeadedToDropoff);
        }
        else
        {
            Mission = mission with { Phase = MissionPhase.Delivered };
            Journal(FleetEventKind.Delivered, $"has delivered {mission.DeliveryId}");
            Become(DroneActivity.Delivered);
        }
    }

    private void LandShort()
    {
        if (Mission is { IsCommitted: false } mission)
        {
            Mission = null;
            Journal(FleetEventKind.Dropped, $"drops delivery {mission.DeliveryId}: its battery does not last");
        }

        Journal(FleetEventKind.LandedShort, "comes down where it is: its battery is empty");
        Become(DroneActivity.LandingShort);
    }

    private void Begin(Mission mission, bool isNew = true)
    {
        if (isNew)
        {
            var distance = Position.DistanceTo(mission.HasParcelOnBoard ? mission.Dropoff : mission.Pickup) / 1000;
            Journal(FleetEventKind.Taken, FormattableString.Invariant(
                $"takes delivery {mission.DeliveryId}, attempt {mission.Attempt}: {mission.Weight:0.#} kg, {distance:0.0} km away"));
        }

        switch (mission.Phase)
        {
            case MissionPhase.AtPickup when mission.PickupGranted:
                Become(DroneActivity.TakingParcel, Profile.Capabilities.HandlingTime);
                break;
            case MissionPhase.HeadedToDropoff:
                Become(DroneActivity.HeadedToDropoff);
                break;
            case MissionPhase.Delivered:
                Become(DroneActivity.Delivered);
                break;
            default:
                Become(DroneActivity.HeadedToPickup);
                break;
        }
    }

    // Without a mission: home. On its pad it is there already.
    private void Leave() => Become(IsAtHome ? DroneActivity.Idle : DroneActivity.Returning);

    private void Become(DroneActivity activity, double countdown = 0, bool isNews = true)
    {
        Activity = activity;
        _countdown = countdown;
        HasNews |= isNews;
    }

    private void Charge(double seconds)
    {
        var capacity = Profile.Capabilities.BatteryCapacity;
        _flight = _flight with { Energy = Math.Min(capacity, _flight.Energy + (capacity * seconds / Profile.ChargeTime)) };
    }

    private void Journal(FleetEventKind kind, string text) => _journal(new FleetEvent(kind, Id, text));
}
