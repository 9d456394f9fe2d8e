using DroneDelivery.Notifications;

namespace DroneDelivery.Simulation;

/// <summary>
/// Receivers of events outside a simulated cluster: an event arrives and is answered later; either can fail. They remember what reached
/// them, and an event that comes again.
/// </summary>
internal sealed class SimulatedReceivers(SimulatedCluster cluster) : IEventChannels, IEventChannel
{
    /// <summary>What reached each owner, in this order, repetitions too.</summary>
    public Dictionary<string, List<DeliveryNotice>> Received { get; } = [];

    /// <summary>With which secrets each request was signed.</summary>
    public List<IReadOnlyList<string>> Signed { get; } = [];

    /// <summary>Answers instead of the receiver, when it has one.</summary>
    public Func<string, DeliveryNotice, SendResult?>? Answer { get; set; }

    /// <summary>Which webhooks cannot be reached.</summary>
    public Func<WebhookSettings, bool>? Down { get; set; }

    public int BatchSize => 1;

    public int Concurrency => 3;

    public IEventChannel Webhooks => this;

    public IEventChannel? Sink(string name) => null;

    public IEnumerable<string> SinksOf(string deliveryId) => [];

    public Task<SendResult> Send(SubscriptionState subscription, IReadOnlyList<DeliveryNotice> notices, CancellationToken cancellationToken)
    {
        var notice = notices.Single();
        Signed.Add([.. subscription.SecretsAt(cluster.Time.Now)]);
        var pending = new SimulatedStores.PendingWrite();
        var done = new TaskCompletionSource<SendResult>();
        cluster.Stores.Pending.Add(pending);
        cluster.Events.Add(new($"{notice.Kind} to {notice.OwnerId}", null, () =>
        {
            cluster.Stores.Pending.Remove(pending);
            var answer = Down?.Invoke(subscription.Settings!) == true ? SendResult.Failed("down") : Answer?.Invoke(notice.OwnerId, notice);
            if (!pending.FailsBefore && answer is not { Delivered: false })
            {
                if (!Received.TryGetValue(notice.OwnerId, out var received)) Received.Add(notice.OwnerId, received = []);
                received.Add(notice);
            }

            cluster.Events.Add(new($"answer to {notice.Kind}", null, () =>
                done.SetResult(answer ?? (pending.FailsBefore || pending.FailsAfter ? SendResult.Failed("The line broke.") : SendResult.Done))));
        }));
        return done.Task;
    }
}
