using DroneDelivery.Accounts;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Storage;
using Orleans.Storage;

namespace DroneDelivery.Simulation;

/// <summary>What is away comes back, and what waited for it goes on by itself; what is poison is left to an operator at once.</summary>
public sealed class OutageTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(GrainStores.Accounts, 2)]
    [InlineData(GrainStores.Packages, 2)]
    [InlineData(GrainStores.Deliveries, 2)]
    [InlineData(GrainStores.Drones, 2)]
    [InlineData(GrainStores.Requests, 2)]
    [InlineData(GrainStores.Accounts, 300)]
    [InlineData(GrainStores.Packages, 300)]
    public void Store_that_is_away_leaves_no_work_for_people(string store, int minutes)
    {
        var cluster = new ScriptedCluster(options => options.MaximumWait = TimeSpan.FromDays(1));
        cluster.Do(cluster.Grains.GetGrain<IAccountGrain>("owner").SetLimits(cluster.Command(), new AccountLimits(9, null))); // So that it stores what it admits.
        cluster.Register();
        if (store != GrainStores.Requests) cluster.Cluster.Stores.Away.Add(store);
        cluster.Cluster.Kill(SimulatedCluster.Id<IAccountGrain>("owner"));
        cluster.Submit(cluster.Order());
        cluster.Cluster.Stores.Away.Add(store);
        for (var minute = 0; minute < minutes; minute++)
        {
            cluster.Pass(Minute / 2);
            KeepAlive(cluster);
            cluster.Pass(Minute / 2);
            Assert.NotEqual(RequestStatus.DeadLettered, Stored(cluster)?.Status);
        }

        cluster.Cluster.Stores.Away.Clear();
        cluster.Pass(Minute, "drone");
        Assert.Equal(RequestStatus.Scheduled, cluster.Get().Status);
        Assert.Empty(cluster.Flagged(RequestFlag.DeadLetter));
    }

    [Fact]
    public void Long_outage_is_shown_to_operators_while_it_lasts_with_one_reason_and_a_short_history()
    {
        var cluster = new ScriptedCluster(options => (options.OutagePatience, options.OutageRetry) = (10 * Minute, 2 * Minute));
        cluster.Cluster.Stores.Away.Add(GrainStores.Accounts);
        cluster.Submit(cluster.Order());
        cluster.Pass(9 * Minute);
        Assert.Empty(cluster.Flagged(RequestFlag.DeadLetter));
        cluster.Pass(4 * Minute);
        Assert.Equal("Account keeps failing: OrleansException: The state could not be read.", Assert.Single(cluster.Flagged(RequestFlag.DeadLetter)).Reason);
        Assert.Equal(RequestStatus.Accepted, cluster.Get().Status);
        HashSet<ShardFlag> stories = [];
        cluster.Cluster.Stores.Written = (_, _, state) =>
        {
            if (state is SupervisorState shard) stories.UnionWith(shard.Flags.Values);
        };
        cluster.Pass(60 * Minute);
        Assert.InRange(stories.Count, 0, 1); // The same story is not told anew with every failure.
        Assert.InRange(cluster.Get().Failures, 35, 60); // Every two minutes at most.
        Assert.InRange(cluster.Do(cluster.Request().GetNotes())!.Count, 1, 6);

        // An operator need not wait for the next try.
        cluster.Cluster.Stores.Away.Clear();
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Replay(cluster.Command(), "it is back")));
        cluster.Pass(TimeSpan.FromSeconds(15));
        Assert.Equal((RequestStatus.Waiting, 0), (cluster.Get().Status, cluster.Get().Failures));
        Assert.Empty(cluster.Flagged(RequestFlag.DeadLetter));
    }

    [Fact]
    public void Poison_is_left_to_an_operator_at_once_while_others_go_on()
    {
        var cluster = new ScriptedCluster();
        cluster.Register();
        var order = cluster.Order();
        cluster.Cluster.Stores.Poisoned.Add(SimulatedCluster.Id<IPackageGrain>(order.PackageId));
        cluster.Submit(order);
        cluster.Submit(cluster.Order(), "other");
        cluster.Pass(TimeSpan.FromSeconds(5), "drone");
        Assert.Equal((RequestStatus.DeadLettered, "Package keeps failing: InvalidOperationException: The document is poison."), (cluster.Get().Status, cluster.Get().Reason));
        Assert.Single(cluster.Flagged(RequestFlag.DeadLetter));
        Assert.Equal(RequestStatus.Scheduled, cluster.Get("other").Status);
    }

    [Theory]
    [InlineData(typeof(TimeoutException), Fault.Outage)]
    [InlineData(typeof(SiloUnavailableException), Fault.Outage)]
    [InlineData(typeof(OrleansException), Fault.Outage)]
    [InlineData(typeof(InconsistentStateException), Fault.Outage)]
    [InlineData(typeof(IOException), Fault.Outage)]
    [InlineData(typeof(HttpRequestException), Fault.Outage)]
    [InlineData(typeof(TaskCanceledException), Fault.Outage)]
    [InlineData(typeof(InvalidOperationException), Fault.Lasting)]
    [InlineData(typeof(System.Text.Json.JsonException), Fault.Lasting)]
    [InlineData(typeof(Exception), Fault.Unknown)]
    public void Failure_says_what_it_is_also_when_the_runtime_wraps_it(Type type, object fault)
    {
        var failure = (Exception)Activator.CreateInstance(type)!;
        Assert.Equal(fault, Retry.Of(failure));
        Assert.Equal(fault, Retry.Of(new OrleansException("The state could not be read.", failure)));
        Assert.Equal(Fault.Outage, Retry.Of(new SiloUnavailableException("It died.", new InvalidOperationException()))); // One that is no mere wrapping speaks for itself.
    }

    [Fact]
    public void Admission_that_comes_after_the_end_is_not_counted()
    {
        var cluster = new ScriptedCluster();
        var account = cluster.Grains.GetGrain<IAccountGrain>("owner");
        cluster.Do(account.SetLimits(cluster.Command(), new AccountLimits(1, null)));
        Assert.True(cluster.Do(account.Admit("delivery", 1)).Counted);
        cluster.Do(Ended(account.Release("delivery")));

        Assert.Equal(new Admission(false, false, "The request has ended."), cluster.Do(account.Admit("delivery", 1)));
        cluster.Cluster.Kill(SimulatedCluster.Id<IAccountGrain>("owner"));
        Assert.Equal(new Admission(false, false, "The request has ended."), cluster.Do(account.Admit("delivery", 1)));
        Assert.Equal(0, cluster.Do(account.Get()).OpenRequests);
        Assert.True(cluster.Do(account.Admit("other", 1)).Admitted);

        static async Task<bool> Ended(Task release)
        {
            await release;
            return true;
        }
    }

    /// <summary>The drone reports; nobody has to hear it.</summary>
    private static void KeepAlive(ScriptedCluster cluster)
    {
        try
        {
            cluster.Report();
        }
        catch (Exception failure) when (failure is IOException or OrleansException or InvalidOperationException)
        {
            // Its store is away.
        }
    }

    private static DeliveryRequestState? Stored(ScriptedCluster cluster) =>
        cluster.Cluster.Stores.Find<DeliveryRequestState>(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"));
}
