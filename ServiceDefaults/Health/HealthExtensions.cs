using DroneDelivery.Hosting;
using DroneDelivery.Startup;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace DroneDelivery.Health;

/// <summary>
/// The three probes: <c>/health/startup</c> (the process answers), <c>/health/live</c> (it makes progress; asks nobody else, so that the
/// loss of a dependency restarts nothing) and <c>/health/ready</c> (checks tagged <see cref="ReadyTag"/> pass and it is not stopping). Beside them
/// <c>/metrics</c>, for Prometheus.
/// </summary>
public static class HealthExtensions
{
    /// <summary>Health checks with this tag decide readiness.</summary>
    public const string ReadyTag = "ready";

    private const string Path = "/health";
    private const string MetricsPath = "/metrics";
    private const string LiveTag = "live";

    private static readonly (string Path, HealthCheckOptions Options)[] Probes =
    [
        (Path + "/startup", new() { Predicate = _ => false }),
        (Path + "/live", new() { Predicate = check => check.Tags.Contains(LiveTag) }),
        (Path + "/ready", new() { Predicate = check => check.Tags.Contains(ReadyTag) }),
    ];

    /// <summary>Adds the probes, on a port of their own where <see cref="HostingOptions.HealthPort"/> names one.</summary>
    /// <exception cref="StartupException">A setting is wrong.</exception>
    internal static IServiceCollection AddHealth(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<Heartbeat>();
        services.AddHostedService(provider => provider.GetRequiredService<Heartbeat>());
        services.AddHealthChecks()
            .AddCheck<Heartbeat>("heartbeat", tags: [LiveTag])
            .AddCheck<NotStopping>("not-stopping", tags: [ReadyTag]);
        if (HostingOptions.Read(configuration).HealthPort is { } port) services.AddSingleton<IStartupFilter>(new OwnPort(port));
        return services;
    }

    /// <summary>Whether a path is one of those that only the platform asks for.</summary>
    internal static bool Serves(PathString path) => path.StartsWithSegments(Path) || path.StartsWithSegments(MetricsPath);

    /// <summary>
    /// Serves the probes beside the application's own routes, unless they have a port of their own. Metrics are for those inside alone, so that they are
    /// served here in local mode only.
    /// </summary>
    public static WebApplication MapHealthEndpoints(this WebApplication app)
    {
        if (HostingOptions.Read(app.Configuration).HealthPort is not null) return app;
        foreach (var (path, options) in Probes) app.MapHealthChecks(path, options).AllowAnonymous();
        if (HostingOptions.IsLocal(app.Configuration)) app.MapPrometheusScrapingEndpoint(MetricsPath).AllowAnonymous();
        return app;
    }

    /// <summary>In front of the whole pipeline, so that on this port nothing else can be reached. The port is that of the connection: a Host header proves nothing.</summary>
    private sealed class OwnPort(int port) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.MapWhen(context => context.Connection.LocalPort == port, probes =>
            {
                foreach (var (path, options) in Probes) probes.UseHealthChecks(path, options);
                probes.UseOpenTelemetryPrometheusScrapingEndpoint(MetricsPath);
            });
            next(app);
        };
    }

    private sealed class NotStopping(IHostApplicationLifetime lifetime) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("stopping") : HealthCheckResult.Healthy());
    }
}
