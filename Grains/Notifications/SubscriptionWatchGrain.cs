using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace DroneDelivery.Notifications;

[GrainType("subscription-watch"), Reentrant]
internal sealed partial class SubscriptionWatchGrain(
    [PersistentState("subscription-watch", GrainStores.Notifications)] IPersistentState<SubscriptionWatchState> store,
    IOptions<NotificationOptions> options,
    ILogger<SubscriptionWatchGrain> logger) : GroupCommitGrain<SubscriptionWatchState>(store), ISubscriptionWatchGrain, IRemindable
{
    private const string ReminderName = "watch";

    // Subscriptions being woken; true: somebody asked for the watch meanwhile, so the answer does not end it.
    private readonly Dictionary<string, bool> _waking = [];

    private Dictionary<string, SubscriptionHealth?> Watched => State.Watched;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(WakeAll, new GrainTimerCreationOptions(TimeSpan.Zero, options.Value.WatchInterval) { Interleave = true, KeepAlive = true });
        return Task.CompletedTask;
    }

    public async Task Watch(string subscription)
    {
        if (_waking.ContainsKey(subscription)) _waking[subscription] = true;
        Watched.TryAdd(subscription, null);
        await Remind(ReminderName);
        await Commit();
    }

    public async Task Forget(string subscription)
    {
        if (Watched.Remove(subscription)) await Commit();
    }

    public async Task Report(string subscription, SubscriptionHealth health)
    {
        if (!Watched.TryGetValue(subscription, out var known) || known == health) return;
        Watched[subscription] = health;
        if (known?.Status != health.Status) await Commit();
    }

    public Task Wake() => Task.CompletedTask;

    public ValueTask<IReadOnlyList<SubscriptionHealth>> List() =>
        ValueTask.FromResult<IReadOnlyList<SubscriptionHealth>>([.. Watched.Values.OfType<SubscriptionHealth>()]);

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    private Task WakeAll(CancellationToken cancellationToken)
    {
        foreach (var subscription in Watched.Keys.Where(key => !_waking.ContainsKey(key)).ToList()) _ = WakeOne(subscription);
        return Task.CompletedTask;
    }

    private async Task WakeOne(string subscription)
    {
        _waking.Add(subscription, false);
        try
        {
            var health = await GrainFactory.GetGrain<ISubscriptionGrain>(subscription).Wake();
            if (health is not null) await Report(subscription, health);
            else if (!_waking[subscription]) Watched.Remove(subscription); // Stored with the shard's next write.
        }
        catch (Exception failure)
        {
            LogWakeFailed(failure, subscription);
        }
        finally
        {
            _waking.Remove(subscription);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Subscription {Subscription} could not be woken; trying again.")]
    private partial void LogWakeFailed(Exception failure, string subscription);
}

/// <summary>Stored form of a shard.</summary>
internal sealed record SubscriptionWatchState
{
    /// <summary>Subscriptions looked after, and how each was when last heard.</summary>
    public Dictionary<string, SubscriptionHealth?> Watched { get; init; } = [];
}
