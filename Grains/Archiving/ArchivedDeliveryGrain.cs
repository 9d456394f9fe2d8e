using System.Text.Json;
using System.Text.Json.Serialization;
using DroneDelivery.Storage;

namespace DroneDelivery.Archiving;

[GrainType("archived-delivery")]
internal sealed class ArchivedDeliveryGrain([PersistentState("archived-delivery", GrainStores.Archive)] IPersistentState<ArchivedDeliveryState> store)
    : DocumentGrain<ArchivedDeliveryState>(store), IArchivedDeliveryGrain
{
    public async Task Keep(ArchivedDelivery delivery)
    {
        var next = new ArchivedDeliveryState { Request = delivery.Request, Delivery = delivery.Delivery };
        if (next != Document) await Save(next);
    }

    public Task Erase() => Delete();

    public ValueTask<ArchivedDelivery?> Get() => ValueTask.FromResult(Exists ? new ArchivedDelivery(Document.Request, Document.Delivery) : null);
}

/// <summary>Stored form of an archived delivery: both documents as they were, within one.</summary>
internal sealed record ArchivedDeliveryState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>The request's document.</summary>
    [JsonConverter(typeof(NestedJson))]
    public string Request { get; init; } = "null";

    /// <summary>The delivery's document; null: there never was one.</summary>
    [JsonConverter(typeof(NestedJson))]
    public string? Delivery { get; init; }

    public override string ToString() => nameof(ArchivedDeliveryState);

    /// <summary>Writes JSON as what it is, not as text, which would be twice as long.</summary>
    private sealed class NestedJson : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonElement.ParseValue(ref reader).GetRawText();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteRawValue(value);
    }
}
