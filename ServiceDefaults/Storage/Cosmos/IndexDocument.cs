using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using DroneDelivery.Queries;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Storage.Cosmos;

/// <summary>A row of the delivery index as a document.</summary>
internal sealed record IndexDocument
{
    /// <summary>How documents are written; times as text, since the numbers of Azure Cosmos DB do not hold every tick.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter<DeliveryStage>() } };

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    // Everything else is escaped: what an id may not hold (/ \ ? #), and what URLs, logs and collations treat in ways of their own.
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:@+=!$*(),;");

    /// <summary>The delivery's id, escaped.</summary>
    public required string Id { get; init; }

    /// <summary>Partition key.</summary>
    public required string OwnerId { get; init; }

    public required string DeliveryId { get; init; }

    public required long Version { get; init; }

    public required DeliveryStage Stage { get; init; }

    public required string RequestedAt { get; init; }

    public required string ChangedAt { get; init; }

    /// <summary>Time of change and id in one, so that one index serves order, range and continuation.</summary>
    public required string Sort { get; init; }

    public static IndexDocument Of(DeliveryIndexEntry row) => new()
    {
        Id = IdOf(row.DeliveryId),
        OwnerId = row.OwnerId,
        DeliveryId = row.DeliveryId,
        Version = row.Version,
        Stage = row.Stage,
        RequestedAt = Text(row.RequestedAt),
        ChangedAt = Text(row.ChangedAt),
        Sort = SortOf(row.ChangedAt, row.DeliveryId),
    };

    public DeliveryIndexEntry Row() => new(DeliveryId, OwnerId, Version, Stage, Time(RequestedAt), Time(ChangedAt));

    /// <summary>Sets everything that changes with the version.</summary>
    public IReadOnlyList<PatchOperation> Patch() =>
    [
        PatchOperation.Set("/version", Version),
        PatchOperation.Set("/stage", Stage.ToString()),
        PatchOperation.Set("/requestedAt", RequestedAt),
        PatchOperation.Set("/changedAt", ChangedAt),
        PatchOperation.Set("/sort", Sort),
    ];

    /// <summary>Sorts before every row of this instant and after every earlier one.</summary>
    public static string SortOf(DateTimeOffset changedAt) => Text(changedAt);

    /// <summary>The sort key of a row.</summary>
    public static string SortOf(DateTimeOffset changedAt, string deliveryId) => $"{Text(changedAt)}/{IdOf(deliveryId)}";

    /// <summary>An id that any store, URL and log takes; different ids stay different.</summary>
    public static string IdOf(string deliveryId)
    {
        if (!deliveryId.AsSpan().ContainsAnyExcept(Plain)) return deliveryId;
        var id = new StringBuilder(deliveryId.Length + 16);
        foreach (var character in deliveryId)
        {
            // A dot is harmless but where it makes up the whole of a path segment, or its end.
            if (Plain.Contains(character) || (character == '.' && id.Length > 0 && id.Length < deliveryId.Length - 1)) id.Append(character);
            else id.Append(CultureInfo.InvariantCulture, $"~{(int)character:X4}");
        }

        return id.ToString();
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(string text) =>
        DateTimeOffset.ParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
