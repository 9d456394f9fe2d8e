using DroneDelivery.Gateway.Hosting;
using DroneDelivery.Health;
using DroneDelivery.Storage;
using DroneDelivery.Tls;
using Orleans.Configuration;
using Orleans.Dashboard;

namespace DroneDelivery.Gateway.Cluster;

/// <summary>The Orleans client of the gateway.</summary>
internal static class ClusterClientSetup
{
    private const string DefaultId = "drone-delivery";
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Adds the client: it may start before the silos, notices lost and new ones within seconds, repeats calls that failed for
    /// a passing reason, and decides readiness.
    /// </summary>
    public static WebApplicationBuilder AddClusterClient(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidated<GrainCallRetryOptions>(GrainCallRetryOptions.Section);
        builder.Services.AddSingleton<ClusterConnection>();
        builder.Services.AddSingleton<ILifecycleParticipant<IClusterClientLifecycle>>(services => services.GetRequiredService<ClusterConnection>());
        builder.Services.AddHealthChecks().AddCheck<ClusterHealthCheck>("cluster", tags: [HealthExtensions.ReadyTag]);

        builder.UseOrleansClient(client =>
        {
            var names = client.Configuration.GetSection("Orleans");
            client.Configure<ClusterOptions>(options =>
            {
                options.ClusterId = names["ClusterId"]?.Trim() is { Length: > 0 } cluster ? cluster : DefaultId;
                options.ServiceId = names["ServiceId"]?.Trim() is { Length: > 0 } service ? service : DefaultId;
            });

            // Until it reads that a silo was given up, it sends a share of its calls there, and each waits out its time-out.
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = TimeSpan.FromSeconds(0.5));
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(5));
            client.Configure<ConnectionOptions>(options => options.OpenConnectionTimeout = TimeSpan.FromSeconds(2));

            // Besides grain types this poll brings back a lost connection while nobody calls, as when readiness keeps callers away.
            client.Configure<TypeManagementOptions>(options => options.TypeMapRefreshInterval = TimeSpan.FromSeconds(5));
            client.UseConnectionRetryFilter(async (failure, cancellationToken) =>
            {
                // Waiting mends no wrong setting: the process stops with what the exception says.
                if (failure is OrleansConfigurationException) return false;
                await Task.Delay(RetryPause, cancellationToken);
                return true;
            });
            client.AddGatewayCountChangedHandler(services =>
            {
                var connection = services.GetRequiredService<ClusterConnection>();
                return (_, change) => connection.CountChanged(change.NumberOfConnectedGateways);
            });

            // Outside the filter that starts an activity, so that a trace shows each attempt.
            client.AddOutgoingGrainCallFilter<GrainCallRetry>();
            client.AddActivityPropagation();
            client.AddDashboard();
            client.UseMutualTls();
            client.UseConfiguredStorage();
        });
        return builder;
    }
}
