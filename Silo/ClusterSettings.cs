using System.Globalization;
using System.Net;
using System.Net.Sockets;
using DroneDelivery.Health;
using DroneDelivery.Startup;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace DroneDelivery;

/// <summary>How a silo behaves as a member of its cluster.</summary>
internal static class ClusterSettings
{
    private const string DefaultId = "drone-delivery";

    /// <summary>
    /// Names and ports from section <c>Orleans</c>; a dead member is noticed in two to three seconds, at the price of more probes;
    /// calls give up after five.
    /// </summary>
    /// <exception cref="StartupException">A port is not a port.</exception>
    public static ISiloBuilder UseClusterSettings(this ISiloBuilder silo)
    {
        var orleans = silo.Configuration.GetSection("Orleans");
        var siloPort = Port(orleans, "Endpoints:SiloPort", EndpointOptions.DEFAULT_SILO_PORT);
        var gatewayPort = Port(orleans, "Endpoints:GatewayPort", EndpointOptions.DEFAULT_GATEWAY_PORT);
        if (siloPort == gatewayPort)
            throw new StartupException($"Orleans:Endpoints:SiloPort and Orleans:Endpoints:GatewayPort are both {siloPort}; give them different ports.");

        silo.Configure<ClusterOptions>(options =>
        {
            options.ClusterId = Name(orleans, "ClusterId");
            options.ServiceId = Name(orleans, "ServiceId");
        });
        silo.Configure<EndpointOptions>(options =>
        {
            options.SiloPort = siloPort;
            options.GatewayPort = gatewayPort;
        });
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = TimeSpan.FromSeconds(1);
            options.NumMissedProbesLimit = 3;
            options.MaxProbeTimeout = TimeSpan.FromSeconds(2);
            // On, it holds back votes for up to a minute.
            options.EnableConnectionLivenessCheck = false;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        });

        // Rather fewer grains in memory than a process that is ended for the memory of all of them.
        silo.Configure<GrainCollectionOptions>(options => options.EnableActivationSheddingOnMemoryPressure = true);
        silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(5));
        silo.Configure<ConnectionOptions>(options => options.OpenConnectionTimeout = TimeSpan.FromSeconds(2));
        silo.AddActivityPropagation();

        silo.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(45));
        silo.Services.AddStartupCheck<PortsAreFree>();
        silo.Services.AddHealthChecks().AddCheck<SiloIsActive>("silo", tags: [HealthExtensions.ReadyTag]);
        return silo;
    }

    private static string Name(IConfigurationSection orleans, string key) => orleans[key]?.Trim() is { Length: > 0 } name ? name : DefaultId;

    private static int Port(IConfigurationSection orleans, string key, int defaultPort)
    {
        if (orleans[key] is not { } text) return defaultPort;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            throw new StartupException($"Orleans:{key} is '{text}'; set it to a port from 1 to 65535.");
        return port;
    }

    private sealed class PortsAreFree(IOptions<EndpointOptions> endpoints) : IStartupCheck
    {
        public Task RunAsync(CancellationToken cancellationToken)
        {
            var options = endpoints.Value;
            Check(nameof(EndpointOptions.SiloPort), options.SiloListeningEndpoint ?? new(options.AdvertisedIPAddress, options.SiloPort));
            Check(nameof(EndpointOptions.GatewayPort), options.GatewayListeningEndpoint ?? new(options.AdvertisedIPAddress, options.GatewayPort));
            return Task.CompletedTask;
        }

        private static void Check(string name, IPEndPoint endpoint)
        {
            using var listener = new TcpListener(endpoint);
            try
            {
                listener.Start();
            }
            catch (SocketException exception)
            {
                throw new StartupException($"Port {endpoint.Port} of Orleans:Endpoints:{name} is in use or may not be used; stop the program that uses it or choose another port.", exception);
            }
        }
    }

    /// <summary>Ready as long as the cluster counts this silo as active.</summary>
    private sealed class SiloIsActive(ISiloStatusOracle members) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(members.CurrentStatus is SiloStatus.Active ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"The silo is {members.CurrentStatus}."));
    }
}
