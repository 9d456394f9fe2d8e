using System.Text.Json;
using Orleans.Storage;

namespace Orleans.Persistence.Cosmos;

/// <summary>Grain states as plain JSON by System.Text.Json: names as declared, enums as numbers, which is how the official package writes them.</summary>
/// <param name="options">Other ways to write; by default, names are read in any case.</param>
public sealed class SystemTextJsonGrainStorageSerializer(JsonSerializerOptions? options = null) : IGrainStorageSerializer
{
    private readonly JsonSerializerOptions _options = options ?? new() { PropertyNameCaseInsensitive = true };

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, _options));

    /// <inheritdoc/>
    /// <exception cref="JsonException">The document is not a state of this kind.</exception>
    public T? Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input.ToMemory().Span, _options);
}
