using System.Text.Json;
using Orleans.Providers.Cosmos;

namespace Orleans.Persistence.Cosmos;

/// <summary>The document of a state, as the official package lays it out, with two properties more where they are needed: <c>ttl</c> and <c>StateEncoding</c>.</summary>
internal static class StateDocument
{
    // Source: limit of an item's size, https://learn.microsoft.com/azure/cosmos-db/concepts-limits
    public const int MaxSize = 2 * 1024 * 1024;
    public const int MaxIdSize = 1023;

    private const string Encoding = "StateEncoding";
    private const string Base64 = "base64";

    /// <summary>The container.</summary>
    public static ContainerShape Container(CosmosGrainStorageOptions options) => new("/PartitionKey")
    {
        DocumentsExpire = options.StateTimeToLive is not null,
        IndexedPaths = [.. options.StateFieldsToIndex.Select(field => $"/State/{string.Join('/', field.Trim('/').Split('/').Select(part => $"\"{part}\""))}/?")],
    };

    /// <summary>Writes a document.</summary>
    /// <param name="id">Id of the document.</param>
    /// <param name="partitionKey">Its partition.</param>
    /// <param name="stateName">Name of the state.</param>
    /// <param name="state">The serialized state; null when it was cleared.</param>
    /// <param name="timeToLive">How long it is kept; null for ever.</param>
    public static ReadOnlyMemory<byte> Write(string id, string partitionKey, string stateName, BinaryData? state, TimeSpan? timeToLive) => Bytes.Document(json =>
    {
        json.WriteString("id", id);
        json.WriteString("PartitionKey", partitionKey);
        json.WriteString("GrainType", stateName);
        if (timeToLive is { } time) json.WriteNumber("ttl", (int)time.TotalSeconds);
        if (state is null)
        {
            json.WriteNull("State");
        }
        else if (IsJson(state))
        {
            json.WritePropertyName("State");
            json.WriteRawValue(state.ToMemory().Span, skipInputValidation: true);
        }
        else
        {
            json.WriteString(Encoding, Base64);
            json.WriteBase64String("State", state.ToMemory().Span);
        }
    });

    /// <summary>The serialized state in a document; null when it was cleared.</summary>
    public static BinaryData? Read(ReadOnlyMemory<byte> document)
    {
        var reader = new Utf8JsonReader(document.Span);
        ReadOnlyMemory<byte>? state = null;
        var encoded = false;
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var (isState, isEncoding) = (reader.ValueTextEquals("State"), reader.ValueTextEquals(Encoding));
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (isEncoding) encoded = reader.ValueTextEquals(Base64);
            else reader.Skip();
            if (isState && reader.TokenType is not JsonTokenType.Null) state = document[start..(int)reader.BytesConsumed];
        }

        if (state is not { } bytes) return null;
        return encoded ? new BinaryData(Decoded(bytes)) : new BinaryData(bytes);
    }

    private static bool IsJson(BinaryData state)
    {
        var reader = new Utf8JsonReader(state.ToMemory().Span);
        try
        {
            while (reader.Read()) reader.TrySkip();
            return reader.BytesConsumed > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] Decoded(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        return reader.GetBytesFromBase64();
    }
}
