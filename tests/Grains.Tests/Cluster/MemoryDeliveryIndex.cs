using System.Collections.Concurrent;
using DroneDelivery.Queries;

namespace DroneDelivery.Cluster;

/// <summary>A delivery index for tests: counts what it is asked to store, and can be away.</summary>
internal sealed class MemoryDeliveryIndex : IDeliveryIndex
{
    private readonly ConcurrentDictionary<string, DeliveryIndexEntry> _rows = new();
    private readonly ConcurrentDictionary<string, int> _upserts = new();

    /// <summary>Whether every call fails.</summary>
    public bool Away { get; set; }

    public DeliveryIndexEntry? Find(string deliveryId) => _rows.GetValueOrDefault(deliveryId);

    /// <summary>How often a row of this delivery was sent, whether it was news or not.</summary>
    public int Upserts(string deliveryId) => _upserts.GetValueOrDefault(deliveryId);

    public Task Upsert(DeliveryIndexEntry entry, CancellationToken cancellationToken = default)
    {
        if (Away) throw new IOException("The index is away.");
        _upserts.AddOrUpdate(entry.DeliveryId, 1, (_, count) => count + 1);
        _rows.AddOrUpdate(entry.DeliveryId, entry, (_, known) => entry.Version > known.Version ? entry : known);
        return Task.CompletedTask;
    }

    public Task Delete(string ownerId, string deliveryId, CancellationToken cancellationToken = default)
    {
        _rows.TryRemove(deliveryId, out _);
        return Task.CompletedTask;
    }

    public Task<DeliveryIndexPage> Query(DeliveryIndexQuery query, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("No grain reads the index.");
}
