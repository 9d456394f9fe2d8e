namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>The writes of a partition by number, and for as long as replicas may lag what each of them replaced. Its owner locks.</summary>
/// <param name="lag">How far replicas lag.</param>
/// <param name="clock">The time.</param>
internal sealed class ReplicaHistory(ReplicaLag lag, TimeProvider clock)
{
    private readonly Queue<Write> _writes = [];

    /// <summary>Number of the last write.</summary>
    public long Last { get; private set; }

    /// <summary>Takes a write down.</summary>
    /// <param name="key">Partition key of the items that it changed.</param>
    /// <param name="replaced">What was there before, by id; null where there was nothing.</param>
    public void Add(LogicalKey key, IReadOnlyDictionary<string, StoredItem?> replaced)
    {
        var now = clock.GetUtcNow();
        while (_writes.TryPeek(out var oldest) && oldest.At <= now - lag.Maximum) _writes.Dequeue();
        Last++;
        if (lag.Maximum > TimeSpan.Zero) _writes.Enqueue(new(Last, now, key, replaced));
    }

    /// <summary>Number of the last write that a replica has.</summary>
    /// <param name="behind">How far it lags.</param>
    public long Position(TimeSpan behind)
    {
        var seen = clock.GetUtcNow() - behind;
        foreach (var write in _writes)
        {
            if (write.At > seen) return write.Number - 1;
        }

        return Last;
    }

    /// <summary>An item as a replica has it.</summary>
    /// <param name="position">The last write that the replica has.</param>
    /// <param name="key">The item's partition key.</param>
    /// <param name="id">The item.</param>
    /// <param name="current">The item as it is now.</param>
    public StoredItem? Find(long position, LogicalKey key, string id, StoredItem? current)
    {
        foreach (var write in _writes)
        {
            if (write.Number > position && write.Key.Equals(key) && write.Replaced.TryGetValue(id, out var before)) return before;
        }

        return current;
    }

    /// <summary>Items as a replica has them.</summary>
    /// <param name="position">The last write that the replica has.</param>
    /// <param name="current">The items as they are now.</param>
    /// <param name="key">Their partition key; null for all.</param>
    public IReadOnlyCollection<StoredItem> Rewind(long position, IReadOnlyCollection<StoredItem> current, LogicalKey? key)
    {
        if (position >= Last) return current;
        var items = current.ToDictionary(item => (item.Key, item.Id));
        foreach (var write in _writes.Reverse().Where(write => write.Number > position && (key is null || write.Key.Equals(key))))
        {
            foreach (var (id, before) in write.Replaced)
            {
                if (before is null) items.Remove((write.Key, id));
                else items[(write.Key, id)] = before;
            }
        }

        return items.Values;
    }

    private sealed record Write(long Number, DateTimeOffset At, LogicalKey Key, IReadOnlyDictionary<string, StoredItem?> Replaced);
}
