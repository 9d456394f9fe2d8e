using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace DroneDelivery.Health;

/// <summary>
/// Live as long as timers fire and the thread pool runs what they queue. A process in which either is stuck does nothing more, and only a
/// restart helps; whatever else may be wrong, a restart does not mend it.
/// </summary>
internal sealed class Heartbeat(TimeProvider time) : IHealthCheck, IHostedService, IDisposable
{
    /// <summary>How often it beats.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Silence for longer than this is death; far above what a busy machine needs.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private long _last = time.GetTimestamp();
    private ITimer? _timer;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Beat(null);
        _timer = time.CreateTimer(Beat, null, Period, Period);
        return Task.CompletedTask;
    }

    // It beats on until the end: a process that is stopping is alive.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var silence = time.GetElapsedTime(Volatile.Read(ref _last));
        return Task.FromResult(silence < Limit ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"Nothing has run for {silence.TotalSeconds:0} s."));
    }

    public void Dispose() => _timer?.Dispose();

    private void Beat(object? state) => Volatile.Write(ref _last, time.GetTimestamp());
}
