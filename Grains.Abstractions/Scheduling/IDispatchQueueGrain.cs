using Orleans.Concurrency;

namespace DroneDelivery.Scheduling;

/// <summary>Who waits for a drone in one area, in what order; memory only, refilled by the supervisors. Key: the area.</summary>
[Alias("DroneDelivery.Scheduling.IDispatchQueueGrain")]
public interface IDispatchQueueGrain : IGrainWithStringKey
{
    /// <summary>Puts a request in the queue, or replaces its ticket.</summary>
    [Alias("Enqueue")]
    Task Enqueue(DispatchTicket ticket);

    /// <summary>Takes a request out; nothing happens when it is not there. A hint: a drone offered to a request that does not wait is refused by it.</summary>
    [Alias("Withdraw"), OneWay]
    Task Withdraw(string deliveryId);

    /// <summary>Hint that a drone became free in or near the area.</summary>
    [Alias("DroneFreed"), OneWay]
    ValueTask DroneFreed();

    /// <summary>The tickets in the order they will be served.</summary>
    [Alias("List")]
    ValueTask<IReadOnlyList<DispatchTicket>> List();
}

/// <summary>A request that waits for a drone.</summary>
/// <param name="DeliveryId">The request.</param>
/// <param name="Pickup">Where to fetch the parcel.</param>
/// <param name="Dropoff">Where to bring it.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="Size">Size class.</param>
/// <param name="Expedited">Served first.</param>
/// <param name="Deadline">Earlier ones are served before later and none.</param>
/// <param name="AcceptedAt">Older ones are served before younger.</param>
/// <param name="WaitingSince">Since when it looks for a drone; after a bound it is served before all younger ones.</param>
/// <param name="NotBefore">When it may be served; null: at once.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Scheduling.DispatchTicket")]
public sealed record DispatchTicket(
    string DeliveryId,
    GeoPoint Pickup,
    GeoPoint Dropoff,
    double Weight,
    PackageSize Size,
    bool Expedited,
    DateTimeOffset? Deadline,
    DateTimeOffset AcceptedAt,
    DateTimeOffset WaitingSince,
    DateTimeOffset? NotBefore = null);
