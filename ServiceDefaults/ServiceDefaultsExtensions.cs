using DroneDelivery.Health;
using Microsoft.Extensions.DependencyInjection;
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
    // Activity source and meter of the providers on Azure Cosmos DB.
    private const string CosmosProviders = "Orleans.Providers.Cosmos";

    /// <summary>Adds OpenTelemetry, health checks and single-line console logs. Metrics are served to Prometheus beside the probes; telemetry is sent only when OTEL_EXPORTER_OTLP_ENDPOINT is set.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
        });

        // Orleans runs a pipeline of Polly for every placement, and Polly tells of each.
        builder.Logging.AddFilter("Polly", LogLevel.Warning);

        var telemetry = builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing
                .AddSource(ActivitySources.AllActivitySourceName)
                .AddSource("DroneDelivery.*", CosmosProviders)
                .AddAspNetCoreInstrumentation(http => http.Filter = context => !HealthExtensions.Serves(context.Request.Path))
                .AddHttpClientInstrumentation())
            .WithMetrics(metrics => metrics
                .AddMeter("Microsoft.Orleans", "DroneDelivery.*", CosmosProviders)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddPrometheusExporter());
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) telemetry.UseOtlpExporter();

        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHealth(builder.Configuration);
        return builder;
    }
}
