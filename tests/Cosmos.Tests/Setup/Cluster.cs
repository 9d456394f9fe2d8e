using System.Net;
using System.Net.Sockets;
using DroneDelivery.Cosmos.Account;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Persistence.Cosmos;
using Orleans.Providers.Cosmos;

namespace DroneDelivery.Cosmos.Setup;

/// <summary>Silos and clients as their own hosts in this process, on one account.</summary>
internal sealed class Cluster(TestAccount account, Action<CosmosOptions>? configure = null) : IAsyncDisposable
{
    private readonly string _clusterId = $"cluster-{Guid.NewGuid():N}";
    private readonly List<IHost> _hosts = [];

    public async Task<IHost> StartSiloAsync(CancellationToken cancellationToken)
    {
        var builder = Builder();
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(Configure);
            silo.ConfigureEndpoints(IPAddress.Loopback, FreePort(), FreePort(), listenOnAnyHostAddress: false);
            silo.UseCosmosClustering(Configure);
            silo.UseCosmosReminderService(Configure);
            silo.AddCosmosGrainStorage("counters", options =>
            {
                Configure((CosmosOptions)options);
                options.ContainerName = "counters";
                options.Partitioning = CosmosPartitioning.Grain;
            });
        });
        return await StartAsync(builder, cancellationToken);
    }

    public async Task<IClusterClient> StartClientAsync(CancellationToken cancellationToken)
    {
        var builder = Builder();
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(Configure);
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
            client.UseCosmosClustering(Configure);
            // A gateway list that is set up wrongly is retried like a silo that is not there yet, unless the filter tells them apart.
            client.UseConnectionRetryFilter(async (fault, token) =>
            {
                await Task.Delay(100, token);
                return fault is not OrleansConfigurationException;
            });
        });
        return (await StartAsync(builder, cancellationToken)).Services.GetRequiredService<IClusterClient>();
    }

    public async Task StopAsync(IHost host)
    {
        _hosts.Remove(host);
        await host.StopAsync(CancellationToken.None);
        await DisposeAsync(host);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in Enumerable.Reverse(_hosts).ToList()) await StopAsync(host);
    }

    private static HostApplicationBuilder Builder()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        return builder;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task DisposeAsync(IHost host)
    {
        if (host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else host.Dispose();
    }

    private void Configure(CosmosOptions options)
    {
        account.Configure(options);
        configure?.Invoke(options);
    }

    private void Configure(ClusterOptions options) => (options.ClusterId, options.ServiceId) = (_clusterId, "service");

    private async Task<IHost> StartAsync(HostApplicationBuilder builder, CancellationToken cancellationToken)
    {
        var host = builder.Build();
        try
        {
            await host.StartAsync(cancellationToken);
        }
        catch
        {
            await DisposeAsync(host);
            throw;
        }

        _hosts.Add(host);
        return host;
    }
}
