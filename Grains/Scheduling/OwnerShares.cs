namespace DroneDelivery.Scheduling;

/// <summary>How many of the unsettled requests of a shard belong to which account. Not stored: a new life learns it as it looks at each request.</summary>
internal sealed class OwnerShares
{
    private readonly Dictionary<string, string> _owners = [];
    private readonly Dictionary<string, int> _counts = [];

    /// <summary>How many of them are known to be this account's.</summary>
    public int Of(string ownerId) => _counts.GetValueOrDefault(ownerId);

    /// <summary>Counts a request, once. After an erasure it may have come back as another account's.</summary>
    public void Add(string deliveryId, string ownerId)
    {
        if (_owners.GetValueOrDefault(deliveryId) == ownerId) return;
        Remove(deliveryId);
        _owners.Add(deliveryId, ownerId);
        _counts[ownerId] = Of(ownerId) + 1;
    }

    /// <summary>It is settled.</summary>
    public void Remove(string deliveryId)
    {
        if (!_owners.Remove(deliveryId, out var ownerId)) return;
        if (_counts[ownerId] == 1) _counts.Remove(ownerId);
        else _counts[ownerId]--;
    }
}
