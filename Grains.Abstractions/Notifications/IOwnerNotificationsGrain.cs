using Orleans.Concurrency;

namespace DroneDelivery.Notifications;

/// <summary>Takes in what happens to an owner's deliveries and passes it to everybody who listens; key: the owner id.</summary>
[Alias("DroneDelivery.Notifications.IOwnerNotificationsGrain")]
public interface IOwnerNotificationsGrain : IGrainWithStringKey
{
    /// <summary>
    /// Takes notices over durably, in their order; returns once every listener has stored them, so that the sender may forget them, or has failed to for
    /// so long that they count as lost. A repetition has the ids of the first time.
    /// </summary>
    /// <returns>Whether anybody listens.</returns>
    [Alias("Publish"), AlwaysInterleave]
    Task<bool> Publish(IReadOnlyList<DeliveryNotice> notices);

    /// <summary>Makes a webhook, which may be paused from the beginning: Created, Exists, or Conflict when the owner has too many.</summary>
    [Alias("AddWebhook")]
    Task<CommandResult> AddWebhook(CommandId command, string webhookId, WebhookSettings settings, string secret, bool paused = false);

    /// <summary>Forgets a webhook and what waits for it: Done, NotFound.</summary>
    [Alias("RemoveWebhook")]
    Task<CommandResult> RemoveWebhook(string webhookId, CommandId command = default);

    /// <summary>Forgets what waits to be told of a delivery to sinks of the whole system.</summary>
    [Alias("Forget")]
    Task Forget(string deliveryId);

    /// <summary>Forgets the owner's webhooks and what waits for them.</summary>
    [Alias("Erase")]
    Task Erase();

    /// <summary>Ids of the owner's webhooks, oldest first; one whose making was cut short may be among them.</summary>
    [Alias("ListWebhooks"), AlwaysInterleave]
    ValueTask<IReadOnlyList<string>> ListWebhooks();
}
