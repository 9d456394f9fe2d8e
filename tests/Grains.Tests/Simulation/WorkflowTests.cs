using DroneDelivery.Accounts;
using DroneDelivery.Drones;
using DroneDelivery.Invoicing;
using DroneDelivery.Packages;
using DroneDelivery.Queries;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>The workflow, step by step, in simulated time.</summary>
public sealed class WorkflowTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Step_that_keeps_failing_is_backed_off_and_becomes_a_dead_letter_with_its_history()
    {
        var cluster = new ScriptedCluster(options => (options.FirstRetry, options.LastRetry) = (TimeSpan.FromSeconds(8), Minute));
        var order = cluster.Order();
        cluster.Break<IPackageGrain>(order.PackageId);
        cluster.Submit(order);
        var first = cluster.Get();
        Assert.Equal((1, RequestStatus.Scheduling), (first.Failures, first.Status));
        Assert.True(first.RetryAt > cluster.Now);

        cluster.Pass(2 * Minute);
        var dead = cluster.Get();
        Assert.Equal((RequestStatus.DeadLettered, 4), (dead.Status, dead.Failures));
        Assert.StartsWith("Package keeps failing: IOException", dead.Reason, StringComparison.Ordinal);
        var notes = cluster.Do(cluster.Request().GetNotes())!;
        Assert.Equal(4, notes.Count(note => note.Step == "Package"));
        var delays = notes.Zip(notes.Skip(1), (one, next) => next.Time - one.Time).ToList();
        Assert.True(delays[0] < delays[^1], string.Join(", ", delays));
        Assert.Equal("delivery", Assert.Single(cluster.Flagged(RequestFlag.DeadLetter)).DeliveryId);
    }

    [Fact]
    public void Dead_letter_is_replayed_and_completes()
    {
        var cluster = new ScriptedCluster();
        var order = cluster.Order();
        cluster.Break<IPackageGrain>(order.PackageId);
        cluster.Submit(order);
        cluster.Pass(Minute);
        cluster.Break<IPackageGrain>(order.PackageId, broken: false);
        var command = cluster.Command();

        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Replay(command, "store repaired")));
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Replay(command, "store repaired")));
        Assert.Equal(CommandOutcome.Conflict, cluster.Do(cluster.Request().Replay(cluster.Command(), "again")).Outcome);
        Assert.Empty(cluster.Flagged(RequestFlag.DeadLetter));
        cluster.Register();
        cluster.Pass(Minute, "drone");
        Assert.Equal(RequestStatus.Scheduled, cluster.Get().Status);
    }

    [Fact]
    public void Dead_letter_is_abandoned_and_nothing_of_it_remains()
    {
        var cluster = new ScriptedCluster();
        cluster.Do(cluster.Grains.GetGrain<IAccountGrain>("owner").SetLimits(cluster.Command(), new AccountLimits(5, null)));
        var order = cluster.Order();
        cluster.Break<IPackageGrain>(order.PackageId);
        cluster.Submit(order);
        cluster.Pass(Minute);
        Assert.Equal(1, cluster.Do(cluster.Grains.GetGrain<IAccountGrain>("owner").Get()).OpenRequests);

        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Abandon(cluster.Command(), "hopeless")));
        Assert.Equal((RequestStatus.Failed, "hopeless"), (cluster.Get().Status, cluster.Get().Reason));
        Assert.Equal(0, cluster.Do(cluster.Grains.GetGrain<IAccountGrain>("owner").Get()).OpenRequests);
        Assert.Empty(cluster.Flagged(RequestFlag.DeadLetter));
        Assert.Equal(CommandOutcome.Conflict, cluster.Do(cluster.Request().Cancel(cluster.Command(), "?")).Outcome);
    }

    [Fact]
    public void Undo_that_keeps_failing_is_retried_for_ever_and_shown()
    {
        var cluster = new ScriptedCluster();
        cluster.Schedule();
        cluster.Break<IDroneGrain>("drone");
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted")));
        cluster.Pass(Minute);
        Assert.Equal(RequestStatus.Cancelled, cluster.Get().Status);
        Assert.Single(cluster.Flagged(RequestFlag.DeadLetter));
        Assert.NotNull(cluster.Do(cluster.Drone().Get())!.Mission);

        cluster.Break<IDroneGrain>("drone", broken: false);
        cluster.Pass(Minute);
        Assert.Null(cluster.Do(cluster.Drone().Get())!.Mission);
        Assert.Empty(cluster.Flagged(RequestFlag.DeadLetter));
    }

    [Fact]
    public void Open_requests_and_weight_are_limited_and_counted_until_they_end()
    {
        var cluster = new ScriptedCluster();
        cluster.Do(cluster.Grains.GetGrain<IAccountGrain>("owner").SetLimits(cluster.Command(), new AccountLimits(2, 10)));
        cluster.Submit(cluster.Order(weight: 4), "one");
        cluster.Submit(cluster.Order(weight: 7), "heavy");
        Assert.Equal("The account 'owner' may have no more than 10 kg open, and has 4 kg.", cluster.Get("heavy").Reason);
        cluster.Submit(cluster.Order(weight: 1), "two");
        cluster.Submit(cluster.Order(weight: 1), "three");
        Assert.Equal((RequestStatus.Rejected, "The account 'owner' has 2 requests open and may have no more than 2."), (cluster.Get("three").Status, cluster.Get("three").Reason));

        cluster.Do(cluster.Request("one").Cancel(cluster.Command(), "not wanted"));
        cluster.Submit(cluster.Order(weight: 9), "four");
        Assert.NotEqual(RequestStatus.Rejected, cluster.Get("four").Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Delivery_that_was_rescheduled_is_cancelled_with_its_request(bool rejected)
    {
        var cluster = new ScriptedCluster();
        cluster.Schedule();
        cluster.Report(phase: MissionPhase.HeadedToPickup);
        cluster.Do(cluster.Drone().SetMaintenance(cluster.Command(), "so that it waits"));
        cluster.Do(cluster.Request().Reschedule(cluster.Command(), new DeliveryChange(null, null, null, null, null)));
        cluster.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal((RequestStatus.Waiting, DeliveryStage.Rescheduled), (cluster.Get().Status, cluster.Do(cluster.Delivery().GetStage())));

        if (rejected) cluster.Pass(6 * Minute);
        else cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted"));
        cluster.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal((rejected ? RequestStatus.Rejected : RequestStatus.Cancelled, DeliveryStage.Cancelled), (cluster.Get().Status, cluster.Do(cluster.Delivery().GetStage())));
        Assert.Equal(DeliveryStage.Cancelled, cluster.Row()!.Stage);
        Assert.Empty(cluster.Supervised());
    }

    [Fact]
    public void Account_suspended_while_waiting_is_rejected_with_the_reason()
    {
        var cluster = new ScriptedCluster();
        cluster.Submit(cluster.Order());
        cluster.Do(cluster.Grains.GetGrain<IAccountGrain>("owner").SetStanding(cluster.Command(), AccountStanding.Suspended, "unpaid"));
        cluster.Pass(Minute);
        Assert.Equal((RequestStatus.Rejected, "The account 'owner' is suspended: unpaid."), (cluster.Get().Status, cluster.Get().Reason));
    }

    [Fact]
    public void Waiting_ends_after_the_maximum_wait()
    {
        var cluster = new ScriptedCluster();
        cluster.Submit(cluster.Order());
        cluster.Pass(4 * Minute);
        Assert.Equal(RequestStatus.Waiting, cluster.Get().Status);
        cluster.Pass(2 * Minute);
        Assert.Equal(RequestStatus.Rejected, cluster.Get().Status);
        cluster.Register();
        cluster.Pass(Minute, "drone");
        Assert.Null(cluster.Do(cluster.Drone().Get())!.Mission);
    }

    [Fact]
    public void Deadline_passes_before_the_pickup_and_the_drone_is_called_back()
    {
        var cluster = new ScriptedCluster();
        cluster.Schedule(cluster.Order(deadline: cluster.Now + Minute));
        cluster.Pass(2 * Minute, "drone");
        Assert.Equal(RequestStatus.Rejected, cluster.Get().Status);
        Assert.Equal(DeliveryStage.Cancelled, cluster.Do(cluster.Delivery().GetStage()));
        Assert.Null(cluster.Do(cluster.Drone().Get())!.Mission);
    }

    [Fact]
    public void Drone_at_the_pickup_too_late_gets_no_parcel()
    {
        var cluster = new ScriptedCluster();
        var mission = cluster.Schedule(cluster.Order(deadline: cluster.Now + TimeSpan.FromSeconds(20)));
        cluster.Report(phase: MissionPhase.AtPickup);
        cluster.Cluster.Time.Now += TimeSpan.FromSeconds(14);
        var late = cluster.Do(cluster.Drone().RequestPickup(cluster.Command(), mission.DeliveryId, mission.Attempt));
        Assert.Equal("The parcel would arrive after its deadline.", late.Reason);
        cluster.Pass(Minute, "drone");
        Assert.Equal(RequestStatus.Rejected, cluster.Get().Status);
    }

    [Theory]
    [InlineData(DroneTrouble.LowBattery)]
    [InlineData(DroneTrouble.RefusedMission)]
    [InlineData(DroneTrouble.UnplannedLanding)]
    public void Trouble_before_the_pickup_frees_the_delivery_for_another_drone(DroneTrouble trouble)
    {
        var cluster = new ScriptedCluster();
        cluster.Schedule();
        Assert.Null(cluster.Report(trouble: trouble).Mission);
        cluster.Register("other");
        cluster.Pass(TimeSpan.FromSeconds(8), "other");
        Assert.Equal(new Transport("other", 2), cluster.Get().Transport);
    }

    [Fact]
    public void Charge_too_low_to_finish_frees_the_delivery_too()
    {
        var cluster = new ScriptedCluster();
        cluster.Schedule();
        Assert.Null(cluster.Report(phase: MissionPhase.HeadedToPickup, battery: 0.0001).Mission);
        Assert.NotEqual(RequestStatus.Scheduled, cluster.Get().Status);
    }

    [Fact]
    public void Silent_drone_before_the_pickup_is_replaced()
    {
        var cluster = new ScriptedCluster();
        cluster.Schedule();
        cluster.Register("other");
        cluster.Pass(2 * Minute, "other");
        Assert.Equal(new Transport("other", 2), cluster.Get().Transport);
        Assert.Null(cluster.Report().Mission);
    }

    [Theory]
    [InlineData(IncidentResolution.Continued, RequestStatus.Scheduled, DeliveryStage.HeadedToDropoff)]
    [InlineData(IncidentResolution.Completed, RequestStatus.Completed, DeliveryStage.Completed)]
    [InlineData(IncidentResolution.Failed, RequestStatus.Failed, DeliveryStage.HeadedToDropoff)]
    public void Drone_lost_with_the_parcel_is_an_incident_that_an_operator_resolves(IncidentResolution resolution, RequestStatus becomes, DeliveryStage stage)
    {
        var cluster = new ScriptedCluster();
        cluster.Load();
        cluster.Pass(2 * Minute);
        Assert.Equal((RequestStatus.Incident, "Drone drone was lost with the parcel."), (cluster.Get().Status, cluster.Get().Reason));
        Assert.Single(cluster.Flagged(RequestFlag.Incident));
        Assert.Equal(CommandOutcome.Conflict, cluster.Do(cluster.Request().Cancel(cluster.Command(), "?")).Outcome);

        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Resolve(cluster.Command(), resolution, "seen")));
        cluster.Pass(TimeSpan.FromSeconds(20));
        Assert.Equal((becomes, stage), (cluster.Get().Status, cluster.Do(cluster.Delivery().GetStage())));
        Assert.Empty(cluster.Flagged(RequestFlag.Incident));
        Assert.Equal(resolution == IncidentResolution.Continued, cluster.Do(cluster.Drone().Get())!.Mission is not null);
    }

    [Fact]
    public void Drone_that_comes_back_with_the_parcel_completes_an_incident()
    {
        var cluster = new ScriptedCluster();
        cluster.Load();
        cluster.Pass(2 * Minute);
        cluster.Report(phase: MissionPhase.Delivered);
        Assert.Equal(RequestStatus.Completed, cluster.Get().Status);
        cluster.Pass(TimeSpan.FromSeconds(20));
        Assert.Empty(cluster.Flagged(RequestFlag.Incident));
    }

    [Fact]
    public void Landing_with_the_parcel_is_an_incident_at_once()
    {
        var cluster = new ScriptedCluster();
        cluster.Load();
        Assert.NotNull(cluster.Report(phase: MissionPhase.HeadedToDropoff, trouble: DroneTrouble.UnplannedLanding).Mission);
        Assert.Equal("Drone drone has trouble (UnplannedLanding) with the parcel.", cluster.Get().Reason);
    }

    [Fact]
    public void Confirmation_that_never_comes_is_an_incident()
    {
        var cluster = new ScriptedCluster();
        cluster.Load(cluster.Order(confirmation: ConfirmationRequired.Picture));
        cluster.Report(phase: MissionPhase.Delivered);
        cluster.Pass(2 * Minute, "drone");
        Assert.Equal((RequestStatus.Incident, "The confirmation of the receiver has not come."), (cluster.Get().Status, cluster.Get().Reason));
    }

    [Fact]
    public void Stale_reports_change_no_stage_and_raise_an_incident_once()
    {
        var cluster = new ScriptedCluster();
        var old = cluster.Schedule();
        cluster.Do(cluster.Drone().SetMaintenance(cluster.Command(), "so that it gets no other"));
        cluster.Do(cluster.Request().Reschedule(cluster.Command(), new DeliveryChange(null, null, null, null, null)));
        cluster.Report(phase: MissionPhase.HeadedToPickup, mission: old);
        Assert.Empty(cluster.Flagged(RequestFlag.Incident));
        cluster.Report(phase: MissionPhase.AtPickup, mission: old);
        cluster.Report(phase: MissionPhase.AtPickup, mission: old);

        Assert.Single(cluster.Flagged(RequestFlag.Incident));
        var alarm = Assert.Single(cluster.Get().Alarms!);
        Assert.Equal((DroneEventKind.StaleReport, "drone", 1), (alarm.Kind, alarm.DroneId, alarm.Attempt));
        Assert.Equal(DeliveryStage.Rescheduled, cluster.Do(cluster.Delivery().GetStage()));
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Resolve(cluster.Command(), IncidentResolution.Continued, "seen")));
        Assert.Empty(cluster.Flagged(RequestFlag.Incident));
    }

    [Fact]
    public void Parcel_of_a_void_mission_raises_an_incident_though_the_request_has_ended()
    {
        var cluster = new ScriptedCluster();
        var old = cluster.Schedule();
        cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted"));
        cluster.Report(phase: MissionPhase.HeadedToDropoff, mission: old);

        Assert.Equal((RequestStatus.Cancelled, DroneEventKind.StrayParcel), (cluster.Get().Status, Assert.Single(cluster.Get().Alarms!).Kind));
        Assert.Single(cluster.Flagged(RequestFlag.Incident));
        Assert.Equal(CommandOutcome.Conflict, cluster.Do(cluster.Request().Resolve(cluster.Command(), IncidentResolution.Completed, "no")).Outcome);
        cluster.Do(cluster.Request().Resolve(cluster.Command(), IncidentResolution.Continued, "parcel fetched"));
        Assert.Empty(cluster.Flagged(RequestFlag.Incident));
    }

    [Fact]
    public void Drone_in_maintenance_finishes_its_flight_and_takes_no_other()
    {
        var cluster = new ScriptedCluster();
        cluster.Load();
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Drone().SetMaintenance(cluster.Command(), "propeller")));
        cluster.Report(phase: MissionPhase.Delivered);
        Assert.Equal(RequestStatus.Completed, cluster.Get().Status);

        cluster.Submit(cluster.Order(), "next");
        cluster.Pass(Minute, "drone");
        Assert.Equal(RequestStatus.Waiting, cluster.Get("next").Status);
        cluster.Do(cluster.Drone().SetMaintenance(cluster.Command(), null));
        cluster.Pass(Minute, "drone");
        Assert.Equal(RequestStatus.Scheduled, cluster.Get("next").Status);
    }

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
    public void Settled_request_leaves_the_stored_shard_with_its_next_write_and_does_not_come_back_after_a_restart()
    {
        var cluster = new ScriptedCluster();
        var id = SupervisorShards.Of(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"));
        var stored = SimulatedCluster.Id<ISupervisorGrain>(id);
        cluster.Submit(cluster.Order());
        var version = cluster.Cluster.Stores.Documents[stored].Version;
        cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted"));
        Assert.Equal(version, cluster.Cluster.Stores.Documents[stored].Version);

        cluster.Cluster.Kill(stored);
        cluster.Do(cluster.Grains.GetGrain<ISupervisorGrain>(id).List());
        cluster.Pass(Minute);
        Assert.Empty(cluster.Do(cluster.Grains.GetGrain<ISupervisorGrain>(id).List()));
        Assert.Equal(RequestStatus.Cancelled, cluster.Get().Status);
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

    [Fact]
    public void Fault_that_does_not_pass_is_not_retried()
    {
        Assert.False(Retry.MayHelp(new InvalidOperationException()));
        Assert.False(Retry.MayHelp(new System.Text.Json.JsonException()));
        Assert.True(Retry.MayHelp(new TimeoutException()));
        Assert.True(Retry.MayHelp(new IOException()));
        Assert.True(Retry.MayHelp(new ObjectDisposedException("silo")));
    }

    [Fact]
    public void Delays_double_up_to_a_bound_and_differ_between_requests() => Assert.All(Enumerable.Range(1, 60), failures =>
    {
        var delays = Enumerable.Range(0, 50).Select(number => Retry.Delay(GrainId.Create("delivery-request", $"{number}"), failures, TimeSpan.FromSeconds(1), Minute)).ToList();
        var bound = Math.Min(60, Math.Pow(2, failures - 1));
        Assert.All(delays, delay => Assert.InRange(delay.TotalSeconds, (bound / 2) - 0.001, bound + 0.001));
        Assert.True(delays.Distinct().Count() > 25);
    });
}
