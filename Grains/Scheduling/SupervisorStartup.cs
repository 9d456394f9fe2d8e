using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Scheduling;

/// <summary>
/// Brings every supervisor shard to life when a silo starts, so that what a dead silo left goes on at once and not at the next reminder.
/// </summary>
internal sealed partial class SupervisorStartup(IGrainFactory grains, IHostApplicationLifetime lifetime, ILogger<SupervisorStartup> logger) : IStartupTask
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    public async Task Execute(CancellationToken cancellationToken)
    {
        await WakeAll();
        _ = KeepAwake();
    }

    // A shard that died with another silo must not wait for its reminder.
    private async Task KeepAwake()
    {
        using var timer = new PeriodicTimer(Period);
        while (!lifetime.ApplicationStopping.IsCancellationRequested && await timer.WaitForNextTickAsync()) await WakeAll();
    }

    private async Task WakeAll()
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, SupervisorShards.Count).Select(shard => grains.GetGrain<ISupervisorGrain>(shard).Wake()));
        }
        catch (Exception failure)
        {
            LogWakeFailed(failure); // The reminders do it within a minute.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Not all supervisor shards could be woken at start; their reminders will.")]
    private partial void LogWakeFailed(Exception failure);
}
