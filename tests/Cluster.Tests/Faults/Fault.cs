using DroneDelivery.Processes;

namespace DroneDelivery.Faults;

/// <summary>Something that happens to a cluster under load.</summary>
/// <param name="Name">What happens, for people.</param>
/// <param name="Gate">What the slowest of a thousand clients may wait meanwhile; held by <c>make chaos</c>, printed by every run.</param>
/// <param name="Inflict">Lets it happen and waits until it is over.</param>
internal sealed record Fault(string Name, TimeSpan Gate, Func<Scene, Task> Inflict)
{
    /// <summary>Whether clients may be told to come back later: 503 with Retry-After.</summary>
    public bool ClientsMayBeToldToComeBack { get; init; }

    /// <summary>How much the heaps of the silos hold meanwhile, as the runtime reads it.</summary>
    public string HeapOfSilos { get; init; } = RunningCluster.Heap;

    public override string ToString() => Name;
}

/// <summary>Where a fault happens.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Load">Its clients.</param>
/// <param name="Chance">Decides what the fault leaves open.</param>
/// <param name="Say">Takes remarks for people.</param>
/// <param name="Cancellation">Ends everything.</param>
internal sealed record Scene(RunningCluster Cluster, Load Load, Random Chance, Action<string> Say, CancellationToken Cancellation)
{
    /// <summary>Far above what it takes; a cluster that needs longer has other troubles.</summary>
    private static readonly TimeSpan EvictionDeadline = TimeSpan.FromSeconds(90);

    public async Task ReplaceAsync(ServiceProcess process)
    {
        var asked = Load.Now;
        await process.StopAsync();
        var ended = Load.Now;
        process.Start();
        await process.WaitUntilReadyAsync(Cancellation, TimeSpan.FromMinutes(3));
        Say($"stopped in {(ended - asked).TotalSeconds:0.0} s, its successor ready {(Load.Now - ended).TotalSeconds:0.0} s later");

        // As minReadySeconds.
        await Task.Delay(TimeSpan.FromSeconds(5), Cancellation);
    }

    /// <summary>Waits until the cluster no longer counts the silo as a member.</summary>
    public async Task UntilEvictedAsync(SiloProcess silo) => Say($"evicted after {(await Eventually.HoldsAsync("the silo is evicted", async () => !await Cluster.Store.IsMemberAsync(silo), EvictionDeadline, Cancellation)).TotalSeconds:0.0} s");
}
