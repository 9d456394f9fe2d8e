using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>A mission given back is void for good, also for a drone that got the delivery a second time: only the attempt tells the two apart.</summary>
public sealed class AttemptFenceTests
{
    private static readonly GeoPoint Elsewhere = new(10, 20);

    private readonly ScriptedCluster _cluster = new();
    private readonly MissionOrder _old;
    private readonly MissionOrder _new;

    public AttemptFenceTests()
    {
        _old = _cluster.Schedule();
        _cluster.Do(_cluster.Request().Reschedule(_cluster.Command(), new DeliveryChange(null, null, null, null, null)));
        _cluster.Pass(TimeSpan.FromSeconds(10), "drone");
        _new = _cluster.Do(_cluster.Drone().Get())!.Mission!;
        Assert.Equal((1, 2), (_old.Attempt, _new.Attempt));
    }

    private IDeliveryGrain Delivery => _cluster.Delivery();

    private MissionEta Eta => new(_cluster.Now, _cluster.Now);

    [Theory]
    [InlineData(MissionPhase.HeadedToPickup)]
    [InlineData(MissionPhase.AtPickup)]
    [InlineData(MissionPhase.HeadedToDropoff)]
    [InlineData(MissionPhase.Delivered)]
    public void Delivery_takes_no_report_of_an_old_attempt(MissionPhase phase)
    {
        var before = _cluster.Do(Delivery.GetHistory())!;
        var answer = _cluster.Do(Delivery.Report(new MissionReport("drone", _old.Attempt, phase, Elsewhere, _cluster.Now, Eta)));
        Assert.Equal((CommandOutcome.Conflict, "This mission is not the valid one."), (answer.Outcome, answer.Reason));
        Assert.Equal(before, _cluster.Do(Delivery.GetHistory())!);
        Assert.NotEqual(Elsewhere, _cluster.Do(Delivery.GetStatus())!.LastKnownLocation);
    }

    [Fact]
    public void Delivery_takes_no_handover_of_an_old_attempt()
    {
        Load();
        var answer = _cluster.Do(Delivery.Report(new MissionReport("drone", _old.Attempt, MissionPhase.Delivered, Elsewhere, _cluster.Now, Eta)));
        Assert.Equal((CommandOutcome.Conflict, DeliveryStage.HeadedToDropoff), (answer.Outcome, _cluster.Do(Delivery.GetStage())));
    }

    [Fact]
    public void Delivery_follows_no_position_of_an_old_attempt()
    {
        _cluster.Report(phase: MissionPhase.HeadedToPickup);
        _cluster.Do(Tracked(_old.Attempt));
        Assert.NotEqual(Elsewhere, _cluster.Do(Delivery.GetStatus())!.LastKnownLocation);
        _cluster.Do(Tracked(_new.Attempt));
        Assert.Equal(Elsewhere, _cluster.Do(Delivery.GetStatus())!.LastKnownLocation);

        async ValueTask<bool> Tracked(int attempt)
        {
            await Delivery.Track(new PositionUpdate("drone", attempt, Elsewhere, _cluster.Now, Eta));
            return true;
        }
    }

    [Fact]
    public void Delivery_gives_no_parcel_to_an_old_attempt()
    {
        var answer = _cluster.Do(Delivery.AuthorizePickup(_cluster.Command(), "drone", _old.Attempt, Elsewhere));
        Assert.Equal((CommandOutcome.Conflict, true), (answer.Outcome, _cluster.Do(Delivery.GetStage())!.Value.IsBeforePickup()));
        Load();
        Assert.Equal(CommandOutcome.Conflict, _cluster.Do(Delivery.AuthorizePickup(_cluster.Command(), "drone", _old.Attempt, Elsewhere)).Outcome);
    }

    [Fact]
    public void Delivery_is_not_made_again_for_an_old_attempt()
    {
        var plan = _cluster.Do(Delivery.Get())!.Plan;
        foreach (var drone in new[] { "drone", "other" })
        {
            var answer = _cluster.Do(Delivery.Create(_cluster.Command(), plan, new MissionAssignment(drone, _old.Attempt, Elsewhere, Eta)));
            Assert.Equal((CommandOutcome.Conflict, "A newer mission is known."), (answer.Outcome, answer.Reason));
        }

        Assert.Equal(("drone", _new.Attempt), (_cluster.Do(Delivery.Get())!.DroneId, _cluster.Do(Delivery.Get())!.Attempt));
    }

    [Fact]
    public void Recall_of_an_old_attempt_leaves_the_new_one()
    {
        Assert.Equal(CommandResult.Done, _cluster.Do(Delivery.Recall(_cluster.Command(), _old.Attempt, "late")));
        Assert.Equal(("drone", _new.Attempt), (_cluster.Do(Delivery.Get())!.DroneId, _cluster.Do(Delivery.Get())!.Attempt));
    }

    [Fact]
    public void Mission_recalled_before_it_arrived_makes_no_delivery()
    {
        var late = _cluster.Delivery("late");
        _cluster.Do(late.Recall(_cluster.Command(), 1, "void"));
        var answer = _cluster.Do(late.Create(_cluster.Command(), _cluster.Do(Delivery.Get())!.Plan, new MissionAssignment("drone", 1, Elsewhere, Eta)));
        Assert.Equal((CommandOutcome.Conflict, "A newer mission is known."), (answer.Outcome, answer.Reason));
        Assert.Equal(CommandOutcome.Conflict, _cluster.Do(late.AuthorizePickup(_cluster.Command(), "drone", 1, Elsewhere)).Outcome);
    }

    [Fact]
    public void Release_of_an_old_attempt_leaves_the_drone_its_new_mission()
    {
        _cluster.Do(_cluster.Drone().Release(_cluster.Command(), "delivery", _old.Attempt));
        Assert.Equal(_new.Attempt, _cluster.Do(_cluster.Drone().Get())!.Mission?.Attempt);
    }

    [Fact]
    public void Offer_of_an_old_attempt_is_not_the_mission_that_the_drone_has()
    {
        var offer = new MissionOffer("delivery", _old.Attempt, _old.Pickup, _old.Dropoff, _old.Weight, PackageSize.Small, null);
        Assert.False(_cluster.Do(_cluster.Drone().Reserve(_cluster.Command(), offer)).Accepted);
        Assert.True(_cluster.Do(_cluster.Drone().Reserve(_cluster.Command(), offer with { Attempt = _new.Attempt })).Accepted);
    }

    [Theory]
    [InlineData("delivery", 1)]
    [InlineData("delivery", 3)]
    [InlineData("other", 2)]
    public void Drone_looks_itself_before_it_asks_for_a_parcel(string deliveryId, int attempt)
    {
        // However the delivery decides.
        _cluster.Cluster.Intercept = call =>
        {
            if (call.Method.Name != nameof(IDeliveryGrain.AuthorizePickup)) return false;
            call.Succeed(CommandResult.Done);
            return true;
        };
        _cluster.Report(phase: MissionPhase.AtPickup);
        var answer = _cluster.Do(_cluster.Drone().RequestPickup(_cluster.Command(), deliveryId, attempt));
        Assert.Equal((CommandOutcome.Conflict, "The drone does not have this mission any more."), (answer.Outcome, answer.Reason));
        Assert.True(_cluster.Do(_cluster.Drone().RequestPickup(_cluster.Command(), "delivery", _new.Attempt)).Succeeded);
    }

    [Fact]
    public void Progress_of_an_old_attempt_is_not_progress_of_the_new_one()
    {
        _cluster.Report(phase: MissionPhase.AtPickup, mission: _old);
        Assert.Equal(MissionPhase.Assigned, _cluster.Do(_cluster.Drone().Get())!.Mission!.Phase);
        _cluster.Report(phase: MissionPhase.Delivered, mission: _old);
        Assert.Equal((DeliveryStage.Rescheduled, _new.Attempt), (_cluster.Do(Delivery.GetStage()), _cluster.Do(_cluster.Drone().Get())!.Mission!.Attempt));
    }

    private void Load()
    {
        _cluster.Report(phase: MissionPhase.AtPickup);
        Assert.True(_cluster.Do(_cluster.Drone().RequestPickup(_cluster.Command(), "delivery", _new.Attempt)).Succeeded);
    }
}
