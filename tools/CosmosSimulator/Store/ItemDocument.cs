using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>Makes stored items from what clients send.</summary>
internal static class ItemDocument
{
    /// <summary>The greatest length of an item, bytes.</summary>
    public const int MaximumSize = 2 * 1024 * 1024;

    private const int MaximumIdBytes = 1023;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly HashSet<string> SystemProperties = ["_rid", "_self", "_etag", "_attachments", "_ts"];

    /// <summary>The id of a document.</summary>
    /// <exception cref="RefusedException">It is no object, or its id or time to live makes no sense.</exception>
    public static string Check(JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Object) throw RefusedException.BadRequest("The item must be a JSON object.");
        if (!document.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String || id.GetString() is not { Length: > 0 } text)
            throw RefusedException.BadRequest("The input content is invalid because the required property 'id' is missing or no text.");

        if (text.AsSpan().IndexOfAny("/\\?#") >= 0) throw RefusedException.BadRequest($"The id '{text}' has a character that is not allowed: / \\ ? #.");
        if (Encoding.UTF8.GetByteCount(text) > MaximumIdBytes) throw RefusedException.BadRequest($"The id is longer than {MaximumIdBytes} bytes.");
        if (document.TryGetProperty("ttl", out var ttl) && !(ttl.TryGetSeconds(out var seconds) && (seconds == -1 || seconds > 0)))
            throw RefusedException.BadRequest("The input ttl is invalid. It must be -1 or a positive whole number.");

        return text;
    }

    /// <summary>The document with its system properties.</summary>
    /// <exception cref="RefusedException">It is too large.</exception>
    public static StoredItem Create(JsonElement document, LogicalKey key, ulong number, string containerRid, string containerLink, long timestamp)
    {
        var rid = ResourceIds.Item(containerRid, number);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            foreach (var property in document.EnumerateObject())
            {
                if (!SystemProperties.Contains(property.Name)) property.WriteTo(writer);
            }

            writer.WriteString("_rid", rid);
            writer.WriteString("_self", $"{containerLink}docs/{rid}/");
            writer.WriteString("_etag", $"\"{Guid.NewGuid():D}\"");
            writer.WriteString("_attachments", "attachments/");
            writer.WriteNumber("_ts", timestamp);
            writer.WriteEndObject();
        }

        if (buffer.WrittenCount > MaximumSize) throw RefusedException.TooLarge($"the item has {buffer.WrittenCount} bytes, at most {MaximumSize} are allowed");
        return new StoredItem(number, key, JsonElement.Parse(buffer.WrittenSpan));
    }

    private static bool TryGetSeconds(this JsonElement element, out int seconds)
    {
        seconds = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out seconds);
    }
}
