using DroneDelivery.Queries;

namespace DroneDelivery.Simulation;

/// <summary>The delivery index of a simulated cluster: as with a store, a row takes effect and its answer arrives later, or either fails.</summary>
internal sealed class SimulatedIndex(SimulatedCluster cluster) : IDeliveryIndex
{
    private readonly Dictionary<string, DeliveryIndexEntry> _rows = [];

    /// <summary>Whether every call fails.</summary>
    public bool Away { get; set; }

    public DeliveryIndexEntry? Find(string deliveryId) => _rows.GetValueOrDefault(deliveryId);

    public Task Upsert(DeliveryIndexEntry entry, CancellationToken cancellationToken = default)
    {
        var pending = new SimulatedStores.PendingWrite { FailsBefore = Away };
        var done = new TaskCompletionSource();
        cluster.Stores.Pending.Add(pending);
        cluster.Events.Add(new($"row of {entry.DeliveryId}", null, () =>
        {
            cluster.Stores.Pending.Remove(pending);
            if (!pending.FailsBefore && !(_rows.GetValueOrDefault(entry.DeliveryId)?.Version >= entry.Version)) _rows[entry.DeliveryId] = entry;
            cluster.Events.Add(new($"answer of the index for {entry.DeliveryId}", null, () =>
            {
                if (pending.FailsBefore || pending.FailsAfter) done.SetException(new IOException("The index is away."));
                else done.SetResult();
            }));
        }));
        return done.Task;
    }

    public IEnumerable<DeliveryIndexEntry> Rows => _rows.Values;

    public Task Delete(string ownerId, string deliveryId, CancellationToken cancellationToken = default)
    {
        var done = new TaskCompletionSource();
        cluster.Events.Add(new($"deletion of the row of {deliveryId}", null, () =>
        {
            if (!Away && _rows.GetValueOrDefault(deliveryId)?.OwnerId == ownerId) _rows.Remove(deliveryId);
            cluster.Events.Add(new($"answer of the index for {deliveryId}", null, () =>
            {
                if (Away) done.SetException(new IOException("The index is away."));
                else done.SetResult();
            }));
        }));
        return done.Task;
    }

    public Task<DeliveryIndexPage> Query(DeliveryIndexQuery query, CancellationToken cancellationToken = default) =>
        Away ? throw new IOException("The index is away.") : Task.FromResult(DeliveryIndexPage.Of(
        [
            .. _rows.Values
                .Where(row => query.OwnerId is not { } owner || row.OwnerId == owner)
                .Where(row => !(row.ChangedAt < query.From) && !(row.ChangedAt >= query.To))
                .OrderByDescending(row => row.ChangedAt).ThenByDescending(row => row.DeliveryId, StringComparer.Ordinal)
                .Where(row => query.After is not { } after || row.ChangedAt < after.ChangedAt || (row.ChangedAt == after.ChangedAt && string.CompareOrdinal(row.DeliveryId, after.DeliveryId) < 0))
                .Take(query.Limit + 1),
        ],
        query.Limit));
}
