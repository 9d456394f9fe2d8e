using DroneDelivery.Gateway.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DroneDelivery.Gateway.Cluster;

/// <summary>Ready while a silo is connected and the gateway is not draining.</summary>
internal sealed class ClusterHealthCheck(ClusterConnection cluster, Drain drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            drain.IsDraining ? HealthCheckResult.Unhealthy("Draining.")
            : !cluster.IsConnected ? HealthCheckResult.Unhealthy("No silo is connected.")
            : HealthCheckResult.Healthy());
}
