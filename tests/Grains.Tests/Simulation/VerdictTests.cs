using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>What an operator decided happens, and its mission is taken back, in whatever order things fail.</summary>
public sealed class VerdictTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly GrainId Request = SimulatedCluster.Id<IDeliveryRequestGrain>("delivery");

    private readonly ScriptedCluster _cluster = new();

    public static MatrixTheoryData<IncidentResolution, Failure, bool> Failures() => new(
        [IncidentResolution.Completed, IncidentResolution.Failed], Enum.GetValues<Failure>(), [true, false]);

    public static MatrixTheoryData<IncidentResolution, Failure> Decisions() => new([IncidentResolution.Completed, IncidentResolution.Failed], Enum.GetValues<Failure>());

    [Theory]
    [MemberData(nameof(Failures))]
    public void Incident_ends_as_decided_though_something_fails_and_the_repetition_says_so(IncidentResolution resolution, Failure failure, bool sameCommand)
    {
        _cluster.Load();
        _cluster.Pass(2 * Minute);
        Assert.Equal(RequestStatus.Incident, _cluster.Get().Status);
        Fail(failure, call => call.Method.Name is nameof(IDeliveryGrain.Complete) or nameof(IDeliveryGrain.GiveUp));

        var command = _cluster.Command();
        var first = _cluster.Request().Resolve(command, resolution, "seen");
        _cluster.Cluster.RunAll();
        Assert.Equal(failure == Failure.None, first.IsCompletedSuccessfully);

        _cluster.Pass(Minute / 10);
        var again = _cluster.Do(_cluster.Request().Resolve(sameCommand ? command : _cluster.Command(), resolution, "seen"));
        Assert.Equal(CommandResult.Done, again);
        Ends(resolution == IncidentResolution.Completed ? RequestStatus.Completed : RequestStatus.Failed);
        Assert.Equal(resolution == IncidentResolution.Completed ? DeliveryStage.Completed : DeliveryStage.HeadedToDropoff, _cluster.Do(_cluster.Delivery().GetStage()));
    }

    [Theory]
    [MemberData(nameof(Decisions))]
    public void Incident_ends_as_decided_though_something_fails_and_nobody_repeats_it(IncidentResolution resolution, Failure failure)
    {
        _cluster.Load();
        _cluster.Pass(2 * Minute);
        Fail(failure, call => call.Method.Name is nameof(IDeliveryGrain.Complete) or nameof(IDeliveryGrain.GiveUp));
        SimulatedWorld.Watch(_cluster.Request().Resolve(_cluster.Command(), resolution, "seen"));
        _cluster.Cluster.RunAll();
        if (failure == Failure.FirstWrite) return; // Nothing was decided.
        Ends(resolution == IncidentResolution.Completed ? RequestStatus.Completed : RequestStatus.Failed);
    }

    [Theory]
    [InlineData(Failure.None)]
    [InlineData(Failure.FirstWrite)]
    [InlineData(Failure.LastWrite)]
    [InlineData(Failure.Death)]
    public void Partner_that_was_silent_before_the_pickup_is_called_off_though_something_fails(Failure failure)
    {
        var cluster = PartnerCluster();
        Fail(failure, call => call.Method.Name == nameof(IDeliveryGrain.GiveUp), cluster);
        var command = cluster.Command();
        SimulatedWorld.Watch(cluster.Request().Resolve(command, IncidentResolution.Failed, "gone"));
        cluster.Cluster.RunAll();
        cluster.Pass(Minute / 10);
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Resolve(command, IncidentResolution.Failed, "gone")));
        cluster.Pass(2 * Minute);
        Assert.Equal((RequestStatus.Failed, DeliveryStage.Cancelled), (cluster.Get().Status, cluster.Do(cluster.Delivery().GetStage())));
        Assert.Equal(ThirdParty.PartnerStatus.Cancelled, Assert.Single(cluster.Cluster.Partner.Orders).Status);
        Assert.Empty(cluster.Supervised());
    }

    [Theory]
    [InlineData(Failure.None)]
    [InlineData(Failure.FirstWrite)]
    [InlineData(Failure.LastWrite)]
    [InlineData(Failure.Death)]
    public void Dead_letter_is_abandoned_though_something_fails(Failure failure)
    {
        _cluster.Schedule();
        _cluster.Cluster.Stores.Fault = () => new UnexplainedException();
        _cluster.Break<IDroneGrain>("drone");
        _cluster.Do(_cluster.Request().Reschedule(_cluster.Command(), new DeliveryChange(null, null, null, null, null)));
        _cluster.Pass(2 * Minute);
        Assert.Equal(RequestStatus.DeadLettered, _cluster.Get().Status);
        _cluster.Break<IDroneGrain>("drone", broken: false);
        Fail(failure, call => call.Method.Name == nameof(IDeliveryGrain.GiveUp));
        var command = _cluster.Command();
        SimulatedWorld.Watch(_cluster.Request().Abandon(command, "hopeless"));
        _cluster.Cluster.RunAll();
        _cluster.Pass(Minute / 10);
        Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Request().Abandon(command, "hopeless")));
        Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Request().Abandon(_cluster.Command(), "hopeless")));
        Ends(RequestStatus.Failed);
        Assert.Equal(DeliveryStage.Cancelled, _cluster.Do(_cluster.Delivery().GetStage()));
    }

    [Fact]
    public void Decision_waits_for_a_delivery_that_is_away_and_stays_with_the_operators()
    {
        _cluster.Load();
        _cluster.Pass(2 * Minute);
        _cluster.Break<IDeliveryGrain>("delivery");
        var resolving = _cluster.Request().Resolve(_cluster.Command(), IncidentResolution.Completed, "seen");
        _cluster.Cluster.RunAll();
        Assert.True(resolving.IsFaulted);
        _cluster.Pass(5 * Minute);
        Assert.Equal(RequestStatus.Incident, _cluster.Get().Status);
        Assert.Single(_cluster.Flagged(RequestFlag.Incident));

        _cluster.Break<IDeliveryGrain>("delivery", broken: false);
        Ends(RequestStatus.Completed);
    }

    [Fact]
    public void Decision_that_the_delivery_refuses_is_void()
    {
        _cluster.Load();
        _cluster.Pass(2 * Minute);
        _cluster.Cluster.Intercept = call =>
        {
            if (call.Method.Name != nameof(IDeliveryRequestGrain.Apply)) return false;
            call.Fail(new TimeoutException("No answer came.")); // The request hears late of what the drone did.
            return true;
        };
        _cluster.Report(phase: MissionPhase.Delivered);
        Assert.Equal(CommandOutcome.Conflict, _cluster.Do(_cluster.Request().Resolve(_cluster.Command(), IncidentResolution.Failed, "lost")).Outcome);
        _cluster.Cluster.Intercept = null;
        Ends(RequestStatus.Completed);
        Assert.Null(_cluster.Get().Reason);
    }

    [Fact]
    public void Delivery_that_ended_otherwise_than_its_request_is_shown_to_operators()
    {
        var order = _cluster.Order();
        _cluster.Schedule(order);
        _cluster.Cluster.Stores.Fault = () => new UnexplainedException();
        _cluster.Break<IDroneGrain>("drone");
        _cluster.Do(_cluster.Request().Reschedule(_cluster.Command(), new DeliveryChange(null, null, null, null, null)));
        _cluster.Pass(2 * Minute);
        _cluster.Break<IDroneGrain>("drone", broken: false);

        // Its document is damaged when it is given up, and turns out to be completed when it has been repaired.
        var times = 0;
        _cluster.Cluster.Intercept = call =>
        {
            if (call.Method.Name != nameof(IDeliveryGrain.GiveUp)) return false;
            if (times++ == 0) call.Fail(new InvalidOperationException("The document is damaged."));
            else call.Succeed(CommandResult.Conflict("The delivery is completed."));
            return true;
        };
        Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Request().Abandon(_cluster.Command(), "damaged")));
        _cluster.Pass(Minute);
        Assert.Equal(RequestStatus.Failed, _cluster.Get().Status);
        Assert.Single(_cluster.Flagged(RequestFlag.Incident));
        Assert.Contains("The delivery is completed.", Assert.Single(_cluster.Get().Alarms!).Detail, StringComparison.Ordinal);

        Assert.Equal(CommandResult.Done, _cluster.Do(_cluster.Request().Resolve(_cluster.Command(), IncidentResolution.Continued, "refunded")));
        _cluster.Pass(Minute);
        Assert.Empty(_cluster.Supervised());
    }

    internal static ScriptedCluster PartnerCluster()
    {
        var cluster = new ScriptedCluster(options =>
        {
            (options.PartnerId, options.MaximumWait, options.DroneSearch) = ("acme", TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10));
            (options.PartnerDecision, options.PartnerSilence) = (2 * Minute, 2 * Minute);
        });
        cluster.Submit(cluster.Order());
        cluster.Pass(Minute / 2);
        cluster.Cluster.Partner.Move("delivery", 1, ThirdParty.PartnerStatus.Accepted);
        cluster.Pass(Minute / 2);
        Assert.Equal(RequestStatus.Scheduled, cluster.Get().Status);
        cluster.Cluster.Partner.Away = true;
        cluster.Pass(4 * Minute);
        Assert.Equal((RequestStatus.Incident, "Partner acme is silent."), (cluster.Get().Status, cluster.Get().Reason));
        cluster.Cluster.Partner.Away = false;
        return cluster;
    }

    /// <summary>Something that fails once.</summary>
    public enum Failure
    {
        None,
        FirstWrite,
        LastWrite,
        Death,
    }

    private void Fail(Failure failure, Func<SimulatedCluster.Call, bool> closes, ScriptedCluster? other = null)
    {
        var cluster = (other ?? _cluster).Cluster;
        if (failure == Failure.FirstWrite) cluster.Stores.Broken[Request] = 1;
        if (failure is not (Failure.LastWrite or Failure.Death)) return;
        cluster.Executed = (call, _) =>
        {
            if (!closes(call)) return;
            cluster.Executed = null;
            if (failure == Failure.Death) cluster.Kill(Request);
            else cluster.Stores.Broken[Request] = 1;
        };
    }

    /// <summary>The request ends, nothing of it is left, and its drone is free though it says nothing.</summary>
    private void Ends(RequestStatus status)
    {
        _cluster.Pass(5 * Minute);
        Assert.Equal(status, _cluster.Get().Status);
        Assert.Null(_cluster.Cluster.Stores.Find<DroneState>(SimulatedCluster.Id<IDroneGrain>("drone"))!.Mission);
        Assert.Empty(_cluster.Flagged(RequestFlag.Incident));
        Assert.Empty(_cluster.Flagged(RequestFlag.DeadLetter));
        Assert.Empty(_cluster.Supervised());
    }
}
