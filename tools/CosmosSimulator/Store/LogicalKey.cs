using System.Text;
using System.Text.Json;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>The value of a partition key: one component for each path of the definition, absent values included.</summary>
internal sealed class LogicalKey : IEquatable<LogicalKey>
{
    private readonly string _text;

    private LogicalKey(JsonElement[] components)
    {
        Components = components;
        _text = Format(components);
    }

    /// <summary>The components; <see cref="JsonValueKind.Undefined"/> where the document has no such property.</summary>
    public IReadOnlyList<JsonElement> Components { get; }

    /// <summary>Reads the header: a JSON array in which <c>{}</c> stands for an absent value.</summary>
    /// <exception cref="RefusedException">It is not such an array.</exception>
    public static LogicalKey Parse(string header)
    {
        try
        {
            var array = JsonElement.Parse(header);
            if (array.ValueKind == JsonValueKind.Array) return FromArray(array);
        }
        catch (JsonException)
        {
            // Told below, in the same words as any other value that is no array.
        }

        throw RefusedException.BadRequest($"Partition key {header} is invalid.");
    }

    /// <summary>The same from an array that was read already.</summary>
    public static LogicalKey FromArray(JsonElement array) =>
        new([.. array.EnumerateArray().Select(component => component.ValueKind == JsonValueKind.Object ? default : Scalar(component))]);

    /// <summary>Takes the key from a document.</summary>
    public static LogicalKey Of(JsonElement document, IReadOnlyList<string[]> paths) => new([.. paths.Select(path => Find(document, path))]);

    /// <summary>As it stands in the header.</summary>
    public override string ToString() => _text;

    /// <inheritdoc/>
    public bool Equals(LogicalKey? other) => other is not null && other._text == _text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LogicalKey);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    private static JsonElement Find(JsonElement value, string[] path)
    {
        foreach (var name in path)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value)) return default;
        }

        return Scalar(value);
    }

    private static JsonElement Scalar(JsonElement value) => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)
        ? value
        : throw RefusedException.BadRequest("The partition key must be a string, a number, true, false or null.", SubStatus.PartitionKeyMismatch);

    // Numbers compare by value: 1 and 1.0 are one key.
    private static string Format(JsonElement[] components)
    {
        var text = new StringBuilder("[");
        foreach (var component in components)
        {
            if (text.Length > 1) text.Append(',');
            text.Append(component.ValueKind switch
            {
                JsonValueKind.Undefined => "{}",
                JsonValueKind.Number => JsonSerializer.Serialize(component.GetDouble()),
                _ => JsonSerializer.Serialize(component),
            });
        }

        return text.Append(']').ToString();
    }
}
