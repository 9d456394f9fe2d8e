namespace DroneDelivery.Faults;

/// <summary>What happens to the network between the hosts of a cluster.</summary>
internal static class NetworkFaults
{
    private static readonly TimeSpan CutTime = TimeSpan.FromSeconds(40);

    /// <summary>
    /// A second more than <see cref="ProcessFaults.SilenceP999"/>: here each grain that moves is read over HTTP, from a simulator that shares the processors with all silos.
    /// </summary>
    private static readonly TimeSpan CutP999 = TimeSpan.FromSeconds(5);

    /// <summary>The silo with the most keys hears nothing and is not heard for 40 s, neither by the others nor by the store.</summary>
    public static Fault SiloCutOff(NetworkHosts hosts) => new("silo cut off", CutP999, async scene =>
    {
        var victim = await scene.Cluster.BusiestSiloAsync(scene.Cancellation);
        var host = scene.Cluster.Silos.ToList().IndexOf(victim);
        var at = scene.Load.Now;
        await hosts.CutAsync(host);
        try
        {
            await scene.UntilEvictedAsync(victim);
            await Task.Delay(CutTime - (scene.Load.Now - at), scene.Cancellation);
        }
        finally
        {
            await hosts.MendAsync(host);
        }

        // It learns that it was given up and ends by itself.
        await victim.ExitCodeAsync();
    });
}
