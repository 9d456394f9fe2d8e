using DroneDelivery.Drones;
using DroneDelivery.Invoicing;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>Documents that are made without being read before, and a delivery that is stored only when its drone is under way.</summary>
public sealed class LazyDocumentTests
{
    private readonly ScriptedCluster _cluster = new();

    [Fact]
    public void Submit_that_comes_again_to_another_activation_has_one_effect_and_the_same_answer()
    {
        var (command, order) = (_cluster.Command(), _cluster.Order());
        Assert.Equal(CommandResult.Created, _cluster.Do(_cluster.Request().Submit(command, order)));
        _cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"));
        Assert.Equal(CommandResult.Created, _cluster.Do(_cluster.Request().Submit(command, order)));

        _cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"));
        Assert.Equal(CommandResult.Exists, _cluster.Submit(_cluster.Order(owner: "another")));
        Assert.Equal("owner", _cluster.Get().Order.OwnerId);
    }

    [Fact]
    public void Request_read_while_it_is_being_made_is_stored_once()
    {
        // The read begins while the write is under way, and would say that there is nothing.
        var made = _cluster.Request().Submit(_cluster.Command(), _cluster.Order());
        while (_cluster.Cluster.Events.All(next => next.What != "write of delivery-request/delivery")) _cluster.Cluster.Run(0);
        var read = _cluster.Request().Get();
        Assert.NotNull(_cluster.Do(read));
        Assert.Equal(CommandResult.Created, _cluster.Do(made));
        Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Request().Cancel(_cluster.Command(), "not wanted")));
    }

    [Fact]
    public void Package_of_another_owner_is_not_taken_by_an_activation_that_has_not_read_it()
    {
        var package = _cluster.Grains.GetGrain<IPackageGrain>("package");
        var details = new PackageDetails(PackageSize.Small, 1, null);
        Assert.Equal(CommandResult.Created, _cluster.Do(package.Put(_cluster.Command(), "owner", details)));
        _cluster.Cluster.Kill(SimulatedCluster.Id<IPackageGrain>("package"));
        Assert.Equal(CommandOutcome.Conflict, _cluster.Do(package.Put(_cluster.Command(), "another", details)).Outcome);
        _cluster.Cluster.Kill(SimulatedCluster.Id<IPackageGrain>("package"));
        Assert.Equal(CommandResult.Exists, _cluster.Do(package.Make(_cluster.Command(), "another", details)));
        Assert.Equal("owner", _cluster.Do(package.Get())!.OwnerId);
    }

    [Fact]
    public void Ledger_of_a_day_that_comes_to_life_again_counts_on()
    {
        var ledger = _cluster.Grains.GetGrain<IOwnerLedgerGrain>("owner/2026-01-01");
        foreach (var id in new[] { "a", "b", "a" })
        {
            Record(id);
            _cluster.Cluster.Kill(SimulatedCluster.Id<IOwnerLedgerGrain>("owner/2026-01-01"));
        }

        Assert.Equal((2L, 4m), (_cluster.Do(ledger.Get()).Deliveries, _cluster.Do(ledger.Get()).Weight));

        void Record(string id)
        {
            var recorded = ledger.Record(new CompletedDelivery(id, 2, 1, 1));
            _cluster.Cluster.RunAll();
            Assert.True(recorded.IsCompletedSuccessfully);
        }
    }

    [Fact]
    public void Delivery_is_stored_with_the_first_report_of_its_drone()
    {
        var mission = _cluster.Schedule();
        Assert.Null(Stored());
        Assert.Equal(DeliveryStage.Created, _cluster.Do(_cluster.Delivery().GetStatus())!.Stage);

        _cluster.Report(phase: MissionPhase.HeadedToPickup);
        Assert.Equal([DeliveryStage.Created, DeliveryStage.Created, DeliveryStage.HeadedToPickup], Stored()!.Events.Select(entry => entry.Stage));
        Assert.Equal(mission.Attempt, Stored()!.Attempt);
    }

    [Fact]
    public void Delivery_whose_drone_says_nothing_is_stored_and_told_all_the_same()
    {
        _cluster.Schedule();
        _cluster.Pass(TimeSpan.FromSeconds(15), "drone");
        Assert.Equal([DeliveryStage.Created, DeliveryStage.Created], Stored()!.Events.Select(entry => entry.Stage));
        Assert.Equal(DeliveryStage.Created, _cluster.Row()?.Stage);
    }

    [Fact]
    public void Delivery_that_its_silo_forgot_is_made_again_for_the_same_mission()
    {
        var mission = _cluster.Schedule();
        _cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryGrain>("delivery"));
        Assert.Null(_cluster.Do(_cluster.Delivery().Get()));
        Assert.False(_cluster.Do(_cluster.Drone().RequestPickup(_cluster.Command(), mission.DeliveryId, mission.Attempt)).Succeeded);

        _cluster.Pass(TimeSpan.FromSeconds(20), "drone");
        Assert.Equal(new Transport("drone", mission.Attempt), _cluster.Get().Transport);
        _cluster.Report(phase: MissionPhase.AtPickup);
        Assert.True(_cluster.Do(_cluster.Drone().RequestPickup(_cluster.Command(), mission.DeliveryId, mission.Attempt)).Succeeded);
        _cluster.Report(phase: MissionPhase.Delivered);
        _cluster.Pass(TimeSpan.FromSeconds(10), "drone");
        Assert.Equal(RequestStatus.Completed, _cluster.Get().Status);
        Assert.Equal(DeliveryStage.Completed, _cluster.Row()?.Stage);
    }

    [Fact]
    public void Request_and_delivery_that_are_both_forgotten_go_on_with_the_mission_that_was_written_down()
    {
        var mission = _cluster.Schedule();
        _cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryGrain>("delivery"));
        _cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"));
        _cluster.Pass(TimeSpan.FromSeconds(20), "drone");
        Assert.Equal((RequestStatus.Scheduled, new Transport("drone", mission.Attempt)), (_cluster.Get().Status, _cluster.Get().Transport));
    }

    [Fact]
    public void Making_that_comes_late_to_a_new_activation_changes_nothing()
    {
        SimulatedCluster.Call? making = null;
        _cluster.Cluster.Intercept = call =>
        {
            if (call.Method.Name == nameof(IDeliveryGrain.Create)) making ??= call;
            return false;
        };
        var mission = _cluster.Load();
        _cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryGrain>("delivery"));

        // The same call once more: it makes what nobody may decide by, and what is stored overrules it.
        var again = _cluster.Do(_cluster.Delivery().Create((CommandId)making!.Arguments[0]!, (DeliveryPlan)making.Arguments[1]!, (MissionAssignment)making.Arguments[2]!));
        Assert.True(again.Succeeded);
        Assert.Equal(DeliveryStage.HeadedToDropoff, _cluster.Do(_cluster.Delivery().GetStage()));
        _cluster.Report(phase: MissionPhase.Delivered);
        _cluster.Pass(TimeSpan.FromSeconds(10), "drone");
        Assert.Equal([1L, 2, 3, 4, 5], Stored()!.Events.Select(entry => entry.Sequence));
        Assert.Equal((mission.Attempt, RequestStatus.Completed), (Stored()!.Attempt, _cluster.Get().Status));
    }

    [Fact]
    public void Request_that_is_made_while_a_read_is_under_way_is_stored_once_and_known()
    {
        // The read finds nothing, and its answer comes when the write would long be through.
        var read = _cluster.Request().Get();
        var answer = TakeOut("answer to the read of delivery-request/delivery");
        var made = _cluster.Request().Submit(_cluster.Command(), _cluster.Order());
        _cluster.Cluster.RunAll();
        _cluster.Cluster.Events.Add(answer);
        Assert.Null(_cluster.Do(read));
        Assert.Equal(CommandResult.Created, _cluster.Do(made));
        Assert.NotNull(_cluster.Get());
        Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Request().Cancel(_cluster.Command(), "not wanted")));
    }

    [Fact]
    public void Delivery_that_was_only_noted_is_not_stored_while_a_read_is_under_way_that_finds_another()
    {
        // One life has noted it, the other has stored it and gone on.
        SimulatedCluster.Call? making = null;
        _cluster.Cluster.Intercept = call =>
        {
            if (call.Method.Name == nameof(IDeliveryGrain.Create)) making ??= call;
            return false;
        };
        _cluster.Schedule();
        var id = SimulatedCluster.Id<IDeliveryGrain>("delivery");
        var old = _cluster.Cluster.Split(id)!;
        _cluster.Do(_cluster.Delivery().Create((CommandId)making!.Arguments[0]!, (DeliveryPlan)making.Arguments[1]!, (MissionAssignment)making.Arguments[2]!));
        _cluster.Report(phase: MissionPhase.HeadedToPickup);
        var stored = Stored()!.Events;
        Assert.Equal(DeliveryStage.HeadedToPickup, stored[^1].Stage);

        old.IsReachedBy = call => call.Method.Name == nameof(IDeliveryGrain.Get);
        var read = _cluster.Delivery().Get();
        var answer = TakeOut($"answer to the read of {id}");
        _cluster.Cluster.Time.Now += TimeSpan.FromSeconds(11);
        _cluster.Cluster.Pass(TimeSpan.Zero); // Its timer wants to store what was noted.
        _cluster.Cluster.RunAll();
        _cluster.Cluster.Events.Add(answer);
        Assert.NotNull(_cluster.Do(read));
        Assert.True(old.Dead); // It had told others of what is not so.
        Assert.Equal(stored, Stored()!.Events.Take(stored.Count));
    }

    private SimulatedCluster.Event TakeOut(string what)
    {
        while (_cluster.Cluster.Events.All(next => next.What != what)) _cluster.Cluster.Run(0);
        var taken = _cluster.Cluster.Events.First(next => next.What == what);
        _cluster.Cluster.Events.Remove(taken);
        return taken;
    }

    private DeliveryState? Stored() => _cluster.Cluster.Stores.Find<DeliveryState>(SimulatedCluster.Id<IDeliveryGrain>("delivery"));
}
