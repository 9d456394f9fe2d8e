using DroneDelivery.Drones;
using DroneDelivery.Invoicing;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Simulation;

/// <summary>What a drone says is believed within reason only, and an operator puts right what was mistaken.</summary>
public sealed class DoubtTests
{
    private static readonly GeoPoint Centre = new(10.025, 20.025);
    private static readonly GeoPoint Far = Centre.Destination(90, 10_000);

    private readonly ScriptedCluster _cluster = new(drones: settings => settings.PositionSlack = 150);

    private DeliveryOrder FarOrder => _cluster.Order() with { Dropoff = new Place(null, Far) };

    private DroneSnapshot Seen => _cluster.Do(_cluster.Drone().Get())!;

    private DeliveryStage? Stage => _cluster.Do(_cluster.Delivery().GetStage());

    [Fact]
    public void Report_without_a_fix_is_contact_and_keeps_mission_and_place()
    {
        var mission = _cluster.Schedule();
        _cluster.Cluster.Time.Now += TimeSpan.FromSeconds(5);
        var answer = Send(report => report with { Position = default, Mission = new(mission.DeliveryId, mission.Attempt, MissionPhase.HeadedToPickup) });
        Assert.Equal((TelemetryOutcome.Accepted, mission.DeliveryId), (answer.Outcome, answer.Mission?.DeliveryId));
        Assert.Equal((Centre, _cluster.Now), (Seen.Position, Seen.HeardAt));
        Assert.Equal(DeliveryStage.HeadedToPickup, Stage);
    }

    [Theory]
    [InlineData(TelemetryGaps.Battery)]
    [InlineData(TelemetryGaps.Altitude)]
    public void What_the_drone_does_not_know_keeps_its_last_value(TelemetryGaps gap)
    {
        var mission = _cluster.Schedule();
        Send(report => report with { Position = Centre with { Altitude = 80 }, Battery = 0.9 });
        var answer = Send(report => report with { Battery = gap == TelemetryGaps.Battery ? 0 : 0.8, Gaps = gap });
        Assert.Equal(mission.DeliveryId, answer.Mission?.DeliveryId);
        Assert.Equal(gap == TelemetryGaps.Battery ? (0.9, 0) : (0.8, 80), (Seen.Battery, Seen.Position.Altitude));
    }

    [Theory]
    [InlineData(IncidentResolution.Completed, RequestStatus.Completed, 1)]
    [InlineData(IncidentResolution.Continued, RequestStatus.Scheduled, 0)]
    [InlineData(IncidentResolution.Failed, RequestStatus.Failed, 0)]
    public void Handover_far_from_the_dropoff_is_an_incident_that_an_operator_settles(IncidentResolution resolution, RequestStatus becomes, int counted)
    {
        var mission = _cluster.Load(FarOrder);
        _cluster.Cluster.Time.Now += TimeSpan.FromSeconds(60);
        var answer = _cluster.Report(phase: MissionPhase.Delivered, at: Centre);
        Assert.Equal((TelemetryOutcome.Accepted, "It is 10000 m from the dropoff.", mission.DeliveryId), (answer.Outcome, answer.Doubt, answer.Mission?.DeliveryId));
        Assert.Equal((DeliveryStage.HeadedToDropoff, RequestStatus.Incident), (Stage, _cluster.Get().Status));
        Assert.Equal("Drone drone says that it handed the parcel over. It is 10000 m from the dropoff.", Assert.Single(_cluster.Flagged(RequestFlag.Incident)).Reason);
        Assert.Equal(0, Counted());

        Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Request().Resolve(_cluster.Command(), resolution, "seen")));
        _cluster.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal((becomes, counted), (_cluster.Get().Status, Counted()));
    }

    [Fact]
    public void Doubtful_handover_that_an_operator_let_go_on_is_raised_again()
    {
        _cluster.Load(FarOrder);
        for (var round = 0; round < 2; round++)
        {
            _cluster.Report(phase: MissionPhase.Delivered, at: Centre);
            Assert.Equal(RequestStatus.Incident, _cluster.Get().Status);
            _cluster.Do(_cluster.Request().Resolve(_cluster.Command(), IncidentResolution.Continued, "seen"));
            Assert.Equal(RequestStatus.Scheduled, _cluster.Get().Status);
            _cluster.Pass(TimeSpan.FromSeconds(62), "drone");
            Assert.Equal(RequestStatus.Scheduled, _cluster.Get().Status);
        }
    }

    [Fact]
    public void Handover_that_is_plausible_at_last_completes()
    {
        _cluster.Load(FarOrder);
        Send(report => report with { Position = default, Mission = new("delivery", 1, MissionPhase.Delivered) });
        Assert.Equal((DeliveryStage.HeadedToDropoff, RequestStatus.Scheduled), (Stage, _cluster.Get().Status)); // A fix may come.
        _cluster.Cluster.Time.Now += TimeSpan.FromSeconds(10);
        Assert.Null(_cluster.Report(phase: MissionPhase.Delivered).Doubt);
        Assert.Equal(RequestStatus.Completed, _cluster.Get().Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Drone_cannot_fly_to_the_dropoff_in_no_time(bool itsSiloDies)
    {
        _cluster.Load(FarOrder);
        if (itsSiloDies) _cluster.Cluster.Kill(SimulatedCluster.Id<IDroneGrain>("drone"));

        // Its clock makes the movement plausible: half a minute in no time.
        Assert.Null(Send(report => report with { Position = Far, Time = _cluster.Now.AddSeconds(29) }).Doubt);
        _cluster.Cluster.Time.Now += TimeSpan.FromMilliseconds(200);
        Assert.Equal("It cannot have flown from the pickup to the dropoff so fast.", _cluster.Report(phase: MissionPhase.Delivered).Doubt);
        Assert.Equal((DeliveryStage.HeadedToDropoff, RequestStatus.Incident), (Stage, _cluster.Get().Status));

        _cluster.Cluster.Time.Now += TimeSpan.FromSeconds(10);
        Assert.Null(_cluster.Report(phase: MissionPhase.Delivered).Doubt);
        Assert.Equal(RequestStatus.Completed, _cluster.Get().Status);
    }

    [Fact]
    public void Drone_that_jumps_to_the_dropoff_is_not_believed_there()
    {
        _cluster.Load(FarOrder);
        for (var number = 1; number <= 3; number++)
        {
            Assert.Equal("It says that it moved 10000 m in no time.", _cluster.Report(phase: MissionPhase.Delivered).Doubt);
            Assert.Equal((DeliveryStage.HeadedToDropoff, Centre), (Stage, Seen.Position));
            Assert.Equal(number < 3 ? RequestStatus.Scheduled : RequestStatus.Incident, _cluster.Get().Status);
        }

        Assert.Equal(DroneAlarmKind.PositionUnknown, Assert.Single(Seen.Alarms!).Kind);
    }

    [Fact]
    public void Parcel_is_not_given_to_a_drone_that_is_elsewhere()
    {
        _cluster.Register();
        _cluster.Submit(_cluster.Order() with { Pickup = new Place(null, Centre.Destination(0, 900)) });
        _cluster.Pass(TimeSpan.FromSeconds(5), "drone");
        _cluster.Report(phase: MissionPhase.AtPickup, at: Centre);
        var refused = Ask();
        Assert.Equal((CommandOutcome.Conflict, "The drone is not known to be at the pickup. It is 900 m from the pickup."), (refused.Outcome, refused.Reason));
        Assert.Equal((DeliveryStage.HeadedToPickup, RequestStatus.Scheduled), (Stage, _cluster.Get().Status));
        var alarm = Assert.Single(_cluster.Get().Alarms!);
        Assert.Equal((DroneEventKind.StaleReport, "It asked for the parcel. It is 900 m from the pickup."), (alarm.Kind, alarm.Detail));
        Assert.Single(_cluster.Flagged(RequestFlag.Incident));

        // One that goes on so loses the mission; nobody waits for it for ever.
        for (var round = 1; Seen.Mission is not null; round++)
        {
            Assert.True(round <= 4, "It still has the mission.");
            _cluster.Pass(TimeSpan.FromSeconds(5));
            _cluster.Report(phase: MissionPhase.AtPickup, at: Centre);
            Ask();
        }

        _cluster.Register("other");
        _cluster.Pass(TimeSpan.FromSeconds(8), "other");
        Assert.Equal("other", _cluster.Get().Transport?.DroneId);
    }

    [Fact]
    public void Drone_cannot_fly_to_the_pickup_in_no_time()
    {
        _cluster.Register();
        var pickup = Centre.Destination(0, 9_000);
        Assert.True(_cluster.Do(_cluster.Drone().Reserve(_cluster.Command(), new MissionOffer("delivery", 1, pickup, Far, 1, PackageSize.Small, null))).Accepted);
        Send(report => report with { Position = pickup, Time = _cluster.Now.AddSeconds(29) });
        Assert.Equal(pickup, Seen.Position);
        Assert.Equal("The drone is not known to be at the pickup. It cannot have flown to the pickup so fast.", Ask().Reason);

        _cluster.Cluster.Time.Now += TimeSpan.FromSeconds(5);
        Assert.Equal("The delivery is still being scheduled; ask again.", Ask().Reason);
    }

    [Fact]
    public void Parcel_that_was_granted_is_granted_again_wherever_the_drone_is_by_then()
    {
        var mission = _cluster.Schedule(FarOrder);
        _cluster.Report(phase: MissionPhase.AtPickup);
        var command = _cluster.Command();
        Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Drone().RequestPickup(command, mission.DeliveryId, mission.Attempt)));
        Send(report => report with { Position = default });
        Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Drone().RequestPickup(command, mission.DeliveryId, mission.Attempt)));
    }

    [Fact]
    public void Drone_without_a_mission_that_was_carried_elsewhere_is_believed_there_after_a_while()
    {
        _cluster.Register();
        Assert.Equal("It says that it moved 10000 m in no time.", _cluster.Report(at: Far).Doubt);
        Assert.Equal("It says that it moved 10000 m in no time.", _cluster.Report(at: Far).Doubt);
        Assert.Equal(Centre, Seen.Position);
        Assert.Null(_cluster.Report(at: Far).Doubt);
        Assert.Equal((Far, 0), (Seen.Position, Seen.Alarms!.Count));
    }

    [Fact]
    public void Drone_that_does_not_know_where_it_is_gets_no_mission()
    {
        _cluster.Register();
        for (var number = 0; number < 3; number++) Send(report => report with { Gaps = TelemetryGaps.Position });
        var offer = new MissionOffer("delivery", 1, Centre, Far, 1, PackageSize.Small, null);
        Assert.Equal("The drone does not know where it is.", _cluster.Do(_cluster.Drone().Reserve(_cluster.Command(), offer)).Reason);
        _cluster.Report();
        Assert.True(_cluster.Do(_cluster.Drone().Reserve(_cluster.Command(), offer)).Accepted);
    }

    [Theory]
    [InlineData(1, long.MaxValue)]
    [InlineData(long.MaxValue, 1)]
    public void Counter_that_leaps_silences_nobody(long boot, long sequence)
    {
        _cluster.Register();
        _cluster.Cluster.Time.Now += TimeSpan.FromMinutes(5);
        var answer = Send(report => report with { Boot = boot, Sequence = sequence });
        Assert.Equal((TelemetryOutcome.Superseded, "Its boot or sequence number leaps further than can be."), (answer.Outcome, answer.Doubt));
        Assert.Equal(TelemetryOutcome.Accepted, _cluster.Report().Outcome);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Drone_that_counts_from_a_lower_boot_raises_an_alarm_and_is_heard_again(bool byOperator, bool itsSiloDies)
    {
        _cluster.Register();
        _cluster.Cluster.Time.Now += TimeSpan.FromMinutes(5); // What was under way at its registration has come.
        Send(report => report with { Boot = 900 });
        Assert.Empty(Seen.Alarms!);
        for (var second = 0; second <= 20; second += 5)
        {
            Assert.Equal(TelemetryOutcome.Superseded, _cluster.Report().Outcome);
            _cluster.Cluster.Time.Now += TimeSpan.FromSeconds(5);
        }

        var alarm = Assert.Single(Seen.Alarms!);
        Assert.Equal((DroneAlarmKind.ReportsIgnored, "It reports, but none of its reports is taken in: Superseded."), (alarm.Kind, alarm.Detail));

        var command = _cluster.Command();
        if (byOperator) Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Drone().Reset(command)));
        else Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Drone().Register(command, Seen.Registration)));
        if (itsSiloDies) _cluster.Cluster.Kill(SimulatedCluster.Id<IDroneGrain>("drone"));
        Assert.Equal(TelemetryOutcome.Accepted, _cluster.Report().Outcome);
        Assert.Empty(Seen.Alarms!);

        // What is left of the boot before, or of the command, changes nothing.
        Assert.Equal(TelemetryOutcome.Superseded, Send(report => report with { Boot = 900, Sequence = 70, Time = _cluster.Now.AddMinutes(-1) }).Outcome);
        Assert.Equal(CommandResult.Done, _cluster.Do(byOperator ? _cluster.Drone().Reset(command) : _cluster.Drone().Register(command, Seen.Registration)));
        Assert.Equal(TelemetryOutcome.Superseded, Send(report => report with { Sequence = 1 }).Outcome);
    }

    [Fact]
    public void Report_from_before_the_registration_that_comes_first_silences_nobody()
    {
        _cluster.Register();
        _cluster.Cluster.Kill(SimulatedCluster.Id<IDroneGrain>("drone")); // Nothing is known of its counters any more.
        _cluster.Do(_cluster.Drone().Register(_cluster.Command(), Seen.Registration));
        Assert.Equal(TelemetryOutcome.Accepted, Send(report => report with { Boot = 900, Time = _cluster.Now.AddSeconds(-1) }).Outcome);
        Assert.Equal(TelemetryOutcome.Accepted, _cluster.Report().Outcome);
        Assert.Equal(TelemetryOutcome.Superseded, Send(report => report with { Boot = 901, Time = _cluster.Now.AddSeconds(-1) }).Outcome);
    }

    [Fact]
    public void Drone_whose_clock_is_wrong_for_long_raises_an_alarm_too()
    {
        _cluster.Register();
        for (var second = 0; second <= 20; second += 5)
        {
            Assert.Equal(TelemetryOutcome.TooLate, Send(report => report with { Time = _cluster.Now.AddMinutes(-6) }).Outcome);
            _cluster.Cluster.Time.Now += TimeSpan.FromSeconds(5);
        }

        Assert.Equal("It reports, but none of its reports is taken in: TooLate.", Assert.Single(Seen.Alarms!).Detail);
    }

    [Fact]
    public void Reset_has_the_next_position_believed_and_knows_only_drones_that_are_registered()
    {
        Assert.Equal(CommandResult.NotFound, _cluster.Do(_cluster.Drone().Reset(_cluster.Command())));
        _cluster.Register();
        _cluster.Do(_cluster.Drone().Reset(_cluster.Command()));
        Assert.Null(_cluster.Report(at: Far).Doubt);
        Assert.Equal(Far, Seen.Position);
    }

    private CommandResult Ask() => _cluster.Do(_cluster.Drone().RequestPickup(_cluster.Command(), "delivery", 1));

    private long Counted() => _cluster.Do(_cluster.Grains.GetGrain<IOwnerLedgerGrain>(LedgerKey.Of("owner", _cluster.Now)).Get()).Deliveries;

    private TelemetryAnswer Send(Func<TelemetryReport, TelemetryReport> change)
    {
        var report = change(new TelemetryReport(1, _cluster.NextSequence(), _cluster.Now, Centre, 1, null));
        return _cluster.Do(_cluster.Drone().Report(report));
    }
}
