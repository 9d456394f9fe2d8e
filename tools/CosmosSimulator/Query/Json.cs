using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>Values of the query language. A <see cref="JsonElement"/> of kind Undefined is the language's undefined.</summary>
internal static class Json
{
    /// <summary>No value.</summary>
    public static readonly JsonElement Undefined;

    /// <summary>null.</summary>
    public static readonly JsonElement Null = JsonElement.Parse("null");

    /// <summary>true.</summary>
    public static readonly JsonElement True = JsonElement.Parse("true");

    /// <summary>false.</summary>
    public static readonly JsonElement False = JsonElement.Parse("false");

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>true or false.</summary>
    public static JsonElement Of(bool value) => value ? True : False;

    /// <summary>A number.</summary>
    public static JsonElement Of(double value) => double.IsFinite(value) ? JsonSerializer.SerializeToElement(value) : Undefined;

    /// <summary>A text.</summary>
    public static JsonElement Of(string value) => JsonSerializer.SerializeToElement(value);

    /// <summary>Whatever is written.</summary>
    public static JsonElement Of(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) write(writer);
        return JsonElement.Parse(buffer.WrittenSpan);
    }

    /// <summary>Whether there is a value.</summary>
    public static bool IsDefined(this JsonElement value) => value.ValueKind != JsonValueKind.Undefined;

    /// <summary>Whether it is true, rather than false, undefined or anything else.</summary>
    public static bool IsTrue(this JsonElement value) => value.ValueKind == JsonValueKind.True;

    /// <summary>Whether two values are the same, numbers by value and objects whatever the order of their properties.</summary>
    public static bool AreEqual(JsonElement one, JsonElement other) => JsonElement.DeepEquals(one, other);

    /// <summary>The order over all types: undefined, null, false, true, numbers, texts, arrays, objects.</summary>
    public static int Compare(JsonElement one, JsonElement other)
    {
        var byType = Rank(one).CompareTo(Rank(other));
        if (byType != 0) return byType;
        return one.ValueKind switch
        {
            JsonValueKind.Number => one.GetDouble().CompareTo(other.GetDouble()),
            JsonValueKind.String => string.CompareOrdinal(one.GetString(), other.GetString()),
            JsonValueKind.Array or JsonValueKind.Object => string.CompareOrdinal(one.GetRawText(), other.GetRawText()),
            _ => 0,
        };
    }

    private static int Rank(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined => 0,
        JsonValueKind.Null => 1,
        JsonValueKind.False => 2,
        JsonValueKind.True => 3,
        JsonValueKind.Number => 4,
        JsonValueKind.String => 5,
        JsonValueKind.Array => 6,
        _ => 7,
    };
}
