using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace DroneDelivery.Notifications;

[GrainType("subscription-watch"), Reentrant]
internal sealed partial class SubscriptionWatchGrain : Grain, ISubscriptionWatchGrain, IRemindable
{
    private const string ReminderName = "watch";
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);

    private readonly IPersistentState<SubscriptionWatchState> _store;
    private readonly NotificationOptions _options;
    private readonly ILogger<SubscriptionWatchGrain> _logger;
    private readonly GroupCommit _commit;

    // Subscriptions being woken; true: somebody asked for the watch meanwhile, so the answer does not end it.
    private readonly Dictionary<string, bool> _waking = [];
    private Task? _reminder;

    public SubscriptionWatchGrain(
        [PersistentState("subscription-watch", GrainStores.Notifications)] IPersistentState<SubscriptionWatchState> store,
        IOptions<NotificationOptions> options,
        ILogger<SubscriptionWatchGrain> logger)
    {
        (_store, _options, _logger) = (store, options.Value, logger);
        _commit = new GroupCommit(Write);
    }

    private Dictionary<string, SubscriptionHealth?> Watched => _store.State.Watched;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(WakeAll, new GrainTimerCreationOptions(TimeSpan.Zero, _options.WatchInterval) { Interleave = true, KeepAlive = true });
        return Task.CompletedTask;
    }

    public async Task Watch(string subscription)
    {
        if (_waking.ContainsKey(subscription)) _waking[subscription] = true;
        Watched.TryAdd(subscription, null);
        await Remind();
        await _commit.Commit();
    }

    public async Task Report(string subscription, SubscriptionHealth health)
    {
        if (!Watched.TryGetValue(subscription, out var known) || known == health) return;
        Watched[subscription] = health;
        if (known?.Status != health.Status) await _commit.Commit();
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

    private async Task Remind()
    {
        try
        {
            await (_reminder ??= this.RegisterOrUpdateReminder(ReminderName, ReminderPeriod, ReminderPeriod));
        }
        catch
        {
            _reminder = null;
            throw;
        }
    }

    private async Task Write()
    {
        try
        {
            await _store.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle();
            throw;
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
