using Microsoft.Extensions.Logging;

namespace DroneDelivery.Scheduling;

/// <summary>
/// Brings every supervisor shard to life when a silo starts, so that what a dead silo left goes on at once and not at the next reminder.
/// </summary>
internal sealed partial class SupervisorStartup(IGrainFactory grains, ILogger<SupervisorStartup> logger) : IStartupTask
{
    public async Task Execute(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, SupervisorShards.Count).Select(shard => grains.GetGrain<ISupervisorGrain>(shard).Wake()));
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogWakeFailed(failure); // The reminders do it within a minute.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Not all supervisor shards could be woken at start; their reminders will.")]
    private partial void LogWakeFailed(Exception failure);
}
