using DroneDelivery.Scheduling;
using Microsoft.Extensions.Caching.Memory;

namespace DroneDelivery.Gateway.Security;

/// <summary>Remembers whose a delivery is: that never changes, so that following one costs no further call.</summary>
internal sealed class DeliveryOwners(IGrainFactory grains) : IDisposable
{
    private const int Capacity = 100_000;

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = Capacity });

    /// <summary>The owner; null when nobody has asked for such a delivery.</summary>
    public async ValueTask<string?> Find(string deliveryId)
    {
        if (_known.TryGetValue(deliveryId, out string? owner)) return owner;
        owner = (await grains.GetGrain<IDeliveryRequestGrain>(deliveryId).Get())?.Order.OwnerId;
        return owner is null ? null : _known.Set(deliveryId, owner, new MemoryCacheEntryOptions { Size = 1 });
    }

    public void Dispose() => _known.Dispose();
}
