using Orleans.Concurrency;

namespace DroneDelivery.Cluster;

/// <summary>A grain without a store, whose activation has nothing to wait for.</summary>
public interface IReachableGrain : IGrainWithStringKey
{
    /// <summary>Whether a message can reach the grain while it runs its first request.</summary>
    Task<bool> IsReachableDuringFirstRequest();

    [OneWay, AlwaysInterleave]
    Task Nudge();
}

public sealed class ReachableGrain : Grain, IReachableGrain
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    public Task<bool> IsReachableDuringFirstRequest()
    {
        // Another thread hands a message to this activation while this one is kept busy: that takes the activation's lock.
        var self = this.AsReference<IReachableGrain>();
        return Task.FromResult(Task.Run(() => { self.Nudge().Ignore(); }).Wait(Deadline));
    }

    public Task Nudge() => Task.CompletedTask;
}

[Collection(ClusterFixture.Collection)]
public sealed class ActivationTests(ClusterFixture cluster)
{
    [Fact]
    public async Task New_activation_can_be_reached_while_its_first_request_runs()
    {
        // Only an activation registered by its own silo starts without waiting; of this many some are.
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            cluster.Grains.GetGrain<IReachableGrain>(Orders.Id("reachable")).IsReachableDuringFirstRequest()));
        Assert.DoesNotContain(false, answers);
    }
}
