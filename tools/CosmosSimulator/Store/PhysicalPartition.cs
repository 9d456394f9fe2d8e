using DroneDelivery.CosmosSimulator.Accounting;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>The items of a range of partition keys, with one lock and one throughput budget.</summary>
/// <param name="id">Id of its partition key range.</param>
/// <param name="minimum">Its first effective partition key.</param>
/// <param name="maximum">The first effective partition key after it.</param>
/// <param name="budget">Its throughput.</param>
internal sealed class PhysicalPartition(string id, string minimum, string maximum, ThroughputBudget budget)
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

    /// <summary>The items of one partition key, oldest first.</summary>
    public StoredItem[] Snapshot(LogicalKey key)
    {
        StoredItem[] items;
        lock (_gate) items = _items.TryGetValue(key, out var found) ? [.. found.Values] : [];
        return Sorted(items);
    }

    /// <summary>All items, oldest first.</summary>
    public StoredItem[] Snapshot()
    {
        StoredItem[] items;
        lock (_gate) items = [.. _items.Values.SelectMany(items => items.Values)];
        return Sorted(items);
    }

    /// <summary>Looks an item up; call it in <see cref="Atomically"/>.</summary>
    public StoredItem? Find(LogicalKey key, string itemId) =>
        _items.TryGetValue(key, out var items) && items.TryGetValue(itemId, out var item) ? item : null;

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
