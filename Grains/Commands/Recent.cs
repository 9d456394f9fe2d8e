using System.Diagnostics.CodeAnalysis;

namespace DroneDelivery;

/// <summary>Remembers the last things of a kind in memory; what others can invent at will must not make it grow.</summary>
/// <param name="capacity">Most things; the oldest makes room.</param>
internal sealed class Recent<TKey, TValue>(int capacity) where TKey : notnull
{
    private readonly Dictionary<TKey, TValue> _known = [];
    private readonly Queue<TKey> _order = [];

    /// <summary>Remembers a thing; false: it is remembered already.</summary>
    public bool TryAdd(TKey key, TValue value)
    {
        if (!_known.TryAdd(key, value)) return false;
        _order.Enqueue(key);
        if (_order.Count > capacity) _known.Remove(_order.Dequeue());
        return true;
    }

    /// <summary>Finds what is remembered.</summary>
    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => _known.TryGetValue(key, out value);

    /// <summary>Whether a thing is remembered.</summary>
    public bool ContainsKey(TKey key) => _known.ContainsKey(key);
}
