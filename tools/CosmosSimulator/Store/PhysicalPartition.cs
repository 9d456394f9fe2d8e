using DroneDelivery.CosmosSimulator.Accounting;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>The items of a range of partition keys, with one lock and one throughput budget.</summary>
/// <param name="id">Id of its partition key range.</param>
/// <param name="minimum">Its first effective partition key.</param>
/// <param name="maximum">The first effective partition key after it.</param>
/// <param name="budget">Its throughput.</param>
/// <param name="history">Its writes.</param>
internal sealed class PhysicalPartition(string id, string minimum, string maximum, ThroughputBudget budget, ReplicaHistory history)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LogicalKey, Dictionary<string, StoredItem>> _items = [];

    /// <summary>Id of its partition key range.</summary>
    public string Id => id;

    /// <summary>Its first effective partition key.</summary>
    public string Minimum => minimum;

    /// <summary>The first effective partition key after it.</summary>
    public string Maximum => maximum;

    /// <summary>Its throughput.</summary>
    public ThroughputBudget Budget => budget;

    /// <summary>Whether a key belongs here.</summary>
    public bool Covers(string effectiveKey) =>
        string.CompareOrdinal(effectiveKey, minimum) >= 0 && string.CompareOrdinal(effectiveKey, maximum) < 0;

    /// <summary>Runs one step at a time, so that what it reads and what it writes belong together.</summary>
    public T Atomically<T>(Func<T> step)
    {
        lock (_gate) return step();
    }

    /// <summary>Number of the last write; call it in <see cref="Atomically"/>.</summary>
    public long LastWrite => history.Last;

    /// <summary>The last write that a read sees; call it in <see cref="Atomically"/>.</summary>
    public long Position(ReadView view) => view.Position(history);

    /// <summary>Items, oldest first.</summary>
    /// <param name="key">Their partition key; null for all.</param>
    /// <param name="view">What the read sees.</param>
    /// <param name="position">The last write that it sees.</param>
    public StoredItem[] Snapshot(LogicalKey? key, ReadView view, out long position)
    {
        StoredItem[] items;
        lock (_gate)
        {
            position = view.Position(history);
            IReadOnlyCollection<StoredItem> current = key is null ? [.. _items.Values.SelectMany(items => items.Values)]
                : _items.TryGetValue(key, out var found) ? found.Values : [];
            items = [.. history.Rewind(position, current, key)];
        }

        return Sorted(items);
    }

    /// <summary>Looks an item up; call it in <see cref="Atomically"/>.</summary>
    /// <param name="key">Its partition key.</param>
    /// <param name="itemId">Its id.</param>
    /// <param name="position">The last write to be seen.</param>
    public StoredItem? Find(LogicalKey key, string itemId, long position) =>
        history.Find(position, key, itemId, _items.TryGetValue(key, out var items) && items.TryGetValue(itemId, out var item) ? item : null);

    /// <summary>Makes changes to items of one partition key in one write; call it in <see cref="Atomically"/>.</summary>
    /// <param name="key">Their partition key.</param>
    /// <param name="changes">The items by id; null for what is deleted.</param>
    public void Write(LogicalKey key, IReadOnlyDictionary<string, StoredItem?> changes)
    {
        history.Add(key, changes.ToDictionary(change => change.Key, change => Find(key, change.Key, history.Last)));
        foreach (var (id, item) in changes)
        {
            if (item is null) Remove(key, id);
            else Put(item);
        }
    }

    /// <summary>Puts an item in the place of the one with its id; call it in <see cref="Atomically"/>.</summary>
    public void Put(StoredItem item)
    {
        if (!_items.TryGetValue(item.Key, out var items)) _items[item.Key] = items = [];
        items[item.Id] = item;
    }

    /// <summary>Takes an item away; call it in <see cref="Atomically"/>.</summary>
    public void Remove(LogicalKey key, string itemId)
    {
        if (!_items.TryGetValue(key, out var items)) return;
        items.Remove(itemId);
        if (items.Count == 0) _items.Remove(key);
    }

    private static StoredItem[] Sorted(StoredItem[] items)
    {
        Array.Sort(items, (one, other) => one.Number.CompareTo(other.Number));
        return items;
    }
}
