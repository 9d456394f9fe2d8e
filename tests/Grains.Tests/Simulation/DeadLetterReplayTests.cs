using DroneDelivery.Packages;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Simulation;

/// <summary>Many dead letters go on with one command of an operator.</summary>
public sealed class DeadLetterReplayTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static DeadLetterFilter All { get; } = new(null, null, null, null, 100);

    [Fact]
    public void Those_that_fit_are_replayed_the_longest_waiting_first_and_the_answer_stays()
    {
        var cluster = Poisoned(("one", "owner"), ("two", "owner"), ("three", "other"));
        var command = cluster.Command();
        Assert.Equal("1/0/True", Replay(cluster, command, All with { OwnerId = "owner", Step = "Package", Reason = "POISON", Limit = 1 }));
        Assert.Equal((RequestStatus.Accepted, RequestStatus.DeadLettered, RequestStatus.DeadLettered), Statuses(cluster));
        Assert.Equal("1/0/True", Replay(cluster, command, All with { OwnerId = "owner", Step = "Package", Reason = "POISON", Limit = 1 }));
        cluster.Cluster.Kill(SimulatedCluster.Id<IDeadLetterReplayGrain>(0));
        Assert.Equal("1/0/True", Replay(cluster, command, All));
        Assert.Equal((RequestStatus.Accepted, RequestStatus.DeadLettered, RequestStatus.DeadLettered), Statuses(cluster));

        Assert.Equal("0/0/False", Replay(cluster, cluster.Command(), All with { Step = "Account" }));
        Assert.Equal("0/0/False", Replay(cluster, cluster.Command(), All with { Before = cluster.Now - Minute }));
        Assert.Equal("0/0/False", Replay(cluster, cluster.Command(), All with { Reason = "throttled" }));
        Assert.Equal("2/0/False", Replay(cluster, cluster.Command(), All with { Before = cluster.Now + Minute }));
        Assert.Equal((RequestStatus.Accepted, RequestStatus.Accepted, RequestStatus.Accepted), Statuses(cluster));
    }

    [Fact]
    public void Key_that_comes_with_another_filter_replays_nothing()
    {
        var cluster = Poisoned(("one", "owner"), ("two", "owner"), ("three", "other"));
        Assert.Equal("1/0/False", Replay(cluster, CommandId.OfKey("key", "a"), All with { OwnerId = "other" }));
        var again = cluster.Do(cluster.Grains.GetGrain<IDeadLetterReplayGrain>(0).Replay(CommandId.OfKey("key", "b"), All, "again"));
        Assert.Equal((CommandOutcome.Exists, 0), (again.Result.Outcome, again.Replayed));
        Assert.Equal((RequestStatus.DeadLettered, RequestStatus.DeadLettered, RequestStatus.Accepted), Statuses(cluster));
    }

    [Fact]
    public void Crash_in_the_middle_is_made_up_for_by_the_repetition()
    {
        var cluster = Poisoned(("one", "owner"), ("two", "owner"), ("three", "other"));
        var (command, replay) = (cluster.Command(), cluster.Grains.GetGrain<IDeadLetterReplayGrain>(0));
        var killed = false;
        cluster.Cluster.Executed = (call, _) =>
        {
            // The first of them has gone on; the one who is doing it dies.
            if (killed || call.Method.Name != nameof(IDeliveryRequestGrain.Replay) || call.Interface != typeof(IDeliveryRequestGrain)) return;
            killed = true;
            cluster.Cluster.Kill(SimulatedCluster.Id<IDeadLetterReplayGrain>(0));
        };
        Assert.Throws<SiloUnavailableException>(() => cluster.Do(replay.Replay(command, All, "again")));
        Assert.Equal("3/0/False", Replay(cluster, command, All));
        Assert.Equal((RequestStatus.Accepted, RequestStatus.Accepted, RequestStatus.Accepted), Statuses(cluster));
        Assert.All((string[])["one", "two", "three"], id => Assert.Single(cluster.Do(cluster.Request(id).GetNotes())!, note => note.Detail == "Replayed: again"));
    }

    [Fact]
    public void Those_that_can_not_be_replayed_are_named()
    {
        var cluster = Poisoned(("one", "owner"), ("two", "owner"), ("three", "other"));
        cluster.Cluster.Intercept = call =>
        {
            if (call.Method.Name != nameof(IDeliveryRequestGrain.Replay) || call.Target != SimulatedCluster.Id<IDeliveryRequestGrain>("two")) return false;
            call.Fail(new TimeoutException("No answer came."));
            return true;
        };
        var result = cluster.Do(cluster.Grains.GetGrain<IDeadLetterReplayGrain>(0).Replay(cluster.Command(), All, "again"));
        Assert.Equal((2, 1), (result.Replayed, result.Failed));
        Assert.Equal(new ReplayFailure("two", "No answer came."), Assert.Single(result.Failures));
    }

    /// <summary>Dead letters, whose cause is mended by now.</summary>
    private static ScriptedCluster Poisoned(params (string Id, string Owner)[] requests)
    {
        var cluster = new ScriptedCluster();
        foreach (var (id, owner) in requests)
        {
            var order = cluster.Order(owner);
            cluster.Cluster.Stores.Poisoned.Add(SimulatedCluster.Id<IPackageGrain>(order.PackageId));
            cluster.Submit(order, id);
            cluster.Cluster.Time.Now += TimeSpan.FromSeconds(1);
        }

        cluster.Cluster.Stores.Poisoned.Clear();
        Assert.Equal(3, Enumerable.Range(0, SupervisorShards.Count).Sum(shard => cluster.Do(cluster.Grains.GetGrain<ISupervisorGrain>(shard).ListFlagged(RequestFlag.DeadLetter)).Count));
        return cluster;
    }

    private static string Replay(ScriptedCluster cluster, CommandId command, DeadLetterFilter filter)
    {
        var result = cluster.Do(cluster.Grains.GetGrain<IDeadLetterReplayGrain>(0).Replay(command, filter, "again"));
        Assert.Equal(CommandResult.Done, result.Result);
        return $"{result.Replayed}/{result.Failed}/{result.More}";
    }

    /// <summary>Which are dead letters; Accepted stands for all that go on.</summary>
    private static (RequestStatus One, RequestStatus Two, RequestStatus Three) Statuses(ScriptedCluster cluster)
    {
        return (Of("one"), Of("two"), Of("three"));

        RequestStatus Of(string id) => cluster.Get(id).Status == RequestStatus.DeadLettered ? RequestStatus.DeadLettered : RequestStatus.Accepted;
    }
}
