using System.Net;
using DroneDelivery.Startup;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Orleans.Diagnostics;

namespace DroneDelivery;

/// <summary>What both executables share: telemetry, health, logging.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Health checks with this tag decide readiness.</summary>
    public const string ReadyTag = "ready";

    private const string HealthPath = "/health";

    /// <summary>Adds OpenTelemetry, health checks and single-line console logs. Telemetry is exported only when OTEL_EXPORTER_OTLP_ENDPOINT is set.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
        });

        var telemetry = builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing
                .AddSource(ActivitySources.AllActivitySourceName)
                .AddSource("DroneDelivery.*")
                .AddAspNetCoreInstrumentation(http => http.Filter = context => !context.Request.Path.StartsWithSegments(HealthPath))
                .AddHttpClientInstrumentation())
            .WithMetrics(metrics => metrics
                .AddMeter("Microsoft.Orleans", "DroneDelivery.*")
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation());
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) telemetry.UseOtlpExporter();

        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHealthChecks().AddCheck<NotStopping>("not-stopping", tags: [ReadyTag]);
        return builder;
    }

    /// <summary>
    /// Local mode has no authentication, so it listens on loopback only: <paramref name="defaultPort"/> unless <c>urls</c> says otherwise.
    /// </summary>
    /// <exception cref="StartupException">An address of <c>urls</c> is not one of this machine's loopback.</exception>
    public static WebApplicationBuilder ListenOnLoopback(this WebApplicationBuilder builder, int defaultPort)
    {
        var urls = builder.Configuration["urls"];
        if (string.IsNullOrWhiteSpace(urls))
        {
            builder.WebHost.UseUrls($"http://127.0.0.1:{defaultPort}");
            return builder;
        }

        foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                throw new StartupException($"The address '{url}' in ASPNETCORE_URLS or --urls cannot be read; write it like http://127.0.0.1:{defaultPort}.");
            if (!uri.IsLoopback && !(IPAddress.TryParse(uri.Host, out var address) && IPAddress.IsLoopback(address)))
                throw new StartupException($"Local mode has no authentication and listens on loopback only, so '{url}' is refused; use http://127.0.0.1:{uri.Port} or another storage provider.");
        }

        return builder;
    }

    /// <summary>
    /// Maps <c>/health/live</c> (the process answers), <c>/health/startup</c> (it has started) and <c>/health/ready</c> (checks tagged
    /// <see cref="ReadyTag"/> pass and it is not stopping).
    /// </summary>
    public static TEndpoints MapHealthEndpoints<TEndpoints>(this TEndpoints endpoints) where TEndpoints : IEndpointRouteBuilder
    {
        endpoints.MapHealthChecks(HealthPath + "/live", new HealthCheckOptions { Predicate = _ => false });
        endpoints.MapHealthChecks(HealthPath + "/startup", new HealthCheckOptions { Predicate = _ => false });
        endpoints.MapHealthChecks(HealthPath + "/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(ReadyTag) });
        return endpoints;
    }

    private sealed class NotStopping(IHostApplicationLifetime lifetime) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("stopping") : HealthCheckResult.Healthy());
    }
}
