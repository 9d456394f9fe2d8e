using System.Diagnostics.Metrics;
using DroneDelivery.Drones;
using DroneDelivery.Invoicing;
using DroneDelivery.Packages;
using DroneDelivery.Queries;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>The supervisor keeps what is open, and lets go of what has ended when all know.</summary>
public sealed class SupervisionTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Full_shard_takes_no_more_and_loses_nothing()
    {
        var cluster = new ScriptedCluster(options => options.ShardCapacity = 1);
        var shard = SupervisorShards.Of(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"));
        var other = Enumerable.Range(0, 10_000).Select(number => $"other-{number}").First(id => SupervisorShards.Of(SimulatedCluster.Id<IDeliveryRequestGrain>(id)) == shard);
        Assert.Equal(CommandResult.Created, cluster.Submit(cluster.Order()));
        var (command, order) = (cluster.Command(), cluster.Order());
        Assert.Equal(CommandOutcome.Busy, cluster.Do(cluster.Request(other).Submit(command, order)).Outcome);
        Assert.Null(cluster.Do(cluster.Request(other).Get()));

        cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted"));
        Assert.Equal(CommandResult.Created, cluster.Do(cluster.Request(other).Submit(command, order)));
    }

    [Fact]
    public void Account_that_asks_without_end_leaves_room_for_the_others()
    {
        var cluster = new ScriptedCluster(options => options.ShardCapacity = 12);
        var shard = SupervisorShards.Of(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"));
        var ids = new Queue<string>(Enumerable.Range(0, 10_000).Select(number => $"other-{number}")
            .Where(id => SupervisorShards.Of(SimulatedCluster.Id<IDeliveryRequestGrain>(id)) == shard));
        CommandResult Ask(string owner, string id) => cluster.Submit(cluster.Order(owner), id);
        int AskUntilRefused(string owner) => Enumerable.Range(0, 12).TakeWhile(_ => Ask(owner, ids.Dequeue()).Succeeded).Count();

        // A third of 12, then half of what is free.
        var kept = ids.Peek();
        Assert.Equal(4, AskUntilRefused("greedy"));
        Assert.Equal(3, AskUntilRefused("greedy too"));
        Assert.Equal(CommandResult.Created, Ask("shop", ids.Dequeue()));
        Assert.Equal(CommandOutcome.Busy, Ask("greedy", ids.Dequeue()).Outcome);

        // What is stored already goes on, and its repetition is answered.
        Assert.Equal(CommandOutcome.Exists, Ask("greedy", kept).Outcome);

        // Another life of the shard knows whose they are.
        cluster.Cluster.Kill(SimulatedCluster.Id<ISupervisorGrain>(shard));
        cluster.Supervised();
        cluster.Pass(Minute);
        Assert.Equal(CommandOutcome.Busy, Ask("greedy", ids.Dequeue()).Outcome);
        Assert.Equal(CommandResult.Created, Ask("shop", ids.Dequeue()));

        foreach (var one in cluster.Supervised().Where(request => cluster.Get(request.DeliveryId).Order.OwnerId != "shop"))
            cluster.Do(cluster.Request(one.DeliveryId).Cancel(cluster.Command(), "not wanted"));
        cluster.Pass(Minute);
        Assert.Equal(CommandResult.Created, Ask("greedy", ids.Dequeue()));
    }

    [Fact]
    public void Fullest_shard_of_a_silo_is_measured()
    {
        var cluster = new ScriptedCluster(options => options.ShardCapacity = 4);
        cluster.Submit(cluster.Order());
        cluster.Pass(Minute);

        double? fullest = null;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, it) =>
        {
            if (instrument.Name == "dronedelivery.supervision.fullest" && instrument.Meter.Scope == cluster.Cluster.Meters) it.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => fullest = value);
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal(0.25, fullest);
    }

    [Fact]
    public void Settled_request_leaves_the_stored_shard_with_its_next_write_and_does_not_come_back_after_a_restart()
    {
        var cluster = new ScriptedCluster();
        var id = SupervisorShards.Of(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"));
        var stored = SimulatedCluster.Id<ISupervisorGrain>(id);
        cluster.Submit(cluster.Order(deadline: cluster.Now.AddSeconds(-1)));
        Assert.Empty(cluster.Do(cluster.Grains.GetGrain<ISupervisorGrain>(id).List()));
        Assert.Contains("delivery", cluster.Cluster.Stores.Find<SupervisorState>(stored)!.Open.Keys);

        cluster.Cluster.Kill(stored);
        cluster.Do(cluster.Grains.GetGrain<ISupervisorGrain>(id).List());
        cluster.Pass(Minute);
        Assert.Empty(cluster.Do(cluster.Grains.GetGrain<ISupervisorGrain>(id).List()));
        Assert.Equal(RequestStatus.Rejected, cluster.Get().Status);
    }

    [Fact]
    public void Ended_request_stays_with_its_supervisor_until_the_index_knows()
    {
        var cluster = new ScriptedCluster();
        cluster.Cluster.Index.Away = true;
        cluster.Submit(cluster.Order(deadline: cluster.Now.AddSeconds(-1)));
        cluster.Pass(Minute);
        Assert.Equal(RequestStatus.Rejected, cluster.Get().Status);
        Assert.Single(cluster.Supervised());
        Assert.Empty(cluster.Flagged(RequestFlag.DeadLetter));

        cluster.Cluster.Index.Away = false;
        cluster.Pass(Minute);
        Assert.Empty(cluster.Supervised());
        Assert.Equal((DeliveryStage.Cancelled, DeliveryIndexVersions.EndedUnshipped), (cluster.Row()!.Stage, cluster.Row()!.Version));
    }

    [Fact]
    public void End_reaches_the_index_though_an_alarm_waits_for_an_operator()
    {
        var cluster = new ScriptedCluster();
        cluster.Cluster.Index.Away = true;
        cluster.Submit(cluster.Order(deadline: cluster.Now.AddSeconds(-1)));
        cluster.Do(Heard(cluster.Request().Hear(new DroneEvent("drone", DroneEventKind.StrayParcel, "delivery", 1, cluster.Now, "It has a parcel."))));
        cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"));

        cluster.Cluster.Index.Away = false;
        cluster.Pass(Minute);
        Assert.Equal((DeliveryStage.Cancelled, DeliveryIndexVersions.EndedUnshipped), (cluster.Row()!.Stage, cluster.Row()!.Version));
        Assert.Single(cluster.Flagged(RequestFlag.Incident));
        Assert.Single(cluster.Supervised());

        cluster.Do(cluster.Request().Resolve(cluster.Command(), IncidentResolution.Continued, "parcel fetched"));
        cluster.Pass(TimeSpan.FromSeconds(10));
        Assert.Empty(cluster.Supervised());

        static async Task<bool> Heard(Task hearing)
        {
            await hearing;
            return true;
        }
    }

    [Fact]
    public void Alarm_that_comes_while_a_settled_request_is_let_go_stays_in_sight()
    {
        var cluster = new ScriptedCluster();
        Task? hearing = null;
        cluster.Cluster.Executed = (call, result) =>
        {
            if (call.Method.Name == nameof(IDeliveryRequestGrain.Resume) && result is null)
                hearing ??= cluster.Request().Hear(new DroneEvent("drone", DroneEventKind.StrayParcel, "delivery", 1, cluster.Now, "It has a parcel."));
        };
        cluster.Submit(cluster.Order(deadline: cluster.Now.AddSeconds(-1)));
        cluster.Pass(Minute);
        Assert.True(hearing!.IsCompletedSuccessfully);
        Assert.Single(cluster.Supervised());
        Assert.Single(cluster.Flagged(RequestFlag.Incident));
    }

    [Fact]
    public void Abandoned_dead_letter_reaches_the_index()
    {
        var cluster = new ScriptedCluster();
        var order = cluster.Order();
        cluster.Cluster.Stores.Fault = () => new UnexplainedException();
        cluster.Break<IPackageGrain>(order.PackageId);
        cluster.Submit(order);
        cluster.Pass(Minute);
        Assert.Equal(DeliveryStage.Created, cluster.Row()!.Stage);

        cluster.Do(cluster.Request().Abandon(cluster.Command(), "hopeless"));
        Assert.Equal(DeliveryStage.Cancelled, cluster.Row()!.Stage);
        Assert.Empty(cluster.Supervised());
    }

    [Fact]
    public void Delivery_completed_by_an_operator_counts_once_and_its_request_stays_until_it_does()
    {
        var cluster = new ScriptedCluster();
        cluster.Load(cluster.Order(weight: 3));
        cluster.Pass(2 * Minute);
        var ledger = LedgerKey.Of("owner", cluster.Now);
        cluster.Break<IOwnerLedgerGrain>(ledger);
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Resolve(cluster.Command(), IncidentResolution.Completed, "seen")));
        cluster.Pass(Minute);
        Assert.Equal(RequestStatus.Completed, cluster.Get().Status);
        Assert.Empty(cluster.Flagged(RequestFlag.Incident));
        Assert.Single(cluster.Supervised());

        cluster.Break<IOwnerLedgerGrain>(ledger, broken: false);
        cluster.Pass(Minute);
        Assert.Empty(cluster.Supervised());
        Assert.Equal(DeliveryStage.Completed, cluster.Row()!.Stage);

        cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryGrain>("delivery"));
        cluster.Cluster.Kill(SimulatedCluster.Id<IOwnerLedgerGrain>(ledger));
        cluster.Do(cluster.Delivery().Get());
        cluster.Pass(Minute);
        var totals = cluster.Do(cluster.Grains.GetGrain<IOwnerLedgerGrain>(ledger).Get());
        Assert.Equal((1, 3m), (totals.Deliveries, totals.Weight));
    }

    [Fact]
    public void Request_brought_forward_is_found_though_every_silo_of_it_dies_at_once()
    {
        var cluster = new ScriptedCluster();
        cluster.Submit(cluster.Order(pickupTime: cluster.Now.AddDays(3)));
        cluster.Pass(Minute);
        Assert.Equal(RequestStatus.Waiting, cluster.Get().Status);
        cluster.Do(cluster.Request().Reschedule(cluster.Command(), new DeliveryChange(null, null, cluster.Now, null, null)));
        cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"));
        foreach (var queue in cluster.Cluster.Activations.Where(id => id.Type.ToString() == "dispatch-queue")) cluster.Cluster.Kill(queue);

        cluster.Register();
        cluster.Pass(2 * Minute, "drone");
        Assert.Equal(RequestStatus.Scheduled, cluster.Get().Status);
    }
}
