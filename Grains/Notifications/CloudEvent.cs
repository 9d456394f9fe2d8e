using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace DroneDelivery.Notifications;

/// <summary>
/// Writes notices as CloudEvents 1.0 in the JSON format; <c>docs/events</c> holds the schema of each type. Extensions: <c>sequence</c> orders the
/// events of one source, <c>ownerid</c> is the account.
/// </summary>
internal static class CloudEvent
{
    /// <summary>Media type of one event.</summary>
    public const string MediaType = "application/cloudevents+json";

    /// <summary>Media type of an array of events.</summary>
    public const string BatchMediaType = "application/cloudevents-batch+json";

    /// <summary>Every type begins with it.</summary>
    public const string TypePrefix = "DroneDelivery.";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        IgnoreReadOnlyProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>One event as UTF-8.</summary>
    public static byte[] Serialize(DeliveryNotice notice) => JsonSerializer.SerializeToUtf8Bytes(Of(notice), Options);

    /// <summary>Events as one array in UTF-8.</summary>
    public static byte[] SerializeBatch(IEnumerable<DeliveryNotice> notices) =>
        JsonSerializer.SerializeToUtf8Bytes(new JsonArray([.. notices.Select(Of)]), Options);

    /// <summary>One event.</summary>
    public static JsonObject Of(DeliveryNotice notice) => new()
    {
        ["specversion"] = "1.0",
        ["id"] = notice.Id,
        ["source"] = SourceOf(notice),
        ["type"] = TypePrefix + notice.Kind,
        ["subject"] = notice.DeliveryId,
        ["time"] = notice.Time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", System.Globalization.CultureInfo.InvariantCulture),
        ["datacontenttype"] = "application/json",
        ["dataschema"] = $"urn:drone-delivery:events:{notice.Kind}:1",
        ["sequence"] = notice.Sequence,
        ["ownerid"] = notice.OwnerId,
        ["data"] = JsonSerializer.SerializeToNode(
            new Data(
                notice.DeliveryId, notice.OwnerId, notice.Detail, notice.Location, notice.Attempt,
                notice.Order is { } order ? new OrderData(order) : null, notice.Address, notice.Stage),
            Options),
    };

    // What was decided and what was flown are numbered each for itself.
    private static string SourceOf(DeliveryNotice notice)
    {
        var id = Uri.EscapeDataString(notice.DeliveryId);
        return notice.Kind switch
        {
            NoticeKind.SubscriptionTested => $"/webhooks/{id}",
            NoticeKind.DeliveryRequested or NoticeKind.DeliveryChanged or NoticeKind.DeliveryRejected or NoticeKind.DeliveryCancelled
                or NoticeKind.DeliveryDeadLettered or NoticeKind.DeliveryIncidentRaised or NoticeKind.DeliveryResumed or NoticeKind.DeliveryFailed
                => $"/deliveryrequests/{id}",
            NoticeKind.DeliveryCreated or NoticeKind.DeliveryRescheduled or NoticeKind.DeliveryHeadedToPickup or NoticeKind.DeliveryHeadedToDropoff
                or NoticeKind.DeliveryCompleted or NoticeKind.EmailNotificationRequested or NoticeKind.SmsNotificationRequested
                => $"/deliveries/{id}",
            var kind => throw new ArgumentOutOfRangeException(nameof(notice), kind, "This kind of notice has no source yet."),
        };
    }

    private sealed record Data(
        string DeliveryId, string OwnerId, string? Detail, GeoPoint? Location, int? Attempt, OrderData? Order, string? Address, DeliveryStage? Stage);

    private sealed record OrderData(
        string PackageId, Place Pickup, Place Dropoff, DateTimeOffset PickupTime, string Deadline, bool Expedited, ConfirmationRequired ConfirmationRequired)
    {
        public OrderData(NoticeOrder order)
            : this(order.PackageId, order.Pickup, order.Dropoff, order.PickupTime, order.Deadline, order.Expedited, order.Confirmation)
        {
        }
    }
}
