using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>Changes to the items of one partition key that take effect together; lives within <see cref="PhysicalPartition.Atomically"/>.</summary>
/// <param name="container">The container.</param>
/// <param name="partition">Where the key lives.</param>
/// <param name="key">The partition key.</param>
/// <param name="view">What it sees.</param>
internal sealed class PartitionTransaction(SimulatedContainer container, PhysicalPartition partition, LogicalKey key, ReadView view = default)
{
    private readonly long _position = partition.Position(view);

    // A null says that the item was deleted.
    private readonly Dictionary<string, StoredItem?> _changes = new(StringComparer.Ordinal);

    /// <summary>The container.</summary>
    public SimulatedContainer Container => container;

    /// <summary>The partition key.</summary>
    public LogicalKey Key => key;

    /// <summary>The session token of the answer.</summary>
    public string SessionToken => ReadConsistency.Token(partition, Math.Max(_position, _changes.Count > 0 ? partition.LastWrite : 0));

    /// <summary>The item as this transaction sees it; null when there is none or its time is over.</summary>
    public StoredItem? Find(string id)
    {
        var item = _changes.TryGetValue(id, out var changed) ? changed : partition.Find(key, id, _position);
        return item is not null && container.IsAlive(item) ? item : null;
    }

    /// <summary>Creates or replaces an item.</summary>
    public void Put(StoredItem item) => _changes[item.Id] = item;

    /// <summary>Deletes an item.</summary>
    public void Remove(string id) => _changes[id] = null;

    /// <summary>Makes the changes last: first written down, then seen by others.</summary>
    public void Commit()
    {
        if (_changes.Count == 0) return;
        container.Journal.ItemsChanged(container, key, _changes);
        partition.Write(key, _changes);
    }
}
