using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Orleans.Storage;

namespace DroneDelivery.Storage;

/// <summary>
/// The one serializer of grain state, for every store: System.Text.Json, camelCase, enums by name, nulls and computed
/// properties left out. Missing members take their default. Members that a newer build wrote are kept in the record that they belong to and written back
/// with it; a value of an enum that this build does not know is refused. See <c>docs/versioning.md</c>.
/// </summary>
public sealed class GrainStateSerializer : IGrainStorageSerializer
{
    /// <summary>Name of the property that holds what a build does not know of a record.</summary>
    private const string Unknown = "Unknown";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        IgnoreReadOnlyProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.Strict,
        Encoder = StateEncoder.Instance,
        Converters = { new KnownEnumConverter(), new CommandIdConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { KeepUnknown } },
    };

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    /// <inheritdoc/>
    /// <exception cref="JsonException">The document is not a state of this kind.</exception>
    /// <exception cref="OrleansException">A newer build wrote it, with a value that this one does not know.</exception>
    public T Deserialize<T>(BinaryData input) =>
        JsonSerializer.Deserialize<T>(input.ToMemory().Span, Options)
        ?? throw new JsonException($"The stored document of {typeof(T).Name} is null.");

    /// <summary>The property of a record that holds what a build does not know of it; null when it has none.</summary>
    internal static PropertyInfo? UnknownOf(Type record) =>
        record.GetProperty(Unknown, BindingFlags.Instance | BindingFlags.NonPublic) is { } property && property.PropertyType == typeof(UnknownMembers) ? property : null;

    /// <summary>What kind of JSON a type of a state is.</summary>
    internal static JsonTypeInfo Describe(Type type) => Options.GetTypeInfo(type);

    // Not by the attribute, which would count for every other serializer too.
    private static void KeepUnknown(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || UnknownOf(type.Type) is not { } property) return;
        var members = type.CreateJsonPropertyInfo(typeof(UnknownMembers), property.Name);
        (members.Get, members.Set, members.IsExtensionData) = (property.GetValue, property.SetValue, true);
        type.Properties.Add(members);
    }

    private sealed class CommandIdConverter : JsonConverter<CommandId>
    {
        public override CommandId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(reader.GetString() ?? throw new JsonException("A command id is null."));

        public override void Write(Utf8JsonWriter writer, CommandId value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Value);
    }

    /// <summary>Enums by name. A name that is not known here is no damage: a build that knows it can go on with the document, this one must not.</summary>
    private sealed class KnownEnumConverter : JsonConverterFactory
    {
        private readonly JsonStringEnumConverter _names = new(namingPolicy: null, allowIntegerValues: false);

        public override bool CanConvert(Type typeToConvert) => _names.CanConvert(typeToConvert);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(Known<>).MakeGenericType(typeToConvert), _names.CreateConverter(typeToConvert, options))!;

        private sealed class Known<TEnum>(JsonConverter<TEnum> names) : JsonConverter<TEnum> where TEnum : struct, Enum
        {
            public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            {
                var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                try
                {
                    return names.Read(ref reader, typeToConvert, options);
                }
                catch (JsonException) when (text is not null)
                {
                    // Of this very type: it passes, for another silo may know the value.
                    throw new OrleansException($"A newer build wrote this document: it says '{text}', which is no {typeof(TEnum).Name} here. This build leaves it as it is.");
                }
            }

            public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) => names.Write(writer, value, options);
        }
    }
}
