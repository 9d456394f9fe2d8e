namespace DroneDelivery.Notifications;

/// <summary>The ways out of this system, as configured.</summary>
internal sealed class EventChannels(WebhookChannel webhooks) : IEventChannels
{
    public IEventChannel Webhooks => webhooks;

    public IEventChannel? Sink(string name) => null;

    public IEnumerable<string> SinksOf(string deliveryId) => [];
}
