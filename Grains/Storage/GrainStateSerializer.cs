using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Storage;

namespace DroneDelivery.Storage;

/// <summary>
/// The one serializer of grain state, for every store: System.Text.Json, camelCase, enums by name, nulls and computed
/// properties left out. Unknown properties are skipped and missing ones take their default, so that neighbouring versions read each other.
/// </summary>
public sealed class GrainStateSerializer : IGrainStorageSerializer
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        IgnoreReadOnlyProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.Strict,
        Encoder = StateEncoder.Instance,
        Converters = { new JsonStringEnumConverter(), new CommandIdConverter() },
    };

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    /// <inheritdoc/>
    /// <exception cref="JsonException">The document is not a state of this kind.</exception>
    public T Deserialize<T>(BinaryData input) =>
        JsonSerializer.Deserialize<T>(input.ToMemory().Span, Options)
        ?? throw new JsonException($"The stored document of {typeof(T).Name} is null.");

    private sealed class CommandIdConverter : JsonConverter<CommandId>
    {
        public override CommandId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetString() ?? throw new JsonException("A command id is null."));

        public override void Write(Utf8JsonWriter writer, CommandId value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Value);
    }
}
