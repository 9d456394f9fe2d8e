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

    // What stands around the texts of an entry in the document, without and with how its subscription is, and with what it has lost.
    private const int Frame = 16;
    private const int HealthFrame = 320;
    private const int LossFrame = 96;

    // Subscriptions being woken; true: somebody asked for the watch meanwhile, so the answer does not end it.
    private readonly Dictionary<string, bool> _waking = [];

    // How subscriptions are whose health the document has no room for; it is heard again after a crash.
    private readonly Dictionary<string, SubscriptionHealth> _unstored = [];
    private readonly HashSet<string> _failing = [];
    private int _bytes;
    private int _healthBytes;
    private bool _isFull;

    private Dictionary<string, SubscriptionHealth?> Watched => State.Watched;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        _bytes = Watched.Keys.Sum(key => key.Length + Frame) + State.Lost.Keys.Sum(key => key.Length + LossFrame);
        _healthBytes = Watched.Values.Sum(BytesOf);
        this.RegisterGrainTimer(WakeAll, new GrainTimerCreationOptions(TimeSpan.Zero, options.Value.WatchInterval) { Interleave = true, KeepAlive = true });
    }

    public async Task Watch(string subscription)
    {
        if (_waking.ContainsKey(subscription)) _waking[subscription] = true;
        if (!TryWatch(subscription)) return; // It goes on by itself; only a crash strands it until its next event.
        await Remind(ReminderName);
        await Commit();
    }

    public async Task Forget(string subscription)
    {
        if (Drop(subscription) | Settle(subscription)) await Commit();
    }

    public async Task Lose(string subscription, long events)
    {
        if (!TryWatch(subscription)) return;
        if (!State.Lost.TryGetValue(subscription, out var known))
        {
            known = new(CommandId.New().Value, 0);
            _bytes += subscription.Length + LossFrame;
        }

        State.Lost[subscription] = known with { Events = known.Events + events };
        await Remind(ReminderName);
        await Commit();
    }

    public async Task Report(string subscription, SubscriptionHealth health)
    {
        if (!Watched.TryGetValue(subscription, out var known) || known == health) return;
        var before = known?.Status ?? _unstored.GetValueOrDefault(subscription)?.Status;
        Set(subscription, health);
        if (before != health.Status) await Commit();
    }

    public Task Wake() => Task.CompletedTask;

    public async ValueTask<IReadOnlyList<SubscriptionHealth>> List()
    {
        await Verify();
        return [.. Watched.Keys.Select(HealthOf).OfType<SubscriptionHealth>()];
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    private async Task WakeAll(CancellationToken cancellationToken)
    {
        if (Watched.Count > 0) await Verify();
        foreach (var subscription in Watched.Keys.Where(key => !_waking.ContainsKey(key)).ToList()) _ = WakeOne(subscription);
    }

    private async Task WakeOne(string subscription)
    {
        _waking.Add(subscription, false);
        try
        {
            var grain = GrainFactory.GetGrain<ISubscriptionGrain>(subscription);
            if (State.Lost.TryGetValue(subscription, out var lost))
            {
                await grain.Miss(new CommandId(lost.Command), lost.Events);
                if (Settle(subscription, lost.Events)) await Commit();
            }

            var health = await grain.Wake();
            if (_failing.Remove(subscription)) LogWoken(subscription);
            if (health is not null) await Report(subscription, health);
            else if (!_waking[subscription]) Drop(subscription); // Stored with the shard's next write.
        }
        catch (Exception failure)
        {
            if (_failing.Add(subscription)) LogWakeFailed(failure, subscription);
        }
        finally
        {
            _waking.Remove(subscription);
        }
    }

    private SubscriptionHealth? HealthOf(string subscription)
    {
        var health = Watched[subscription] ?? _unstored.GetValueOrDefault(subscription);
        if (!State.Lost.TryGetValue(subscription, out var lost)) return health;
        var (owner, id) = SubscriptionKey.Split(subscription);
        health ??= new(owner, id, SubscriptionStatus.Active, 0, null, null, null, 0, 0);
        return health with { Missed = health.Missed + lost.Events };
    }

    /// <summary>Looks after a subscription if the document has room for it.</summary>
    private bool TryWatch(string subscription)
    {
        if (Watched.ContainsKey(subscription)) return true;
        if (_bytes + subscription.Length + Frame > SubscriptionWatchState.Capacity)
        {
            if (!_isFull) LogFull(this.GetPrimaryKeyLong(), Watched.Count);
            _isFull = true;
            return false;
        }

        Watched.Add(subscription, null);
        _bytes += subscription.Length + Frame;
        _isFull = false;
        return true;
    }

    private void Set(string subscription, SubscriptionHealth health)
    {
        _healthBytes -= BytesOf(Watched[subscription]);
        var fits = _healthBytes + BytesOf(health) <= SubscriptionWatchState.HealthCapacity;
        Watched[subscription] = fits ? health : null;
        if (fits) _healthBytes += BytesOf(health);
        if (fits) _unstored.Remove(subscription);
        else _unstored[subscription] = health;
    }

    private bool Drop(string subscription)
    {
        if (!Watched.Remove(subscription, out var health)) return false;
        _bytes -= subscription.Length + Frame;
        _healthBytes -= BytesOf(health);
        _unstored.Remove(subscription);
        _failing.Remove(subscription);
        return true;
    }

    /// <summary>The subscription has counted what it lost; what it lost meanwhile comes under a new id.</summary>
    private bool Settle(string subscription, long events = long.MaxValue)
    {
        if (!State.Lost.Remove(subscription, out var known)) return false;
        if (known.Events > events) State.Lost.Add(subscription, new(CommandId.New().Value, known.Events - events));
        else _bytes -= subscription.Length + LossFrame;
        return true;
    }

    private static int BytesOf(SubscriptionHealth? health) =>
        health is null ? 0 : HealthFrame + health.OwnerId.Length + health.Id.Length + health.LastFailure.StoredBytes();

    [LoggerMessage(LogLevel.Error, "Shard {Shard} looks after {Count} subscriptions and has room for no more; after a crash others go on with their next event only.")]
    private partial void LogFull(long shard, int count);

    [LoggerMessage(LogLevel.Information, "Subscription {Subscription} answers again.")]
    private partial void LogWoken(string subscription);

    [LoggerMessage(LogLevel.Warning, "Subscription {Subscription} could not be woken; trying again.")]
    private partial void LogWakeFailed(Exception failure, string subscription);
}

/// <summary>Stored form of a shard.</summary>
internal sealed record SubscriptionWatchState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Most bytes of the subscriptions and of what they have lost.</summary>
    public const int Capacity = 550_000;

    /// <summary>Most bytes of how they are; what has no room is kept in memory, and heard again by a new activation.</summary>
    public const int HealthCapacity = 350_000;

    /// <summary>Subscriptions looked after, and how each was when last heard.</summary>
    public Dictionary<string, SubscriptionHealth?> Watched { get; init; } = [];

    /// <summary>What subscriptions have lost that could not be told of it yet.</summary>
    public Dictionary<string, LostEvents> Lost { get; init; } = [];
}

/// <summary>Events lost.</summary>
/// <param name="Command">Id of the command that tells the subscription of them.</param>
/// <param name="Events">How many.</param>
internal sealed record LostEvents(string Command, long Events)
{
    internal UnknownMembers? Unknown { get; init; }
}
