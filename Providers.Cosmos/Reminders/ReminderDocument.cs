using System.Globalization;
using System.Text.Json;
using Orleans.Providers.Cosmos;

namespace Orleans.Reminders.Cosmos;

/// <summary>The document of a reminder, as the official package lays it out: the reminders of a grain share a logical partition, named by the grain's hash.</summary>
internal static class ReminderDocument
{
    /// <summary>The container; ranges of grains are read by their hash.</summary>
    public static ContainerShape Container { get; } = new("/PartitionKey") { IndexedPaths = ["/PartitionKey/?", "/ServiceId/?", "/GrainHash/?"] };

    /// <summary>Id of a reminder.</summary>
    public static string Id(GrainId grain, string name) => CosmosIds.Join(grain.Type.ToString()!, grain.Key.ToString()!, name);

    /// <summary>Partition of a grain's reminders.</summary>
    public static string Partition(string serviceId, GrainId grain) => $"{serviceId}_{grain.GetUniformHashCode():X}";

    /// <summary>Writes a reminder.</summary>
    public static ReadOnlyMemory<byte> Write(string serviceId, ReminderEntry entry) => Bytes.Document(json =>
    {
        json.WriteString("id", Id(entry.GrainId, entry.ReminderName));
        json.WriteString("PartitionKey", Partition(serviceId, entry.GrainId));
        json.WriteString("ServiceId", serviceId);
        json.WriteString("GrainId", entry.GrainId.ToString());
        json.WriteString("Name", entry.ReminderName);
        json.WriteString("StartAt", new DateTimeOffset(DateTime.SpecifyKind(entry.StartAt, DateTimeKind.Utc)));
        json.WriteString("Period", entry.Period.ToString("c", CultureInfo.InvariantCulture));
        json.WriteNumber("GrainHash", entry.GrainId.GetUniformHashCode());
    });

    /// <summary>Reads a reminder.</summary>
    /// <param name="json">The document.</param>
    /// <param name="etag">Its version; null to take it from the document.</param>
    public static ReminderEntry Read(JsonElement json, string? etag = null) => new()
    {
        GrainId = GrainId.Parse(json.GetProperty("GrainId").GetString()!, CultureInfo.InvariantCulture),
        ReminderName = json.GetProperty("Name").GetString()!,
        StartAt = json.GetProperty("StartAt").GetDateTimeOffset().UtcDateTime,
        Period = TimeSpan.Parse(json.GetProperty("Period").GetString()!, CultureInfo.InvariantCulture),
        ETag = etag ?? json.GetProperty("_etag").GetString()!,
    };
}
