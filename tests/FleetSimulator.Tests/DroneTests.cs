using CsCheck;
using DroneDelivery.FleetSimulator.Missions;

namespace DroneDelivery.FleetSimulator.Tests;

public sealed class DroneTests
{
    private readonly TestFlight _flight = new();

    private Drone Drone => _flight.Drone;

    [Fact]
    public void Mission_is_flown_from_order_to_acknowledged_handover()
    {
        _flight.Hear(_flight.Order());
        Assert.Equal(MissionPhase.HeadedToPickup, Drone.Mission!.Phase);
        Assert.True(Drone.HasNews);

        _flight.FlyUntil(DroneActivity.AwaitingParcel);
        Assert.Equal(MissionPhase.AtPickup, Drone.Mission!.Phase);
        Assert.Equal(_flight.Pickup, Drone.Position);
        Assert.True(Drone.WantsParcel);

        _flight.Grant(granted: false);
        Assert.True(Drone.WantsParcel);
        _flight.Grant();
        Assert.False(Drone.WantsParcel);
        Assert.Equal(MissionPhase.AtPickup, Drone.Mission!.Phase);

        _flight.FlyUntil(DroneActivity.Delivered);
        Assert.Equal(MissionPhase.Delivered, Drone.Mission!.Phase);
        Assert.Equal(_flight.Dropoff, Drone.Position);

        _flight.Hear(null);
        Assert.Null(Drone.Mission);
        Assert.Equal(DroneActivity.Idle, Drone.Activity);
        Assert.Equal([FleetEventKind.Taken, FleetEventKind.PickedUp, FleetEventKind.Delivered], _flight.Kinds);
    }

    [Fact]
    public void Handover_is_repeated_until_the_backend_knows()
    {
        _flight.PickUp();
        _flight.FlyUntil(DroneActivity.Delivered);

        _flight.Hear(_flight.Order(phase: MissionPhase.HeadedToDropoff));
        _flight.Step();
        Assert.Equal(MissionPhase.Delivered, Drone.Mission!.Phase);

        _flight.Hear(_flight.Order("d2"));
        Assert.Equal(("d2", MissionPhase.HeadedToPickup), (Drone.Mission!.DeliveryId, Drone.Mission.Phase));
    }

    [Fact]
    public void Mission_taken_back_before_pickup_is_dropped_and_the_drone_flies_home()
    {
        _flight.Hear(_flight.Order());
        _flight.Step(seconds: 2);
        _flight.Hear(null);
        Assert.Null(Drone.Mission);
        Assert.Equal(DroneActivity.Returning, Drone.Activity);
        Assert.Equal([FleetEventKind.Taken, FleetEventKind.Dropped], _flight.Kinds);

        _flight.FlyUntil(DroneActivity.Idle);
        Assert.True(Drone.IsAtHome);
    }

    [Theory]
    [InlineData("d2", 1)]
    [InlineData("d1", 2)]
    public void Mission_swapped_before_pickup_is_replaced(string id, int attempt)
    {
        _flight.Hear(_flight.Order());
        _flight.Step(seconds: 2);
        _flight.Hear(_flight.Order(id, attempt, pickup: _flight.Dropoff));
        Assert.Equal((id, attempt), (Drone.Mission!.DeliveryId, Drone.Mission.Attempt));
        _flight.FlyUntil(DroneActivity.AwaitingParcel);
        Assert.Equal(_flight.Dropoff, Drone.Position);
    }

    [Fact]
    public void Mission_taken_back_with_the_parcel_on_board_is_flown_to_its_end()
    {
        _flight.PickUp();
        _flight.Hear(null);
        _flight.Hear(_flight.Order("d2"));
        Assert.Equal("d1", Drone.Mission!.DeliveryId);
        Assert.Single(_flight.Kinds, FleetEventKind.Disowned);

        _flight.FlyUntil(DroneActivity.Delivered);
        Assert.Equal(_flight.Dropoff, Drone.Position);
        _flight.Hear(_flight.Order("d2"));
        Assert.Equal("d2", Drone.Mission!.DeliveryId);
    }

    [Fact]
    public void Mission_taken_back_after_the_grant_is_flown_to_its_end()
    {
        _flight.Hear(_flight.Order());
        _flight.FlyUntil(DroneActivity.AwaitingParcel);
        _flight.Grant();
        _flight.Hear(null);
        _flight.FlyUntil(DroneActivity.Delivered);
        Assert.Contains(FleetEventKind.Disowned, _flight.Kinds);
    }

    [Fact]
    public void Lease_that_runs_out_before_pickup_ends_the_mission()
    {
        _flight.Hear(_flight.Order(lease: 1));
        _flight.Step(seconds: 0.9);
        Assert.NotNull(Drone.Mission);
        _flight.Step(seconds: 0.2);
        Assert.Null(Drone.Mission);
        Assert.Equal(DroneActivity.Returning, Drone.Activity);
    }

    [Fact]
    public void Lease_renewed_by_an_answer_keeps_the_mission()
    {
        _flight.Hear(_flight.Order(lease: 1));
        _flight.Step(seconds: 0.9);
        _flight.Hear(_flight.Order(lease: 1));
        _flight.Step(seconds: 0.9);
        Assert.NotNull(Drone.Mission);
    }

    [Fact]
    public void Lease_that_runs_out_while_an_answer_about_the_parcel_is_out_leaves_the_drone_waiting()
    {
        _flight.Hear(_flight.Order());
        _flight.FlyUntil(DroneActivity.AwaitingParcel);
        Drone.AskedForParcel();
        _flight.Step(seconds: 600);
        Assert.True(Drone.WantsParcel);

        Drone.HearAboutParcel("d1", 1, granted: false);
        _flight.Step();
        Assert.Null(Drone.Mission);
    }

    [Fact]
    public void Lease_that_runs_out_with_the_parcel_on_board_changes_nothing()
    {
        _flight.PickUp();
        _flight.Step(seconds: 600);
        Assert.Equal(MissionPhase.Delivered, Drone.Mission!.Phase);
    }

    [Fact]
    public void Order_with_a_lease_in_the_past_is_not_taken()
    {
        _flight.Hear(_flight.Order(lease: -1));
        Assert.Null(Drone.Mission);
        Assert.Empty(_flight.Events);
    }

    [Fact]
    public void Order_that_nobody_can_fly_is_not_taken()
    {
        _flight.Hear(_flight.Order(pickup: new GeoPoint(double.NaN, 0)));
        Assert.Null(Drone.Mission);
    }

    [Fact]
    public void Drone_without_memory_carries_on_with_the_parcel_the_backend_knows_of()
    {
        Drone.Relocate(_flight.Pickup with { Altitude = 80 }, 0.7);
        Assert.Equal(DroneActivity.Returning, Drone.Activity);
        _flight.Hear(_flight.Order(phase: MissionPhase.HeadedToDropoff));
        Assert.True(Drone.Mission!.HasParcelOnBoard);
        _flight.FlyUntil(DroneActivity.Delivered);
    }

    [Fact]
    public void Answer_about_the_parcel_of_another_attempt_changes_nothing()
    {
        _flight.Hear(_flight.Order(attempt: 2));
        _flight.FlyUntil(DroneActivity.AwaitingParcel);
        Drone.HearAboutParcel("d1", 1, granted: true);
        Assert.True(Drone.WantsParcel);
    }

    [Fact]
    public void Pickup_that_moves_is_followed()
    {
        _flight.Hear(_flight.Order());
        _flight.FlyUntil(DroneActivity.AwaitingParcel);
        _flight.Hear(_flight.Order(pickup: _flight.Dropoff));
        Assert.False(Drone.WantsParcel);
        _flight.FlyUntil(DroneActivity.AwaitingParcel);
        Assert.Equal(_flight.Dropoff, Drone.Position);
    }

    [Fact]
    public void Idle_drone_goes_home_after_a_while_and_charges()
    {
        _flight.PickUp();
        _flight.FlyUntil(DroneActivity.Delivered);
        _flight.Hear(null);
        var battery = Drone.Battery;
        _flight.FlyUntil(DroneActivity.Returning);
        _flight.FlyUntil(DroneActivity.Idle);
        Assert.True(Drone.IsAtHome);
        Assert.True(Drone.IsCharging);
        Assert.InRange(battery, 0.3, 0.99);
        _flight.Step(seconds: Drone.Profile.ChargeTime);
        Assert.Equal(1, Drone.Battery);
        Assert.False(Drone.IsCharging);
    }

    [Fact]
    public void Idle_drone_below_its_reserve_goes_home_at_once()
    {
        var memory = new DroneMemory("test-0001", _flight.Dropoff, 300, DroneActivity.Idle, 1000, null);
        Drone.Recall(memory);
        _flight.Step();
        Assert.Equal(DroneActivity.Returning, Drone.Activity);
    }

    [Fact]
    public void Drone_at_home_charges_before_it_takes_off_on_a_low_battery()
    {
        Drone.Recall(new DroneMemory("test-0001", Drone.Profile.Home, 0, DroneActivity.Idle, 0, null));
        _flight.Hear(_flight.Order());
        _flight.Step(seconds: Drone.Profile.ChargeTime * 0.1);
        Assert.True(Drone.IsAtHome);
        Assert.Equal(0.1, Drone.Battery, 2);
        _flight.Step(seconds: Drone.Profile.ChargeTime * 0.15);
        Assert.False(Drone.IsAtHome);
    }

    [Fact]
    public void Drone_on_an_empty_battery_lands_where_it_is_and_is_serviced()
    {
        Drone.Recall(new DroneMemory("test-0001", _flight.Dropoff with { Altitude = 80 }, 20, DroneActivity.Returning, 0, null));
        _flight.FlyUntil(DroneActivity.LandedShort);
        Assert.Equal(0, Drone.Position.Altitude);
        Assert.False(Drone.IsAtHome);
        _flight.Hear(_flight.Order());
        Assert.Null(Drone.Mission);

        _flight.FlyUntil(DroneActivity.Idle);
        Assert.True(Drone.IsAtHome);
        Assert.Equal([FleetEventKind.LandedShort, FleetEventKind.Serviced], _flight.Kinds);
    }

    [Fact]
    public void Drone_that_lands_short_keeps_the_parcel_and_brings_it_after_all()
    {
        _flight.PickUp();
        Drone.Recall(Drone.Remember() with { Energy = 60 });
        _flight.FlyUntil(DroneActivity.LandedShort);
        Assert.True(Drone.Mission!.HasParcelOnBoard);
        _flight.FlyUntil(DroneActivity.Delivered);
    }

    [Fact]
    public void Drone_that_lands_short_without_the_parcel_drops_the_mission()
    {
        Drone.Recall(new DroneMemory("test-0001", _flight.Dropoff, 20, DroneActivity.Idle, 0, null));
        _flight.Hear(_flight.Order());
        _flight.FlyUntil(DroneActivity.LandedShort);
        Assert.Null(Drone.Mission);
        Assert.Contains(FleetEventKind.Dropped, _flight.Kinds);
    }

    [Fact]
    public void Restart_at_any_moment_changes_nothing() => Gen.Int[1, 400].Sample(steps =>
    {
        var (whole, restarted) = (new TestFlight(), new TestFlight());
        for (var i = 0; i < 500; i++)
        {
            if (i == steps) restarted.Drone.Recall(restarted.Drone.Remember());
            foreach (var flight in (TestFlight[])[whole, restarted])
            {
                if (i == 0) flight.Hear(flight.Order());
                if (flight.Drone.WantsParcel) flight.Grant();
                flight.Step();
            }
        }

        Assert.Equal(whole.Drone.Remember(), restarted.Drone.Remember());
        Assert.Equal(whole.Events, restarted.Events);
        Assert.Equal(DroneActivity.Delivered, whole.Drone.Activity);
    }, iter: 30);

    // Whatever is heard in whatever order: the phase of a mission only grows, no parcel is taken without a grant, a parcel on board
    // ends in a handover, the battery stays between empty and full.
    [Fact]
    public void Drone_keeps_its_promises_whatever_it_hears() =>
        Gen.Int[0, 9].Array[10, 150].Sample(script =>
        {
            var flight = new TestFlight();
            var granted = new HashSet<(string, int)>();
            foreach (var move in script)
            {
                var before = flight.Drone.Mission;
                switch (move)
                {
                    case 0: flight.Hear(null); break;
                    case 1: flight.Hear(flight.Order("d1")); break;
                    case 2: flight.Hear(flight.Order("d2", pickup: flight.Dropoff, lease: 5)); break;
                    case 3: flight.Hear(flight.Order("d1", attempt: 2)); break;
                    case 4 when flight.Drone.WantsParcel:
                        granted.Add((before!.DeliveryId, before.Attempt));
                        flight.Grant();
                        break;
                    case 5 when flight.Drone.WantsParcel: flight.Drone.AskedForParcel(); break;
                    default: flight.Step(seconds: move * 0.7); break;
                }

                var after = flight.Drone.Mission;
                Assert.InRange(flight.Drone.Battery, 0, 1);
                Assert.True(flight.Drone.Position.Altitude >= 0);
                if (after is { IsCommitted: true }) Assert.Contains((after.DeliveryId, after.Attempt), granted);
                if (before is not null && after is not null && (before.DeliveryId, before.Attempt) == (after.DeliveryId, after.Attempt))
                    Assert.True(after.Phase >= before.Phase, $"{before.Phase} became {after.Phase}");
                if (before is { IsCommitted: true } && (after is null || !SameMission(before, after)))
                    Assert.Equal(MissionPhase.Delivered, before.Phase);
            }

            static bool SameMission(Mission a, Mission b) => (a.DeliveryId, a.Attempt) == (b.DeliveryId, b.Attempt);
        }, iter: 500);
}
