using Azure.Monitor.OpenTelemetry.Exporter;
using DroneDelivery.Health;
using DroneDelivery.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orleans.Diagnostics;

namespace DroneDelivery;

/// <summary>What both executables share: telemetry, health, logging.</summary>
public static class ServiceDefaultsExtensions
{
    // Activity source and meter of the providers on Azure Cosmos DB.
    private const string CosmosProviders = "Orleans.Providers.Cosmos";

    // Of the traces for Azure Monitor, which costs by what it gets.
    private const float TracesKept = 0.1f;

    /// <summary>Adds OpenTelemetry, health checks and console logs: lines in local mode, JSON elsewhere. Metrics are served to Prometheus beside the probes; telemetry is sent only where OTEL_EXPORTER_OTLP_ENDPOINT or APPLICATIONINSIGHTS_CONNECTION_STRING says.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        if (HostingOptions.IsLocal(builder.Configuration))
        {
            builder.Logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss.fff ";
                console.UseUtcTimestamp = true;
            });
        }
        else
        {
            // For machines; the scopes hold the ids of trace and span.
            builder.Logging.AddJsonConsole(console =>
            {
                console.IncludeScopes = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                console.UseUtcTimestamp = true;
            });
        }

        // Orleans runs a pipeline of Polly for every placement, and Polly tells of each.
        builder.Logging.AddFilter("Polly", LogLevel.Warning);

        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(builder.Environment.ApplicationName).AddEnvironmentVariableDetector())
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
                .AddPrometheusExporter())
            .WithLogging(null, logs => logs.IncludeFormattedMessage = logs.IncludeScopes = true);
        if (builder.Configuration["APPLICATIONINSIGHTS_CONNECTION_STRING"] is { Length: > 0 } azureMonitor)
        {
            telemetry
                .WithTracing(tracing => tracing.AddAzureMonitorTraceExporter(exporter =>
                {
                    exporter.ConnectionString = azureMonitor;
                    if (builder.Configuration["OTEL_TRACES_SAMPLER"] is { Length: > 0 }) return;

                    // By its id a trace is kept by every process or by none; a number of traces a second, the default, leaves pieces.
                    exporter.TracesPerSecond = null;
                    exporter.SamplingRatio = TracesKept;
                }))
                .WithMetrics(metrics => metrics.AddAzureMonitorMetricExporter(exporter => exporter.ConnectionString = azureMonitor))
                .WithLogging(logs => logs.AddAzureMonitorLogExporter(exporter => exporter.ConnectionString = azureMonitor));
        }

        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) telemetry.UseOtlpExporter();

        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddHealth(builder.Configuration);
        return builder;
    }
}
