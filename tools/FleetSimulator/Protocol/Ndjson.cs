using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>JSON values, one a line.</summary>
internal static class Ndjson
{
    /// <summary>Its media type.</summary>
    public const string MediaType = "application/x-ndjson";

    /// <summary>One line per value.</summary>
    public static ReadOnlyMemory<byte> Write<T>(IEnumerable<T> values, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using var json = new Utf8JsonWriter(buffer);
        foreach (var value in values)
        {
            JsonSerializer.Serialize(json, value, type);
            json.Flush();
            buffer.Write("\n"u8);
            json.Reset();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>The values of all lines that are not empty.</summary>
    /// <exception cref="JsonException">A line is not such a value.</exception>
    public static List<T> Read<T>(ReadOnlySpan<byte> text, JsonTypeInfo<T> type)
    {
        var values = new List<T>();
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range].Trim(" \r\t"u8);
            if (line.IsEmpty) continue;
            values.Add(JsonSerializer.Deserialize(line, type) ?? throw new JsonException("A line is null."));
        }

        return values;
    }
}
