using System.Runtime.ExceptionServices;
using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Notifications;

[GrainType("owner-notifications")]
internal sealed partial class OwnerNotificationsGrain(
    [PersistentState("owner-notifications", GrainStores.Notifications)] IPersistentState<OwnerNotificationsState> store,
    IEventChannels channels,
    IOptions<NotificationOptions> options,
    TimeProvider time,
    ILogger<OwnerNotificationsGrain> logger) : DocumentGrain<OwnerNotificationsState>(store), IOwnerNotificationsGrain
{
    // What a subscription has stored of events that another one could not yet; they come again for the other's sake.
    private const int MostTaken = 4_096;

    // How often a subscription that has been away for too long is offered an event.
    private static readonly TimeSpan AwayRetry = TimeSpan.FromSeconds(10);

    private readonly Recent<(string Subscription, string Notice), bool> _taken = new(MostTaken);
    private readonly Dictionary<string, Absence> _away = [];

    private string Id => this.GetPrimaryKeyString();

    public async Task<bool> Publish(IReadOnlyList<DeliveryNotice> notices)
    {
        if (options.Value.Log)
        {
            foreach (var notice in notices) LogEvent(notice.Id, notice.Kind, notice.DeliveryId, notice.Sequence, notice.Time);
        }

        var webhooks = Document.Webhooks.Select(id => (Subscription: SubscriptionKey.OfWebhook(Id, id), Notices: notices));
        var sinks = notices.GroupBy(notice => notice.DeliveryId).SelectMany(
            delivery => channels.SinksOf(delivery.Key), (delivery, sink) => (Subscription: sink, Notices: (IReadOnlyList<DeliveryNotice>)[.. delivery]));
        var listeners = webhooks.Concat(sinks).ToList();
        var handed = await Task.WhenAll(listeners.Select(listener => HandOver(listener.Subscription, listener.Notices)));
        if (handed.FirstOrDefault(failure => failure is not null) is not { } failure) return listeners.Count > 0;

        // They come again, for those that failed and not for the others.
        foreach (var (listener, other) in listeners.Zip(handed))
            if (other is null)
                foreach (var notice in listener.Notices) _taken.TryAdd((listener.Subscription, notice.Id), true);
        ExceptionDispatchInfo.Throw(failure);
        return true;
    }

    public async Task<CommandResult> AddWebhook(CommandId command, string webhookId, WebhookSettings settings, string secret, bool paused)
    {
        if (!Document.Webhooks.Contains(webhookId))
        {
            if (Document.Commands.Find(command) is { } known) return known; // It was removed since.
            if (Document.Commands.Refuse(command, time.GetUtcNow()) is { } full) return full;
            if (Document.Webhooks.Count >= options.Value.MaxWebhooks) return CommandResult.Conflict($"An owner has no more than {options.Value.MaxWebhooks} webhooks.");
            await Save(Document with { Webhooks = [.. Document.Webhooks, webhookId], Commands = Document.Commands.With(command, CommandResult.Created, time.GetUtcNow()) });
        }

        // Known here first: what is published from now on reaches it, and a repetition makes what a crash left out.
        return await Webhook(webhookId).Create(command, settings, secret, paused);
    }

    public async Task<CommandResult> RemoveWebhook(string webhookId, CommandId command)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Document.Webhooks.Contains(webhookId))
        {
            Note(Document with { Commands = Document.Commands.With(command, CommandResult.NotFound) }); // Or it would remove the next of that id when it comes again.
            return CommandResult.NotFound;
        }

        await Webhook(webhookId).Delete();
        await Save(Document with { Webhooks = [.. Document.Webhooks.Where(id => id != webhookId)], Commands = Document.Commands.With(command, CommandResult.Done) });
        return CommandResult.Done;
    }

    public Task Forget(string deliveryId) =>
        Task.WhenAll(channels.SinksOf(deliveryId).Select(sink => GrainFactory.GetGrain<ISubscriptionGrain>(sink).Forget(deliveryId)));

    public async Task Erase()
    {
        foreach (var id in Document.Webhooks) await Webhook(id).Delete();
        await Delete();
    }

    public ValueTask<IReadOnlyList<string>> ListWebhooks() => ValueTask.FromResult(Document.Webhooks);

    /// <summary>
    /// Has a subscription store events; gives why it cannot. One that cannot for too long must not hold up the sender and the other subscriptions: what it
    /// would not store counts as lost.
    /// </summary>
    private async Task<Exception?> HandOver(string subscription, IReadOnlyList<DeliveryNotice> notices)
    {
        IReadOnlyList<DeliveryNotice> owed = [.. notices.Where(notice => !_taken.ContainsKey((subscription, notice.Id)))];
        if (owed.Count == 0) return null;
        var absence = _away.GetValueOrDefault(subscription);
        if (absence is { IsLong: true } && absence.RetryAt > time.GetUtcNow()) return await Lose(subscription, owed.Count);
        if (absence is not null) _away[subscription] = absence with { RetryAt = time.GetUtcNow() + AwayRetry };
        try
        {
            await GrainFactory.GetGrain<ISubscriptionGrain>(subscription).Enqueue(owed);
            if (_away.Remove(subscription)) LogIsBack(subscription);
            return null;
        }
        catch (Exception failure)
        {
            var known = _away.GetValueOrDefault(subscription);
            if (known is null) LogIsAway(failure, subscription);
            var since = known?.Since ?? time.GetUtcNow();
            var isLong = time.GetUtcNow() - since >= options.Value.LoseAfter;
            _away[subscription] = new Absence(since, isLong, time.GetUtcNow() + AwayRetry);
            if (!isLong) return failure;
            if (known is not { IsLong: true }) LogLoses(failure, subscription);
        }

        return await Lose(subscription, owed.Count);
    }

    private async Task<Exception?> Lose(string subscription, int events)
    {
        try
        {
            var shard = SubscriptionShards.Of(GrainId.Create("subscription", subscription));
            await GrainFactory.GetGrain<ISubscriptionWatchGrain>(shard).Lose(subscription, events);
            return null;
        }
        catch (Exception failure)
        {
            // Not even that can be stored: the whole store is away. The sender comes again, and when the store is back nothing is lost.
            _away.Remove(subscription);
            return failure;
        }
    }

    private ISubscriptionGrain Webhook(string id) => GrainFactory.GetGrain<ISubscriptionGrain>(SubscriptionKey.OfWebhook(Id, id));

    [LoggerMessage(LogLevel.Information, "Event {EventId}: {Kind} of {DeliveryId}, number {Sequence}, at {Time:O}.")]
    private partial void LogEvent(string eventId, NoticeKind kind, string deliveryId, string sequence, DateTimeOffset time);

    [LoggerMessage(LogLevel.Warning, "Subscription {Subscription} cannot store events; they are offered again.")]
    private partial void LogIsAway(Exception failure, string subscription);

    [LoggerMessage(LogLevel.Error, "Subscription {Subscription} could not store events for too long; it loses them, which is counted.")]
    private partial void LogLoses(Exception failure, string subscription);

    [LoggerMessage(LogLevel.Information, "Subscription {Subscription} stores events again.")]
    private partial void LogIsBack(string subscription);

    /// <summary>A subscription that cannot store events.</summary>
    /// <param name="Since">Since when.</param>
    /// <param name="IsLong">Whether for so long that its events are lost.</param>
    /// <param name="RetryAt">When it is offered one again.</param>
    private sealed record Absence(DateTimeOffset Since, bool IsLong, DateTimeOffset RetryAt);
}

/// <summary>Stored form of an owner's notifications.</summary>
internal sealed record OwnerNotificationsState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Ids of the owner's webhooks; one whose making was cut short may be among them.</summary>
    public IReadOnlyList<string> Webhooks { get; init; } = [];

    public CommandLog Commands { get; init; } = new();
}
