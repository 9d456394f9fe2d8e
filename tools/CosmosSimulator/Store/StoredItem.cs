using System.Runtime.InteropServices;
using System.Text.Json;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>One version of an item.</summary>
internal sealed class StoredItem
{
    /// <summary>Reads an item that carries its system properties.</summary>
    /// <param name="number">Its number in the container; it keeps it when it is replaced.</param>
    /// <param name="key">Its partition key.</param>
    /// <param name="content">The whole document.</param>
    public StoredItem(ulong number, LogicalKey key, JsonElement content)
    {
        Number = number;
        Key = key;
        Content = content;
        Id = content.GetProperty("id").GetString()!;
        ETag = content.GetProperty("_etag").GetString()!;
        Timestamp = content.GetProperty("_ts").GetInt64();
        TimeToLive = content.TryGetProperty("ttl", out var ttl) && ttl.ValueKind == JsonValueKind.Number ? ttl.GetInt32() : null;
    }

    /// <summary>Its number in the container.</summary>
    public ulong Number { get; }

    /// <summary>Its partition key.</summary>
    public LogicalKey Key { get; }

    /// <summary>Its id, unique within the partition key.</summary>
    public string Id { get; }

    /// <summary>Changes with every write; with its quotation marks.</summary>
    public string ETag { get; }

    /// <summary>When it was written, seconds since 1970.</summary>
    public long Timestamp { get; }

    /// <summary>Its own time to live, seconds; -1 for ever, null as the container says.</summary>
    public int? TimeToLive { get; }

    /// <summary>The document with its system properties.</summary>
    public JsonElement Content { get; }

    /// <summary>The same as text.</summary>
    public ReadOnlySpan<byte> Utf8 => JsonMarshal.GetRawUtf8Value(Content);

    /// <summary>Length of the document, bytes.</summary>
    public int Size => Utf8.Length;

    /// <summary>Whether its time is over.</summary>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="containerTimeToLive">Of the container; null when items of it never expire, whatever they say.</param>
    public bool HasExpired(long now, int? containerTimeToLive)
    {
        if (containerTimeToLive is null) return false;
        var seconds = TimeToLive ?? containerTimeToLive.Value;
        return seconds > 0 && now >= Timestamp + seconds;
    }
}
