using DroneDelivery.Drones;
using DroneDelivery.Queries;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>A grain with two lives for a moment: what one of them was told must not be lost on the other.</summary>
public sealed class SplitTests
{
    private const string WriteOfRequest = "write of delivery-request/delivery";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly GrainId Request = SimulatedCluster.Id<IDeliveryRequestGrain>("delivery");
    private static readonly GrainId Shard = SimulatedCluster.Id<ISupervisorGrain>(SupervisorShards.Of(Request));

    private readonly ScriptedCluster _cluster = new();

    [Fact]
    public void Registration_with_a_shard_whose_successor_has_read_fails_and_is_repeated_there()
    {
        _cluster.Supervised();
        var old = _cluster.Cluster.Split(Shard, call => call.Method.Name == nameof(ISupervisorGrain.Register))!;
        _cluster.Supervised(); // The new life reads.

        var (command, order) = (_cluster.Command(), _cluster.Order());
        Assert.Throws<Orleans.Storage.InconsistentStateException>(() => _cluster.Do(_cluster.Request().Submit(command, order)));
        Assert.True(old.Dead);
        Assert.Equal(CommandResult.Created, _cluster.Do(_cluster.Request().Submit(command, order)));
        Assert.Single(_cluster.Supervised());
    }

    [Fact]
    public void Registration_just_before_a_new_life_of_the_shard_reads_is_read()
    {
        _cluster.Supervised();
        var old = _cluster.Cluster.Split(Shard, call => call.Method.Name == nameof(ISupervisorGrain.Register))!;
        SimulatedWorld.Watch(_cluster.Request().Submit(_cluster.Command(), _cluster.Order()));
        RunUntil($"write of {Shard}");

        // The new life reads before the registration is stored, and stores only after it.
        var woken = _cluster.Grains.GetGrain<ISupervisorGrain>(SupervisorShards.Of(Request)).Wake();
        SimulatedWorld.Watch(woken);
        Run($"Wake to {Shard}");
        _cluster.Cluster.RunAll();
        Assert.True(woken.IsFaulted); // It was overtaken, and its caller has to come again.
        _cluster.Cluster.Kill(old);
        Assert.Single(_cluster.Supervised());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    [InlineData(1_000)]
    public void Request_that_is_stored_long_after_its_registration_is_watched(int seconds)
    {
        var made = _cluster.Request().Submit(_cluster.Command(), _cluster.Order());
        var write = TakeOut(WriteOfRequest);

        // Its silo stands still, and the shard finds nothing in the life elsewhere.
        var old = _cluster.Cluster.Split(Request)!;
        _cluster.Pass(TimeSpan.FromSeconds(seconds));
        _cluster.Cluster.Events.Add(write);
        Assert.Equal(CommandResult.Created, _cluster.Do(made));

        _cluster.Cluster.Kill(old);
        _cluster.Cluster.Kill(Request);
        _cluster.Cluster.Kill(Shard); // What counts is stored.
        Assert.Single(_cluster.Supervised());
        _cluster.Pass(8 * Minute);
        Assert.Equal(RequestStatus.Rejected, _cluster.Get().Status);
    }

    [Fact]
    public void Drone_registered_anew_in_an_old_life_is_heard_again_by_the_new_one()
    {
        _cluster.Register();
        _cluster.Pass(6 * Minute, "drone");
        _cluster.Cluster.Split(SimulatedCluster.Id<IDroneGrain>("drone"), call => call.Method.Name == nameof(IDroneGrain.Register));
        Assert.Equal(TelemetryOutcome.Accepted, Report(boot: 4));
        var registration = new DroneRegistration("repaired", ScriptedCluster.Centre, new DroneCapabilities(100, PackageSize.Large, 900, 200, 100, 20, 5_000, 60_000, 1));
        Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Drone().Register(_cluster.Command(), registration)));

        Assert.Equal(TelemetryOutcome.Superseded, Report(boot: 1));
        _cluster.Pass(Minute);
        Assert.Throws<Orleans.Storage.InconsistentStateException>(() => Report(boot: 1));
        Assert.Equal(TelemetryOutcome.Accepted, Report(boot: 1));

        TelemetryOutcome Report(long boot) => _cluster.Do(_cluster.Drone().Report(
            new TelemetryReport(boot, _cluster.NextSequence(), _cluster.Now, ScriptedCluster.Centre, 1, null, null))).Outcome;
    }

    [Fact]
    public void Registration_without_a_request_ends_in_the_end()
    {
        SimulatedWorld.Watch(_cluster.Request().Submit(_cluster.Command(), _cluster.Order()));
        TakeOut(WriteOfRequest);
        _cluster.Cluster.Kill(Request);
        _cluster.Pass(Minute);
        Assert.Single(_cluster.Supervised());
        _cluster.Pass(3 * Minute);
        Assert.Empty(_cluster.Supervised());
    }

    [Fact]
    public void Life_that_read_before_the_request_was_stored_reads_again_before_it_lets_go()
    {
        Assert.Null(_cluster.Do(_cluster.Request().Get()));
        _cluster.Cluster.Split(Request, call => call.Method.Name == nameof(IDeliveryRequestGrain.Resume));
        Assert.Equal(CommandResult.Created, _cluster.Submit(_cluster.Order()));
        _cluster.Cluster.Kill(Request);
        _cluster.Pass(8 * Minute);
        Assert.Equal(RequestStatus.Rejected, _cluster.Cluster.Stores.Find<DeliveryRequestState>(Request)!.Status);
    }

    [Fact]
    public void Alarm_that_another_life_took_in_stays_in_sight()
    {
        _cluster.Submit(_cluster.Order(deadline: _cluster.Now.AddSeconds(-1)));
        _cluster.Pass(Minute);
        Assert.Empty(_cluster.Supervised());

        // The life that ended the request goes on answering the shard.
        _cluster.Cluster.Split(Request, call => call.Method.Name == nameof(IDeliveryRequestGrain.Resume));
        Hear("drone");
        _cluster.Pass(10 * Minute);
        Assert.Single(_cluster.Supervised());
        Assert.Single(_cluster.Flagged(RequestFlag.Incident));
    }

    [Fact]
    public void Alarm_whose_hearing_was_cut_short_is_in_sight_when_it_is_told_again()
    {
        _cluster.Submit(_cluster.Order(deadline: _cluster.Now.AddSeconds(-1)));
        _cluster.Pass(Minute);
        SimulatedWorld.Watch(_cluster.Request().Hear(Stray("drone")));
        var write = TakeOut(WriteOfRequest);
        var old = _cluster.Cluster.Split(Request)!;
        _cluster.Pass(10 * Minute);
        _cluster.Cluster.Events.Add(write);
        _cluster.Cluster.Run(_cluster.Cluster.Events.Count - 1);
        _cluster.Cluster.Kill(old);
        _cluster.Cluster.Kill(Request);

        Hear("drone");
        Assert.Single(_cluster.Supervised());
        Assert.Single(_cluster.Flagged(RequestFlag.Incident));
    }

    [Fact]
    public async Task Change_that_is_stored_long_after_the_shard_was_told_to_look_is_looked_at()
    {
        _cluster.Submit(_cluster.Order(pickupTime: _cluster.Now.AddDays(3)));
        _cluster.Pass(Minute);
        var command = _cluster.Command();
        var change = new DeliveryChange(null, null, _cluster.Now, null, null);
        var changed = _cluster.Request().Reschedule(command, change);
        var write = TakeOut(WriteOfRequest);
        var old = _cluster.Cluster.Split(Request)!;
        _cluster.Pass(Minute); // The shard looks, in the life elsewhere, and will come back in three days.
        _cluster.Cluster.Events.Add(write);
        while (!changed.IsCompleted) _cluster.Cluster.Run(0);
        Assert.Equal(CommandResult.Done, await changed);
        Die(old);

        _cluster.Register();
        _cluster.Pass(2 * Minute, "drone");
        Assert.Equal(RequestStatus.Scheduled, _cluster.Get().Status);
    }

    [Fact]
    public void Change_whose_answer_was_lost_is_looked_at_when_it_is_repeated()
    {
        _cluster.Submit(_cluster.Order(pickupTime: _cluster.Now.AddDays(3)));
        _cluster.Pass(Minute);
        var command = _cluster.Command();
        var change = new DeliveryChange(null, null, _cluster.Now, null, null);
        SimulatedWorld.Watch(_cluster.Request().Reschedule(command, change));
        var write = TakeOut(WriteOfRequest);
        var old = _cluster.Cluster.Split(Request)!;
        _cluster.Pass(Minute);
        _cluster.Cluster.Events.Add(write);
        _cluster.Cluster.Run(_cluster.Cluster.Events.Count - 1);
        Die(old);

        Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Request().Reschedule(command, change)));
        Die(null);
        _cluster.Register();
        _cluster.Pass(2 * Minute, "drone");
        Assert.Equal(RequestStatus.Scheduled, _cluster.Get().Status);
    }

    [Fact]
    public void New_life_of_a_shard_looks_at_everything_at_once()
    {
        _cluster.Submit(_cluster.Order(pickupTime: _cluster.Now.AddDays(3)));
        _cluster.Pass(Minute);
        Assert.True(Assert.Single(_cluster.Supervised()).Due > _cluster.Now.AddDays(2));
        _cluster.Cluster.Kill(Shard);
        var resumed = 0;
        _cluster.Cluster.Executed = (call, _) => resumed += call.Method.Name == nameof(IDeliveryRequestGrain.Resume) ? 1 : 0;
        _cluster.Supervised();
        _cluster.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(1, resumed);
    }

    [Fact]
    public void Ended_request_stays_with_its_supervisor_until_its_owner_has_heard()
    {
        var owner = SimulatedCluster.Id<Notifications.IOwnerNotificationsGrain>("owner");
        var away = true;
        _cluster.Cluster.Intercept = call =>
        {
            if (!away || call.Target != owner || call.Method.Name != nameof(Notifications.IOwnerNotificationsGrain.Publish)) return false;
            call.Fail(new TimeoutException("No answer came."));
            return true;
        };
        _cluster.Submit(_cluster.Order(deadline: _cluster.Now.AddSeconds(-1)));
        _cluster.Pass(Minute);
        Assert.Equal(RequestStatus.Rejected, _cluster.Get().Status);
        Assert.Single(_cluster.Supervised());

        away = false;
        _cluster.Pass(Minute);
        Assert.Empty(_cluster.Supervised());
    }

    [Fact]
    public void Life_that_only_reads_finds_out_that_it_is_stale()
    {
        _cluster.Submit(_cluster.Order(pickupTime: _cluster.Now.AddDays(3)));
        _cluster.Pass(Minute);
        var old = _cluster.Cluster.Split(Request, call => call.Method.Name == nameof(IDeliveryRequestGrain.Get))!;
        Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Request().Cancel(_cluster.Command(), "not wanted")));
        Assert.Equal(RequestStatus.Waiting, _cluster.Get().Status); // For a moment.

        _cluster.Pass(6 * Minute);
        Assert.Throws<Orleans.Storage.InconsistentStateException>(() => _cluster.Get());
        Assert.True(old.Dead);
        Assert.Equal(RequestStatus.Cancelled, _cluster.Get().Status);
    }

    [Fact]
    public void Drone_that_delivered_does_not_end_its_mission_on_the_word_of_a_life_that_did_not_see_the_pickup()
    {
        var mission = _cluster.Schedule();
        _cluster.Report(phase: MissionPhase.AtPickup);
        var delivery = SimulatedCluster.Id<IDeliveryGrain>("delivery");
        var old = _cluster.Cluster.Split(delivery, call => call.Method.Name == nameof(IDeliveryGrain.Report))!;
        Assert.True(_cluster.Do(_cluster.Drone().RequestPickup(_cluster.Command(), mission.DeliveryId, mission.Attempt)).Succeeded);
        Assert.Throws<Orleans.Storage.InconsistentStateException>(() => _cluster.Report(phase: MissionPhase.Delivered));
        Assert.True(old.Dead);
        _cluster.Report(phase: MissionPhase.Delivered);
        Assert.Equal(DeliveryStage.Completed, _cluster.Do(_cluster.Delivery().GetStage()));
        Assert.Empty(_cluster.Flagged(RequestFlag.Incident));
    }

    [Fact]
    public void Drone_that_delivered_is_not_given_the_parcel_again_by_a_life_that_did_not_hear()
    {
        var mission = _cluster.Load();
        var command = _cluster.Command();
        var pickup = _cluster.Delivery().AuthorizePickup(command, "drone", mission.Attempt, default);
        Assert.True(_cluster.Do(pickup).Succeeded);
        _cluster.Report(phase: MissionPhase.Delivered);
        Assert.Equal(CommandOutcome.Conflict, _cluster.Do(_cluster.Delivery().AuthorizePickup(command, "drone", mission.Attempt, default)).Outcome);
    }

    [Fact]
    public void Commitment_that_a_new_life_takes_over_is_not_given_up_by_the_old_one()
    {
        // The drone refuses, which the old life only remembers; the new one asks it again, and it agrees.
        _cluster.Register();
        var refused = false;
        _cluster.Cluster.Intercept = call =>
        {
            if (refused || call.Method.Name != nameof(IDroneGrain.Reserve)) return false;
            refused = true;
            call.Succeed(new ReserveResult(false, "The drone does not report.", default, null));
            return true;
        };
        _cluster.Submit(_cluster.Order());
        while (!refused) _cluster.Pass(TimeSpan.FromSeconds(1), "drone");
        var old = _cluster.Cluster.Split(Request)!;
        _cluster.Pass(TimeSpan.FromSeconds(15), "drone");
        Assert.Equal(new Transport("drone", 1), _cluster.Get().Transport);

        old.IsReachedBy = call => call.Method.Name == nameof(IDeliveryRequestGrain.Assign);
        _cluster.Register("other");
        Assert.Throws<Orleans.Storage.InconsistentStateException>(() => _cluster.Do(_cluster.Request().Assign("other")));
        Assert.Equal(new Transport("drone", 1), _cluster.Get().Transport);
    }

    [Fact]
    public void End_is_told_after_what_the_delivery_has_to_tell_though_a_life_that_never_read_it_answers()
    {
        _cluster.Schedule();
        var delivery = SimulatedCluster.Id<IDeliveryGrain>("delivery");
        var known = _cluster.Cluster.Split(delivery, call => call.Method.Name is not nameof(IDeliveryGrain.Get))!;
        Assert.Null(_cluster.Do(_cluster.Delivery().Get())); // The other life read nothing.
        _cluster.Cluster.Index.Away = true;
        Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Request().Cancel(_cluster.Command(), "not wanted")));
        _cluster.Pass(Minute);
        Assert.False(known.Dead);
        Assert.Single(_cluster.Supervised()); // The index does not know yet.

        _cluster.Cluster.Index.Away = false;
        _cluster.Pass(Minute);
        Assert.Empty(_cluster.Supervised());
        Assert.NotEqual(DeliveryIndexVersions.EndedUnshipped, _cluster.Row()!.Version); // It is the delivery that has told it.
    }

    [Fact]
    public void Life_that_read_before_the_delivery_was_made_does_not_say_that_nothing_happened()
    {
        Assert.Null(_cluster.Do(_cluster.Delivery().GetHistory()));
        var old = _cluster.Cluster.Split(SimulatedCluster.Id<IDeliveryGrain>("delivery"))!;
        _cluster.Schedule();
        _cluster.Report(phase: MissionPhase.HeadedToPickup);
        old.IsReachedBy = call => call.Method.Name == nameof(IDeliveryGrain.GetHistory);
        Assert.Throws<Orleans.Storage.InconsistentStateException>(() => _cluster.Do(_cluster.Delivery().GetHistory()));
        Assert.NotEmpty(_cluster.Do(_cluster.Delivery().GetHistory())!);
    }

    private void Hear(string drone) => _cluster.Do(Heard(drone));

    private async Task<bool> Heard(string drone)
    {
        await _cluster.Request().Hear(Stray(drone));
        return true;
    }

    private DroneEvent Stray(string drone) => new(drone, DroneEventKind.StrayParcel, "delivery", 1, _cluster.Now, "It has a parcel.");

    /// <summary>All lives of the request are gone, and the queue that could know of it.</summary>
    private void Die(SimulatedCluster.Activation? old)
    {
        if (old is not null) _cluster.Cluster.Kill(old);
        _cluster.Cluster.Kill(Request);
        foreach (var queue in _cluster.Cluster.Activations.Where(id => id.Type.ToString() == "dispatch-queue")) _cluster.Cluster.Kill(queue);
    }

    private void RunUntil(string what)
    {
        while (_cluster.Cluster.Events.All(next => next.What != what)) _cluster.Cluster.Run(0);
    }

    private void Run(string what) => _cluster.Cluster.Run(_cluster.Cluster.Events.FindIndex(next => next.What == what));

    /// <summary>Runs until something is about to happen, and keeps it from happening.</summary>
    private SimulatedCluster.Event TakeOut(string what)
    {
        RunUntil(what);
        var taken = _cluster.Cluster.Events.First(next => next.What == what);
        _cluster.Cluster.Events.Remove(taken);
        return taken;
    }
}
