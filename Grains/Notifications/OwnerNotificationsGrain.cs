using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Notifications;

[GrainType("owner-notifications")]
internal sealed partial class OwnerNotificationsGrain(
    [PersistentState("owner-notifications", GrainStores.Notifications)] IPersistentState<OwnerNotificationsState> store,
    IEventChannels channels,
    IOptions<NotificationOptions> options,
    ILogger<OwnerNotificationsGrain> logger) : DocumentGrain<OwnerNotificationsState>(store), IOwnerNotificationsGrain
{
    private string Id => this.GetPrimaryKeyString();

    public async Task<bool> Publish(IReadOnlyList<DeliveryNotice> notices)
    {
        if (options.Value.Log)
        {
            foreach (var notice in notices) LogEvent(notice.Id, notice.Kind, notice.DeliveryId, notice.Sequence, notice.Time);
        }

        var webhooks = Document.Webhooks.Select(id => Webhook(id).Enqueue(notices));
        var sinks = notices.GroupBy(notice => notice.DeliveryId).SelectMany(
            delivery => channels.SinksOf(delivery.Key), (delivery, sink) => GrainFactory.GetGrain<ISubscriptionGrain>(sink).Enqueue([.. delivery]));
        Task[] all = [.. webhooks, .. sinks];
        await Task.WhenAll(all);
        return all.Length > 0;
    }

    public async Task<CommandResult> AddWebhook(CommandId command, string webhookId, WebhookSettings settings, string secret, bool paused)
    {
        if (!Document.Webhooks.Contains(webhookId))
        {
            if (Document.Webhooks.Count >= options.Value.MaxWebhooks) return CommandResult.Conflict($"An owner has no more than {options.Value.MaxWebhooks} webhooks.");
            await Save(Document with { Webhooks = [.. Document.Webhooks, webhookId] });
        }

        // Known here first: what is published from now on reaches it, and a repetition makes what a crash left out.
        return await Webhook(webhookId).Create(command, settings, secret, paused);
    }

    public async Task<CommandResult> RemoveWebhook(string webhookId)
    {
        if (!Document.Webhooks.Contains(webhookId)) return CommandResult.NotFound;
        await Webhook(webhookId).Delete();
        await Save(Document with { Webhooks = [.. Document.Webhooks.Where(id => id != webhookId)] });
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

    private ISubscriptionGrain Webhook(string id) => GrainFactory.GetGrain<ISubscriptionGrain>(SubscriptionKey.OfWebhook(Id, id));

    [LoggerMessage(LogLevel.Information, "Event {EventId}: {Kind} of {DeliveryId}, number {Sequence}, at {Time:O}.")]
    private partial void LogEvent(string eventId, NoticeKind kind, string deliveryId, string sequence, DateTimeOffset time);
}

/// <summary>Stored form of an owner's notifications.</summary>
internal sealed record OwnerNotificationsState
{
    /// <summary>Ids of the owner's webhooks; one whose making was cut short may be among them.</summary>
    public IReadOnlyList<string> Webhooks { get; init; } = [];
}
