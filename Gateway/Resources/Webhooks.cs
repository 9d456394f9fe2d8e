using System.Text.Json.Serialization;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Notifications;

namespace DroneDelivery.Gateway.Resources;

/// <summary>What an owner says of a webhook.</summary>
/// <param name="Url">Where to send; https.</param>
/// <param name="Types">Types of events to send, see docs/events; none: all.</param>
/// <param name="Description">The owner's words.</param>
/// <param name="Paused">Whether to keep what happens instead of sending it.</param>
internal sealed record WebhookBody(string Url, NoticeKind[]? Types, string? Description, bool? Paused);

/// <summary>How a secret is replaced.</summary>
/// <param name="OldSecretHours">For how long the old one signs too, 0 to 168; 24 when left out.</param>
internal sealed record RotationBody(int OldSecretHours);

/// <summary>A webhook.</summary>
/// <param name="Id">Its id.</param>
/// <param name="OwnerId">The account.</param>
/// <param name="Url">Where events are sent.</param>
/// <param name="Types">Types of events sent; none: all.</param>
/// <param name="Description">The owner's words.</param>
/// <param name="Status">Active; Paused by its owner; GivenUp until its owner resumes it.</param>
/// <param name="Queued">Events waiting.</param>
/// <param name="OldestQueued">Since when the oldest waits.</param>
/// <param name="FailingSince">Since when nothing reaches it.</param>
/// <param name="LastFailure">Why the last failed attempt failed.</param>
/// <param name="Missed">Events lost: too many or too large ones were waiting, or they could not be stored.</param>
/// <param name="Abandoned">Events it would not take though it took others.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="LastDelivered">When it last took an event.</param>
/// <param name="OldSecretUntil">Until when events are signed with the former secret too.</param>
internal sealed record WebhookResource(
    string Id,
    string OwnerId,
    string Url,
    IReadOnlyList<NoticeKind> Types,
    string? Description,
    SubscriptionStatus Status,
    int Queued,
    DateTimeOffset? OldestQueued,
    DateTimeOffset? FailingSince,
    string? LastFailure,
    long Missed,
    long Abandoned,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastDelivered,
    DateTimeOffset? OldSecretUntil) : IVersioned
{
    [JsonIgnore]
    public string? Version { get; init; }

    /// <summary>The secret that signs events; shown only when it is made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    /// <summary>As it was when it was made.</summary>
    public static WebhookResource New(string ownerId, string id, WebhookSettings settings, bool paused, DateTimeOffset at) =>
        Of(new(settings, new(ownerId, id, paused ? SubscriptionStatus.Paused : SubscriptionStatus.Active, 0, null, null, null, 0, 0), at, null, null));

    public static WebhookResource Of(SubscriptionSnapshot webhook) => new(
        webhook.Health.Id,
        webhook.Health.OwnerId,
        webhook.Settings.Url,
        webhook.Settings.Kinds,
        webhook.Settings.Description,
        webhook.Health.Status,
        webhook.Health.Queued,
        webhook.Health.OldestQueued,
        webhook.Health.FailingSince,
        webhook.Health.LastFailure,
        webhook.Health.Missed,
        webhook.Health.Abandoned,
        webhook.CreatedAt,
        webhook.LastDelivered,
        webhook.OldSecretUntil)
    {
        Version = webhook.Version,
    };
}

/// <summary>What became of a test event.</summary>
/// <param name="Delivered">Whether the receiver took it.</param>
/// <param name="Reason">Why not.</param>
internal sealed record WebhookTestResource(bool Delivered, string? Reason);

/// <summary>A subscription as operators see it.</summary>
/// <param name="OwnerId">The account; empty for a part of a sink of the whole system.</param>
/// <param name="Id">The subscription.</param>
/// <param name="Status">Active, Paused or GivenUp.</param>
/// <param name="Queued">Events waiting.</param>
/// <param name="OldestQueued">Since when the oldest waits.</param>
/// <param name="FailingSince">Since when nothing reaches it.</param>
/// <param name="LastFailure">Why the last failed attempt failed.</param>
/// <param name="Missed">Events lost: too many or too large ones were waiting, or they could not be stored.</param>
/// <param name="Abandoned">Events it would not take though it took others.</param>
internal sealed record SubscriptionResource(
    string OwnerId, string Id, SubscriptionStatus Status, int Queued, DateTimeOffset? OldestQueued, DateTimeOffset? FailingSince, string? LastFailure, long Missed, long Abandoned)
{
    public static SubscriptionResource Of(SubscriptionHealth health) => new(
        health.OwnerId, health.Id, health.Status, health.Queued, health.OldestQueued, health.FailingSince, health.LastFailure, health.Missed, health.Abandoned);
}
