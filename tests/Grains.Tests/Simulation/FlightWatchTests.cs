using DroneDelivery.Drones;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Simulation;

/// <summary>What happens to a drone and its parcel on the way, in simulated time.</summary>
public sealed class FlightWatchTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

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
}
