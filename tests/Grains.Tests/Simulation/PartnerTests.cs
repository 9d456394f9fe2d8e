using DroneDelivery.Scheduling;
using DroneDelivery.ThirdParty;

namespace DroneDelivery.Simulation;

/// <summary>What no drone can carry goes to the transport partner.</summary>
public sealed class PartnerTests
{
    private const string Carrier = "partner/acme";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Request_that_no_drone_can_make_in_time_is_carried_by_the_partner()
    {
        var cluster = Asked();
        Assert.Equal((RequestStatus.Scheduling, new Transport(Carrier, 1), "Partner acme was asked to carry it."), (cluster.Get().Status, cluster.Get().Transport, cluster.Get().Reason));

        Say(cluster, PartnerStatus.Accepted);
        Assert.Equal((RequestStatus.Scheduled, DeliveryStage.Created), (cluster.Get().Status, Stage(cluster)));
        Assert.NotNull(cluster.Do(cluster.Delivery().GetStatus())!.DeliveryEta);
        Say(cluster, PartnerStatus.HeadedToPickup);
        Assert.Equal(DeliveryStage.HeadedToPickup, Stage(cluster));
        Say(cluster, PartnerStatus.PickedUp);
        Assert.Equal(DeliveryStage.HeadedToDropoff, Stage(cluster));
        Say(cluster, PartnerStatus.Delivered);
        cluster.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal((RequestStatus.Completed, DeliveryStage.Completed), (cluster.Get().Status, Stage(cluster)));
        Assert.Empty(cluster.Supervised());
        Assert.Contains(cluster.Do(cluster.Delivery().GetHistory())!, entry => entry.Detail == "Partner acme has the parcel.");
        Assert.All(cluster.Do(cluster.Delivery().GetHistory())!, entry => Assert.Null(entry.Attempt)); // No drone flew.
    }

    [Fact]
    public void Deadline_sends_a_request_to_the_partner_before_it_is_too_late()
    {
        var cluster = Cluster(wait: 60 * Minute);
        cluster.Submit(cluster.Order(deadline: cluster.Now + (4 * Minute)));
        cluster.Pass(Minute / 2);
        Assert.Empty(cluster.Cluster.Partner.Orders);
        cluster.Pass(Minute * 2);
        Assert.Equal(PartnerStatus.Asked, Assert.Single(cluster.Cluster.Partner.Orders).Status);
    }

    [Fact]
    public void Partner_that_refuses_ends_the_request_with_its_reason()
    {
        var cluster = Asked();
        Say(cluster, PartnerStatus.Refused, "too far");
        Assert.Equal(RequestStatus.Rejected, cluster.Get().Status);
        Assert.Equal("No drone can carry it in time, and partner acme refused: too far.", cluster.Get().Reason);
        cluster.Pass(Minute / 2);
        Assert.Empty(cluster.Supervised());
        Assert.Equal(DeliveryStage.Cancelled, cluster.Row()!.Stage);
    }

    [Fact]
    public void Partner_that_does_not_decide_has_refused_and_is_called_off()
    {
        var cluster = Asked();
        cluster.Pass(3 * Minute);
        Assert.Equal(RequestStatus.Rejected, cluster.Get().Status);
        Assert.Equal("No drone can carry it in time, and partner acme did not decide in time.", cluster.Get().Reason);
        Assert.Equal(PartnerStatus.Cancelled, Assert.Single(cluster.Cluster.Partner.Orders).Status);
    }

    [Fact]
    public void Partner_that_is_down_is_asked_again_with_growing_pauses_and_carries_the_parcel_when_it_is_back()
    {
        var cluster = Cluster();
        cluster.Cluster.Partner.Away = true;
        cluster.Submit(cluster.Order());
        cluster.Pass(Minute);
        Assert.Empty(cluster.Cluster.Partner.Orders);
        Assert.Equal(new Transport(Carrier, 1), cluster.Get().Transport);

        cluster.Cluster.Partner.Away = false;
        cluster.Pass(Minute / 2);
        Say(cluster, PartnerStatus.Accepted);
        Assert.Equal(RequestStatus.Scheduled, cluster.Get().Status);
    }

    [Fact]
    public void Partner_that_can_not_be_asked_whether_it_decided_is_shown_to_operators_and_asked_until_it_is_back()
    {
        var cluster = Asked();
        cluster.Cluster.Partner.Away = true;
        cluster.Pass(5 * Minute);
        Assert.Equal(RequestStatus.Scheduling, cluster.Get().Status);
        Assert.StartsWith("Delivery keeps failing: PartnerException", Assert.Single(cluster.Flagged(RequestFlag.DeadLetter)).Reason, StringComparison.Ordinal);

        cluster.Cluster.Partner.Away = false;
        cluster.Cluster.Partner.Move("delivery", 1, PartnerStatus.PickedUp); // It had accepted, and nobody heard.
        cluster.Pass(Minute);
        Assert.Equal((RequestStatus.Scheduled, DeliveryStage.HeadedToDropoff), (cluster.Get().Status, Stage(cluster)));
        Assert.Empty(cluster.Flagged(RequestFlag.DeadLetter));
    }

    [Fact]
    public void Callbacks_that_get_lost_are_made_up_for_by_asking()
    {
        var cluster = Asked();
        foreach (var status in (PartnerStatus[])[PartnerStatus.Accepted, PartnerStatus.PickedUp, PartnerStatus.Delivered])
        {
            cluster.Cluster.Partner.Move("delivery", 1, status);
            cluster.Pass(Minute / 2);
        }

        Assert.Equal(RequestStatus.Completed, cluster.Get().Status);
    }

    [Fact]
    public void Repeated_and_late_callbacks_change_nothing()
    {
        var cluster = Asked();
        Say(cluster, PartnerStatus.Accepted);
        var early = Assert.Single(cluster.Cluster.Partner.Orders);
        Say(cluster, PartnerStatus.PickedUp);
        var late = Assert.Single(cluster.Cluster.Partner.Orders);
        var history = cluster.Do(cluster.Delivery().GetHistory())!;
        foreach (var report in (PartnerReport[])[late, early, late, late with { Status = PartnerStatus.Refused }, late with { Status = PartnerStatus.Cancelled }])
            Assert.Equal(CommandResult.Done, cluster.Do(Partner(cluster).Notice(report)));
        cluster.Pass(Minute / 6);
        Assert.Equal(history, cluster.Do(cluster.Delivery().GetHistory())!);
        Assert.Equal(CommandResult.NotFound, cluster.Do(Partner(cluster).Notice(late with { Attempt = 7 })));
    }

    [Fact]
    public void Cancelling_cancels_with_the_partner()
    {
        var cluster = Asked();
        Say(cluster, PartnerStatus.Accepted);
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted")));
        Assert.Equal(PartnerStatus.Cancelled, Assert.Single(cluster.Cluster.Partner.Orders).Status);
        cluster.Pass(Minute / 2);
        Assert.Equal((RequestStatus.Cancelled, DeliveryStage.Cancelled), (cluster.Get().Status, Stage(cluster)));
        Assert.Empty(cluster.Supervised());
    }

    [Fact]
    public void Cancelling_is_refused_when_the_partner_has_the_parcel_though_its_callback_got_lost()
    {
        var cluster = Asked();
        Say(cluster, PartnerStatus.Accepted);
        cluster.Cluster.Partner.Move("delivery", 1, PartnerStatus.PickedUp);
        var refused = cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted"));
        Assert.Equal((CommandOutcome.Conflict, "The partner has the parcel already."), (refused.Outcome, refused.Reason));
        cluster.Pass(Minute / 6);
        Assert.Equal((RequestStatus.Scheduled, DeliveryStage.HeadedToDropoff), (cluster.Get().Status, Stage(cluster)));
    }

    [Fact]
    public void Cancelling_while_the_partner_can_not_be_reached_decides_nothing()
    {
        var cluster = Asked();
        Say(cluster, PartnerStatus.Accepted);
        cluster.Cluster.Partner.Away = true;
        Assert.Throws<PartnerException>(() => cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted")));
        Assert.Equal(RequestStatus.Scheduled, cluster.Get().Status);
        cluster.Cluster.Partner.Away = false;
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted")));
    }

    [Fact]
    public void Rescheduling_takes_the_order_back_and_seeks_a_drone_again()
    {
        var cluster = Asked();
        Say(cluster, PartnerStatus.Accepted);
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Reschedule(cluster.Command(), new DeliveryChange(null, null, null, null, null))));
        Assert.Equal(PartnerStatus.Cancelled, Assert.Single(cluster.Cluster.Partner.Orders).Status);
        cluster.Register();
        cluster.Pass(Minute / 6, "drone");
        Assert.Equal(new Transport("drone", 2), cluster.Get().Transport);
    }

    [Fact]
    public void Partner_that_gives_up_before_pickup_makes_way_for_a_drone()
    {
        var cluster = Asked();
        Say(cluster, PartnerStatus.Accepted);
        cluster.Register();
        Say(cluster, PartnerStatus.Failed, "flat tyre");
        cluster.Pass(Minute / 6, "drone");
        Assert.Equal((RequestStatus.Scheduled, new Transport("drone", 2)), (cluster.Get().Status, cluster.Get().Transport));
    }

    [Fact]
    public void Partner_that_fails_with_the_parcel_is_an_incident()
    {
        var cluster = Asked();
        Say(cluster, PartnerStatus.PickedUp);
        Say(cluster, PartnerStatus.Failed, "stolen");
        Assert.Equal((RequestStatus.Incident, "Partner acme failed with the parcel. stolen"), (cluster.Get().Status, cluster.Get().Reason));
        Assert.Single(cluster.Flagged(RequestFlag.Incident));
    }

    [Theory]
    [InlineData(PartnerStatus.Accepted)]
    [InlineData(PartnerStatus.PickedUp)]
    public void Partner_that_is_silent_is_an_incident_and_completes_it_when_it_speaks_again(PartnerStatus last)
    {
        var cluster = Asked();
        Say(cluster, last);
        cluster.Cluster.Partner.Away = true;
        cluster.Pass(4 * Minute);
        Assert.Equal((RequestStatus.Incident, "Partner acme is silent."), (cluster.Get().Status, cluster.Get().Reason));

        cluster.Cluster.Partner.Away = false;
        Say(cluster, PartnerStatus.Delivered);
        cluster.Pass(Minute / 2);
        Assert.Equal(RequestStatus.Completed, cluster.Get().Status);
        Assert.Empty(cluster.Flagged(RequestFlag.Incident));
    }

    [Fact]
    public void Order_that_the_partner_forgot_is_given_to_a_drone()
    {
        var cluster = Asked();
        Say(cluster, PartnerStatus.Accepted);
        cluster.Cluster.Partner.Forget();
        cluster.Register();
        cluster.Pass(Minute, "drone");
        Assert.Equal(new Transport("drone", 2), cluster.Get().Transport);
    }

    [Fact]
    public void Parcel_that_the_partner_takes_though_it_was_called_off_raises_an_alarm()
    {
        var cluster = Asked();
        Say(cluster, PartnerStatus.Accepted);
        cluster.Do(cluster.Request().Reschedule(cluster.Command(), new DeliveryChange(null, null, null, null, null)));
        var stray = new PartnerReport("delivery", 1, PartnerStatus.PickedUp, cluster.Now);
        cluster.Do(Partner(cluster).Notice(stray));
        cluster.Pass(Minute / 6);
        Assert.NotEqual(DeliveryStage.HeadedToDropoff, Stage(cluster));
        Assert.Equal("The partner says PickedUp on an order that is void.", Assert.Single(cluster.Get().Alarms!).Detail);
        Assert.Single(cluster.Flagged(RequestFlag.Incident));
    }

    [Fact]
    public void Everything_is_known_after_the_silos_of_request_and_partner_died()
    {
        var cluster = Asked();
        cluster.Cluster.Partner.Move("delivery", 1, PartnerStatus.Accepted);
        cluster.Cluster.Kill(SimulatedCluster.Id<ITransportPartnerGrain>("acme"));
        cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"));
        cluster.Pass(Minute);
        Assert.Equal((RequestStatus.Scheduled, new Transport(Carrier, 1)), (cluster.Get().Status, cluster.Get().Transport));
        Assert.Single(cluster.Cluster.Partner.Orders);
    }

    private static ScriptedCluster Cluster(TimeSpan? wait = null) => new(options =>
    {
        (options.PartnerId, options.MaximumWait, options.DroneSearch, options.PartnerLead) = ("acme", wait ?? TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10), 3 * Minute);
        (options.PartnerDecision, options.PartnerSilence) = (2 * Minute, 2 * Minute);
    });

    /// <summary>A request that the partner was asked to carry.</summary>
    private static ScriptedCluster Asked()
    {
        var cluster = Cluster();
        cluster.Submit(cluster.Order());
        cluster.Pass(Minute / 2);
        Assert.Equal(PartnerStatus.Asked, Assert.Single(cluster.Cluster.Partner.Orders).Status);
        return cluster;
    }

    private static void Say(ScriptedCluster cluster, PartnerStatus status, string? reason = null)
    {
        Assert.Equal(CommandResult.Done, cluster.Do(Partner(cluster).Notice(cluster.Cluster.Partner.Move("delivery", 1, status, reason))));
        cluster.Pass(TimeSpan.FromSeconds(3));
    }

    private static ITransportPartnerGrain Partner(ScriptedCluster cluster) => cluster.Grains.GetGrain<ITransportPartnerGrain>("acme");

    private static DeliveryStage? Stage(ScriptedCluster cluster) => cluster.Do(cluster.Delivery().GetStage());
}
