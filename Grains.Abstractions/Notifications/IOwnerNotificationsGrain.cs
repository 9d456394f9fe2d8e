namespace DroneDelivery.Notifications;

/// <summary>Takes in what happens to an owner's deliveries and passes it to everybody who listens; key: the owner id.</summary>
[Alias("DroneDelivery.Notifications.IOwnerNotificationsGrain")]
public interface IOwnerNotificationsGrain : IGrainWithStringKey
{
    /// <summary>
    /// Takes notices over durably, in their order; returns once every listener has stored them, so that the sender may forget them. A
    /// repetition has the ids of the first time.
    /// </summary>
    /// <returns>Whether anybody listens.</returns>
    [Alias("Publish")]
    Task<bool> Publish(IReadOnlyList<DeliveryNotice> notices);
}
