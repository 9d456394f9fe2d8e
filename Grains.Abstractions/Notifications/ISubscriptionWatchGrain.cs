using Orleans.Concurrency;

namespace DroneDelivery.Notifications;

/// <summary>
/// Knows which subscriptions of its shard have something queued or are in trouble, so that a crash strands none of them and operators
/// find them without asking all; key: shard number.
/// </summary>
[Alias("DroneDelivery.Notifications.ISubscriptionWatchGrain")]
public interface ISubscriptionWatchGrain : IGrainWithIntegerKey
{
    /// <summary>Looks after a subscription from now on; returns once that is stored. Writes of concurrent calls are grouped.</summary>
    [Alias("Watch")]
    Task Watch(string subscription);

    /// <summary>Forgets a subscription that was deleted; returns once that is stored.</summary>
    [Alias("Forget")]
    Task Forget(string subscription);

    /// <summary>Counts events that a subscription lost because it could not store them, and tells it when it can be reached; returns once that is stored.</summary>
    [Alias("Lose")]
    Task Lose(string subscription, long events);

    /// <summary>Takes in how a subscription is.</summary>
    [Alias("Report"), OneWay]
    Task Report(string subscription, SubscriptionHealth health);

    /// <summary>Brings the shard to life, so that it looks after its subscriptions.</summary>
    [Alias("Wake")]
    Task Wake();

    /// <summary>The subscriptions it looks after, as last heard.</summary>
    [Alias("List")]
    ValueTask<IReadOnlyList<SubscriptionHealth>> List();
}

/// <summary>Spreads subscriptions over shards.</summary>
public static class SubscriptionShards
{
    /// <summary>Number of shards; stored shards depend on it, so it never changes.</summary>
    public const int Count = 16;

    /// <summary>The shard of a subscription, by Orleans' uniform hash: the same in every process and version.</summary>
    public static int Of(GrainId subscription) => (int)(subscription.GetUniformHashCode() % Count);
}
