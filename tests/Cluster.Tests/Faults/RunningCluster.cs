using DroneDelivery.Processes;
using DroneDelivery.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace DroneDelivery.Faults;

/// <summary>Three silos, two gateways, an ingress before them and a fleet, all as processes of their own on one store.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    private const int Active = 3;
    private const string Id = "drone-delivery";

    /// <summary>Five processes that start at once need longer than one.</summary>
    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();
    private Ingress? _ingress;
    private FleetProcess? _fleet;

    private RunningCluster()
    {
        Silos = [.. Enumerable.Range(0, 3).Select(_ => new SiloProcess(_folder.Store))];
        Gateways = [.. Enumerable.Range(0, 2).Select(_ => new GatewayProcess(_folder.Store))];

        foreach (var process in Silos.Concat<ServiceProcess>(Gateways)) process.Environment["Logging__LogLevel__Default"] = "Warning";

        // As in a cluster: long enough for the ingress to see that a gateway is about to go.
        foreach (var gateway in Gateways) gateway.Environment["Drain__Grace"] = "00:00:04";
    }

    public IReadOnlyList<SiloProcess> Silos { get; }

    public IReadOnlyList<GatewayProcess> Gateways { get; }

    public Uri Address => _ingress!.Address;

    public string Store => _folder.Store;

    public static async Task<RunningCluster> StartAsync(CancellationToken cancellationToken)
    {
        var cluster = new RunningCluster();
        try
        {
            await cluster.MakeWholeAsync(cancellationToken);
            cluster._ingress = await Ingress.StartAsync(Ports.Free(1)[0], [.. cluster.Gateways.Select(gateway => gateway.Address)]);
            cluster._fleet = new FleetProcess(cluster.Address, "--drones", "10", "--interval", "1", "--speed", "60", "--seed", "1", "--state", cluster._folder.File("fleet.json"));
            cluster._fleet.Start();
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
        await Eventually.HoldsAsync("all silos and gateways are ready", async () =>
        {
            foreach (var process in all.Where(process => !process.IsRunning)) process.Start();
            var ready = await Task.WhenAll(all.Select(process => process.IsReadyAsync(cancellationToken)));
            return ready.All(answer => answer);
        }, ReadyDeadline, cancellationToken);
    }

    /// <summary>The silo with the most activations of our grains: the one whose loss hurts.</summary>
    public async Task<SiloProcess> BusiestSiloAsync(CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("Storage:Sqlite:Path", Store)]);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (Id, Id));
            client.UseConfiguredStorage();
        });
        using var host = builder.Build();
        await host.StartAsync(cancellationToken);
        var statistics = await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics(cancellationToken);
        var busiest = statistics
            .Where(entry => entry.GrainType.StartsWith("DroneDelivery.", StringComparison.Ordinal))
            .GroupBy(entry => entry.SiloAddress.Endpoint.Port)
            .MaxBy(silo => silo.Sum(entry => entry.ActivationCount))!;
        await host.StopAsync(cancellationToken);
        return Silos.Single(silo => silo.SiloPort == busiest.Key);
    }

    /// <summary>Whether the cluster counts the silo as a member.</summary>
    public bool IsMember(SiloProcess silo) => Ask<long>("SELECT COUNT(*) FROM OrleansMembershipTable WHERE Status = @number1 AND Port = @number2", Active, silo.SiloPort) > 0;

    /// <summary>How many requests for deliveries the store holds.</summary>
    public long StoredRequests() => Ask<long>("SELECT COUNT(*) FROM OrleansStorage WHERE GrainTypeString LIKE '%request' AND PayloadBinary IS NOT NULL");

    /// <summary>What the gateways logged as errors, each kind once.</summary>
    public IEnumerable<string> GatewayErrors() => Gateways
        .SelectMany(gateway => gateway.Output.Split('\n'))
        .Where(line => line.Contains(" fail: ", StringComparison.Ordinal))
        .Select(line => line[(line.IndexOf(" fail: ", StringComparison.Ordinal) + 1)..])
        .DistinctBy(line => line[..Math.Min(300, line.Length)])
        .Select(line => line[..Math.Min(900, line.Length)]);

    /// <summary>Keeps every process from writing, as long as the result lives.</summary>
    /// <exception cref="SqliteException">A process holds the store and does not let go.</exception>
    public IDisposable HoldStore(TimeSpan patience)
    {
        var connection = new SqliteConnection($"Data Source={Store};Mode=ReadWrite;Pooling=False;Default Timeout={Math.Max(1, (int)patience.TotalSeconds)}");
        try
        {
            connection.Open();
            using var begin = connection.CreateCommand();
            begin.CommandText = "BEGIN IMMEDIATE";
            begin.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_fleet is not null) await _fleet.DisposeAsync();
        foreach (var gateway in Gateways) await gateway.DisposeAsync();
        foreach (var silo in Silos) await silo.DisposeAsync();
        if (_ingress is not null) await _ingress.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    private T Ask<T>(string sql, params int[] numbers)
    {
        using var connection = new SqliteConnection($"Data Source={Store};Mode=ReadWrite;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var number = 0; number < numbers.Length; number++) command.Parameters.AddWithValue($"@number{number + 1}", numbers[number]);
        return (T)command.ExecuteScalar()!;
    }
}
