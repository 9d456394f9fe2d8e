using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Hosting;

/// <summary>How the gateway leaves; section <c>Drain</c>.</summary>
internal sealed class DrainOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Drain";

    /// <summary>How long the gateway goes on serving after it was asked to stop, unready, so that load balancers turn away first.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan Grace { get; set; } = TimeSpan.Zero;
}

/// <summary>
/// On shutdown: first unready, answers close their connections, then, after the grace, Kestrel stops.
/// A readiness probe alone loses the requests that are sent before the load balancer has noticed.
/// </summary>
internal sealed partial class Drain(IOptions<DrainOptions> options, TimeProvider time, ILogger<Drain> logger) : IHostedLifecycleService
{
    private volatile bool _draining;

    /// <summary>Whether the gateway is about to stop.</summary>
    public bool IsDraining => _draining;

    /// <summary>Middleware that asks clients to open their next connection elsewhere.</summary>
    public Task CloseConnections(HttpContext context, RequestDelegate next)
    {
        // HTTP/2 knows no such header; Kestrel sends GOAWAY by itself.
        if (_draining && HttpProtocol.IsHttp11(context.Request.Protocol)) context.Response.Headers.Connection = "close";
        return next(context);
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        var grace = options.Value.Grace;
        if (grace <= TimeSpan.Zero) return;

        LogDraining(logger, grace.TotalSeconds);
        await Task.Delay(grace, time, cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "Draining for {Seconds} s before the server stops")]
    private static partial void LogDraining(ILogger logger, double seconds);
}
