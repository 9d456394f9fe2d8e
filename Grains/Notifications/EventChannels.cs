using Microsoft.Extensions.Options;

namespace DroneDelivery.Notifications;

/// <summary>The ways out of this system, as configured.</summary>
internal sealed class EventChannels(WebhookChannel webhooks, EventGridChannel eventGrid, IOptions<NotificationOptions> options) : IEventChannels
{
    // Parts of a sink share the work; of a delivery all events are in one, so that their order stays.
    private const int Parts = 8;

    private bool HasEventGrid => options.Value.EventGrid.Endpoint is not null;

    public IEventChannel Webhooks => webhooks;

    public IEventChannel? Sink(string name) => name == EventGridChannel.Name && HasEventGrid ? eventGrid : null;

    public IEnumerable<string> SinksOf(string deliveryId) => HasEventGrid
        ? [SubscriptionKey.OfSink(EventGridChannel.Name, (int)(GrainId.Create("delivery", deliveryId).GetUniformHashCode() % Parts))]
        : [];
}
