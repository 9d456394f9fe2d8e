using DroneDelivery.Accounts;
using DroneDelivery.Drones;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;

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
        cluster.Cluster.Stores.Fault = () => new UnexplainedException();
        cluster.Break<IPackageGrain>(order.PackageId);
        cluster.Submit(order);
        var first = cluster.Get();
        Assert.Equal((1, RequestStatus.Scheduling), (first.Failures, first.Status));
        Assert.True(first.RetryAt > cluster.Now);

        cluster.Pass(2 * Minute);
        var dead = cluster.Get();
        Assert.Equal((RequestStatus.DeadLettered, 4), (dead.Status, dead.Failures));
        Assert.StartsWith("Package keeps failing: UnexplainedException", dead.Reason, StringComparison.Ordinal);
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
        cluster.Cluster.Stores.Fault = () => new UnexplainedException();
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
        cluster.Cluster.Stores.Fault = () => new UnexplainedException();
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
