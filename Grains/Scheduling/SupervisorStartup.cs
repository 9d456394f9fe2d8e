using Microsoft.Extensions.Logging;

namespace DroneDelivery.Scheduling;

/// <summary>
/// Keeps the supervisor shards alive, so that what a dead silo left goes on within seconds and not at the next reminder. Each silo sees to its share of them, by its place
/// among the active ones: together they call each shard once in a period, however many they are. Ends with the silo.
/// </summary>
internal sealed partial class SupervisorStartup(IGrainFactory grains, ISiloStatusOracle silos, TimeProvider time, ILogger<SupervisorStartup> logger)
    : ILifecycleParticipant<ISiloLifecycle>
{
    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private Task _waking = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(SupervisorStartup), ServiceLifecycleStage.Active, Start, Stop);

    private async Task Start(CancellationToken cancellationToken)
    {
        await WakeShare();
        _waking = KeepAwake();
    }

    private async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _waking.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task KeepAwake()
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(_stopping.Token)) await WakeShare();
    }

    private async Task WakeShare()
    {
        try
        {
            var active = silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Order().ToList();
            var place = active.IndexOf(silos.SiloAddress);
            if (place < 0) return;
            await Task.WhenAll(Enumerable.Range(0, SupervisorShards.Count).Where(shard => shard % active.Count == place).Select(shard => grains.GetGrain<ISupervisorGrain>(shard).Wake()));
        }
        catch (Exception failure)
        {
            LogWakeFailed(failure); // The next period, or the reminders within a minute.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Not all supervisor shards could be woken; trying again.")]
    private partial void LogWakeFailed(Exception failure);
}
