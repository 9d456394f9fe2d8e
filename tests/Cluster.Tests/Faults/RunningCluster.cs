using System.Collections.Concurrent;
using System.Globalization;
using DroneDelivery.Processes;

namespace DroneDelivery.Faults;

/// <summary>Three silos, two gateways, an ingress before them and a fleet, all as processes of their own on one store, of what the images hold.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    /// <summary>The variable by which the heap of a silo is limited ...</summary>
    private const string HeapLimit = "DOTNET_GCHeapHardLimit";

    /// <summary>... as the runtime does by itself in a container of 512 MiB: 384 MiB.</summary>
    public const string Heap = "0x18000000";

    /// <summary>Five processes that start at once need longer than one.</summary>
    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();
    private Ingress? _ingress;
    private FleetProcess? _fleet;

    private RunningCluster(ClusterStore store, IReadOnlyList<SiloProcess> silos)
    {
        (Store, Silos) = (store, silos);
        Gateways = [.. Enumerable.Range(0, 2).Select(_ => new GatewayProcess(store.Settings))];
    }

    /// <summary>What they share.</summary>
    public ClusterStore Store { get; }

    public IReadOnlyList<SiloProcess> Silos { get; }

    public IReadOnlyList<GatewayProcess> Gateways { get; }

    public Uri Address => _ingress!.Address;

    /// <summary>Ids of all deliveries that were answered with 202 since the start ...</summary>
    public ConcurrentQueue<string> Accepted { get; } = new();

    /// <summary>... and of those among them that are to be fetched at once.</summary>
    public ConcurrentQueue<string> Due { get; } = new();

    /// <summary>Starts everything and warms it up.</summary>
    /// <param name="published">What runs.</param>
    /// <param name="store">What they share.</param>
    /// <param name="silos">The silos, not yet started.</param>
    /// <param name="say">Takes remarks for people.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<RunningCluster> StartAsync(
        Published published, ClusterStore store, IReadOnlyList<SiloProcess> silos, Action<string> say, CancellationToken cancellationToken)
    {
        var cluster = new RunningCluster(store, silos);
        try
        {
            await cluster.PrepareAsync(published);
            await cluster.MakeWholeAsync(cancellationToken);
            cluster._ingress = await Ingress.StartAsync(Ports.Free(1)[0], [.. cluster.Gateways.Select(gateway => gateway.Address)]);
            cluster._fleet = new FleetProcess(cluster.Address, "--drones", "20", "--interval", "1", "--speed", "60", "--seed", "1", "--state", cluster._folder.File("fleet.json"));
            cluster._fleet.Start();

            await cluster.WarmUpAsync(say, cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts whatever does not run, again as Kubernetes would, until everything is ready.</summary>
    public async Task MakeWholeAsync(CancellationToken cancellationToken)
    {
        ServiceProcess[] all = [.. Silos, .. Gateways];
        ServiceProcess[] unready = all;
        try
        {
            await Eventually.HoldsAsync("all silos and gateways are ready", async () =>
            {
                foreach (var process in all.Where(process => !process.IsRunning)) process.Start();
                var ready = await Task.WhenAll(all.Select(process => process.IsReadyAsync(cancellationToken)));
                unready = [.. all.Zip(ready).Where(pair => !pair.Second).Select(pair => pair.First)];
                return unready.Length == 0;
            }, ReadyDeadline, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}\n{string.Join("\n---\n", unready.Select(process => process.Output + process.Errors))}");
        }
    }

    /// <summary>Makes the cluster whole with silos of this heap; those of another one are started again, and warmed up.</summary>
    public async Task MakeReadyAsync(string heap, Action<string> say, CancellationToken cancellationToken)
    {
        var others = Silos.Where(silo => silo.Environment[HeapLimit] != heap).ToList();
        foreach (var silo in others)
        {
            silo.Environment[HeapLimit] = heap;
            if (silo.IsRunning) await silo.StopAsync();
        }

        await MakeWholeAsync(cancellationToken);
        if (others.Count > 0) await WarmUpAsync(say, cancellationToken);
    }

    /// <summary>Lets clients come until they are served as fast as they usually are: whatever starts cold is slow, and that is not what a fault costs.</summary>
    private async Task WarmUpAsync(Action<string> say, CancellationToken cancellationToken)
    {
        using var load = new Load(this);
        await load.StartAsync(cancellationToken);
        if (!await load.BecomesCalmAsync(cancellationToken)) say("the machine is too busy for clients to be served as fast as they usually are");
        await load.StopAsync();
        say(load.Report(TimeSpan.Zero, TimeSpan.MaxValue).Describe("warm after the start", TimeSpan.Zero));
    }

    /// <summary>The silo with the most activations of our grains: the one whose loss hurts.</summary>
    public async Task<SiloProcess> BusiestSiloAsync(CancellationToken cancellationToken)
    {
        // By what each says of itself now: the dashboard remembers silos that have gone.
        var loads = await Task.WhenAll(Silos.Select(async silo => (Silo: silo, Activations: await ActivationsAsync(silo, cancellationToken))));
        return loads.MaxBy(load => load.Activations).Silo;
    }

    private static async Task<int> ActivationsAsync(SiloProcess silo, CancellationToken cancellationToken)
    {
        const string metric = "orleans_catalog_activations{";
        var metrics = await silo.Http.GetStringAsync("/metrics", cancellationToken);
        return metrics.Split('\n').Where(line => line.StartsWith(metric, StringComparison.Ordinal) && !line.Contains("grain_type=\"sys.", StringComparison.Ordinal))
            .Sum(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>What the gateways logged as errors, each kind once.</summary>
    public IEnumerable<string> GatewayErrors() => Gateways
        .SelectMany(gateway => gateway.Output.Split('\n'))
        .Where(line => line.Contains(" fail: ", StringComparison.Ordinal) && !line.Contains("HealthCheck", StringComparison.Ordinal))
        .Select(line => line[(line.IndexOf(" fail: ", StringComparison.Ordinal) + 1)..])
        .DistinctBy(line => line[..Math.Min(300, line.Length)])
        .Select(line => line[..Math.Min(900, line.Length)]);

    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null) await _fleet.DisposeAsync();
        foreach (var gateway in Gateways) await gateway.DisposeAsync();
        foreach (var silo in Silos) await silo.DisposeAsync();
        if (_ingress is not null) await _ingress.DisposeAsync();
        _folder.Dispose();
    }

    private async Task PrepareAsync(Published published)
    {
        foreach (var process in Silos.Concat<ServiceProcess>(Gateways)) process.Environment["Logging__LogLevel__Default"] = "Warning";
        foreach (var silo in Silos)
        {
            silo.Published = await published.FolderAsync("silo");
            silo.Environment["Logging__LogLevel__Orleans.Runtime.ActivationCollector"] = "Information";
            silo.Environment[HeapLimit] = Heap;
        }

        foreach (var gateway in Gateways)
        {
            gateway.Published = await published.FolderAsync("gateway");

            // They listen on loopback, whatever the store.
            gateway.Environment["Hosting__Mode"] = "Local";

            // As in a cluster: long enough for the ingress to see that a gateway is about to go.
            gateway.Environment["Drain__Grace"] = "00:00:04";
        }
    }
}
