using DroneDelivery.Processes;
using Microsoft.Data.Sqlite;

namespace DroneDelivery.Faults;

/// <summary>What happens to processes of a cluster on the local store, and to that store.</summary>
internal static class ProcessFaults
{
    /// <summary>While processes are replaced on purpose.</summary>
    private static readonly TimeSpan RollP999 = TimeSpan.FromSeconds(1.5);

    /// <summary>When a silo is lost.</summary>
    private static readonly TimeSpan LossP999 = TimeSpan.FromSeconds(3);

    /// <summary>
    /// When a silo is lost and nobody is told: two seconds until it is evicted, half a second until a gateway reads that, and the rest of a time-out that Orleans looks
    /// at once a second.
    /// </summary>
    public static readonly TimeSpan SilenceP999 = TimeSpan.FromSeconds(4);

    /// <summary>Until a client is told to come back.</summary>
    private static readonly TimeSpan RefusalP999 = TimeSpan.FromSeconds(25);

    /// <summary>128 MiB.</summary>
    private const string SmallHeap = "0x8000000";

    private static readonly TimeSpan FreezeTime = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan StarveTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StarvePeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>Nothing happens: what the machine and the load themselves cost.</summary>
    public static readonly Fault Nothing = new("nothing", RollP999, scene => Task.Delay(TimeSpan.FromSeconds(20), scene.Cancellation));

    /// <summary>A new version of the silos is rolled out.</summary>
    public static readonly Fault SilosReplaced = new("silos replaced", RollP999, async scene =>
    {
        foreach (var silo in scene.Cluster.Silos) await scene.ReplaceAsync(silo);
    });

    /// <summary>A new version of the gateways is rolled out.</summary>
    public static readonly Fault GatewaysReplaced = new("gateways replaced", RollP999, async scene =>
    {
        foreach (var gateway in scene.Cluster.Gateways) await scene.ReplaceAsync(gateway);
    });

    /// <summary>One process goes as when its node is drained.</summary>
    public static readonly Fault AnyReplaced = new("one process replaced", RollP999, async scene =>
    {
        ServiceProcess[] all = [.. scene.Cluster.Silos, .. scene.Cluster.Gateways];
        await scene.ReplaceAsync(all[scene.Chance.Next(all.Length)]);
    });

    /// <summary>The silo with the most keys ends without a word.</summary>
    public static readonly Fault SiloKilled = new("silo killed", LossP999, async scene =>
    {
        var victim = await scene.Cluster.BusiestSiloAsync(scene.Cancellation);
        await victim.KillAsync();
        await scene.UntilEvictedAsync(victim);
    });

    /// <summary>The silo with the most keys stands still for 40 s and does not know it.</summary>
    public static readonly Fault SiloFrozen = new("silo frozen", SilenceP999, async scene =>
    {
        var victim = await scene.Cluster.BusiestSiloAsync(scene.Cancellation);
        var at = await FreezeAsync(scene, victim);
        try
        {
            await scene.UntilEvictedAsync(victim);
            await Task.Delay(FreezeTime - (scene.Load.Now - at), scene.Cancellation);
        }
        finally
        {
            Signals.Thaw(victim.Id);
        }

        // It learns that it was given up and ends by itself; its successor starts like any pod.
        await victim.ExitCodeAsync();
    });

    /// <summary>The silo with the most keys gets a fifth of its processor time for 10 s; it must not be evicted for that.</summary>
    public static readonly Fault SiloStarved = new("silo starved", LossP999, async scene =>
    {
        var victim = await scene.Cluster.BusiestSiloAsync(scene.Cancellation);
        var id = victim.Id;
        using var time = new PeriodicTimer(StarvePeriod);
        for (var slice = 0; slice < StarveTime / StarvePeriod; slice++)
        {
            Signals.Freeze(id);
            try
            {
                await Task.Delay(StarvePeriod * 0.8, scene.Cancellation);
            }
            finally
            {
                Signals.Thaw(id);
            }

            await time.WaitForNextTickAsync(scene.Cancellation);
        }

        Assert.True(victim.IsRunning);
        Assert.Equal(id, victim.Id);
        Assert.True(await scene.Cluster.Store.IsMemberAsync(victim));
    });

    /// <summary>Nobody can write for a minute; no process may become unready for that, let alone end.</summary>
    public static readonly Fault StoreAway = StoreAwayFor(TimeSpan.FromSeconds(60));

    /// <summary>The same, shorter.</summary>
    public static readonly Fault StoreAwayBriefly = StoreAwayFor(TimeSpan.FromSeconds(15));

    /// <summary>Silos with little memory are asked for more grains than it holds: they give some up and go on.</summary>
    public static readonly Fault MemoryPressure = new("memory pressure", LossP999, async scene =>
    {
        var ids = scene.Cluster.Silos.Select(silo => silo.Id).ToArray();
        var before = scene.Cluster.Silos.Sum(Shed);
        await using (scene.Load.FloodWithNewKeys())
        {
            await Eventually.HoldsAsync("a silo gives up activations", () => Task.FromResult(scene.Cluster.Silos.Sum(Shed) > before), TimeSpan.FromMinutes(3), scene.Cancellation);
            await Task.Delay(TimeSpan.FromSeconds(10), scene.Cancellation);
        }

        scene.Say($"gave up activations {scene.Cluster.Silos.Sum(Shed) - before} times");
        Assert.Equal(ids, scene.Cluster.Silos.Select(silo => silo.Id));
        Assert.All(scene.Cluster.Silos, silo => Assert.True(silo.IsRunning));

        static int Shed(SiloProcess silo) => silo.Output.Split("High memory pressure detected").Length - 1;
    })
    {
        HeapOfSilos = SmallHeap,
    };

    private static Fault StoreAwayFor(TimeSpan time) => new("store away", RefusalP999, async scene =>
    {
        ServiceProcess[] all = [.. scene.Cluster.Silos, .. scene.Cluster.Gateways];
        var ids = all.Select(process => process.Id).ToArray();
        var unready = new List<string>();
        var at = scene.Load.Now;
        using (((LocalStore)scene.Cluster.Store).Hold(TimeSpan.FromSeconds(10)))
        {
            while (scene.Load.Now - at < time)
            {
                foreach (var process in all)
                {
                    if (await process.WhyUnreadyAsync(scene.Cancellation) is { } why)
                        unready.Add($"{why} after {(scene.Load.Now - at).TotalSeconds:0.0} s: {string.Join('\n', process.Output.Split('\n').TakeLast(10))}");
                }

                await Task.Delay(TimeSpan.FromSeconds(1), scene.Cancellation);
            }
        }

        Assert.Empty(unready);
        Assert.Equal(ids, all.Select(process => process.Id));
        Assert.All(all, process => Assert.True(process.IsRunning));
    })
    {
        ClientsMayBeToldToComeBack = true,
    };

    /// <summary>A process that is frozen amid a write would keep the local store's lock, as no process can keep the production store's.</summary>
    private static async Task<TimeSpan> FreezeAsync(Scene scene, SiloProcess silo)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var at = scene.Load.Now;
            Signals.Freeze(silo.Id);
            try
            {
                ((LocalStore)scene.Cluster.Store).Hold(TimeSpan.FromSeconds(1)).Dispose();
                return at;
            }
            catch (SqliteException)
            {
                Signals.Thaw(silo.Id);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), scene.Cancellation);
        }

        throw new TimeoutException("The silo was never found without the lock of the store.");
    }
}
