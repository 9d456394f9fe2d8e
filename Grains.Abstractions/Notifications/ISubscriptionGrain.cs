using Orleans.Concurrency;

namespace DroneDelivery.Notifications;

/// <summary>
/// Somebody who is told of events, with a stored queue of their own: a webhook of an owner, or a part of a sink of the whole system. Key:
/// <see cref="SubscriptionKey"/>.
/// </summary>
[Alias("DroneDelivery.Notifications.ISubscriptionGrain")]
public interface ISubscriptionGrain : IGrainWithStringKey
{
    /// <summary>Makes the subscription, which may be paused from the beginning: Created, or Exists.</summary>
    [Alias("Create")]
    Task<CommandResult> Create(CommandId command, WebhookSettings settings, string secret, bool paused = false);

    /// <summary>Changes what is given: Done, NotFound.</summary>
    [Alias("Change")]
    Task<CommandResult> Change(CommandId command, WebhookChange change);

    /// <summary>Signs with a new secret, and until a time with the one before it too, so that receivers can change over: Done, NotFound.</summary>
    [Alias("Rotate")]
    Task<CommandResult> Rotate(CommandId command, string secret, DateTimeOffset oldUntil);

    /// <summary>A secret that still signs, for the client that made it and did not hear it.</summary>
    /// <param name="madeBy">The command that made it; left out: the present one.</param>
    /// <returns>Null: a sink, there is no such webhook, or it was replaced, or it cannot be read any more.</returns>
    [Alias("GetSecret")]
    ValueTask<string?> GetSecret(CommandId madeBy = default);

    /// <summary>Goes on after it was given up, from what is queued: Done, NotFound.</summary>
    [Alias("Resume")]
    Task<CommandResult> Resume(CommandId command);

    /// <summary>Sends a test event at once, past the queue; null: nothing by that id.</summary>
    [Alias("Test"), ResponseTimeout("00:00:30")]
    Task<WebhookTest?> Test();

    /// <summary>Forgets the subscription and its queue; nothing happens when it is not there.</summary>
    [Alias("Delete")]
    Task Delete();

    /// <summary>Queues notices durably, in their order; returns once they are stored.</summary>
    [Alias("Enqueue"), ResponseTimeout("00:00:10")]
    Task Enqueue(IReadOnlyList<DeliveryNotice> notices);

    /// <summary>Forgets what is queued of a delivery.</summary>
    [Alias("Forget")]
    Task Forget(string deliveryId);

    /// <summary>Counts events that were lost because it could not store them: Done, NotFound.</summary>
    [Alias("Miss")]
    Task<CommandResult> Miss(CommandId command, long events);

    /// <summary>Goes on with what is queued.</summary>
    /// <returns>How it is, or null when nobody has to look after it.</returns>
    [Alias("Wake")]
    Task<SubscriptionHealth?> Wake();

    /// <summary>The subscription without its secrets, or null.</summary>
    [Alias("Get"), AlwaysInterleave]
    ValueTask<SubscriptionSnapshot?> Get();
}

/// <summary>Keys of <see cref="ISubscriptionGrain"/>.</summary>
public static class SubscriptionKey
{
    /// <summary>A webhook of an owner. Its id holds no slash, so that owners may hold any character.</summary>
    public static string OfWebhook(string ownerId, string webhookId) => $"{ownerId}/{webhookId}";

    /// <summary>A part of a sink: no owner's id is empty, so it is nobody's webhook.</summary>
    public static string OfSink(string sink, int part) => $"/{sink}.{part}";

    /// <summary>Takes a key apart; the owner of a sink is empty.</summary>
    public static (string OwnerId, string Id) Split(string key)
    {
        var slash = key.LastIndexOf('/');
        return (key[..slash], key[(slash + 1)..]);
    }
}

/// <summary>What an owner says of a webhook.</summary>
/// <param name="Url">Where to send.</param>
/// <param name="Kinds">What to send; none: everything.</param>
/// <param name="Description">The owner's words.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Notifications.WebhookSettings")]
public sealed record WebhookSettings(string Url, IReadOnlyList<NoticeKind> Kinds, string? Description)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>Changes to a webhook; null leaves a field as it is.</summary>
/// <param name="Url">Where to send.</param>
/// <param name="Kinds">What to send; none: everything.</param>
/// <param name="Description">The owner's words.</param>
/// <param name="Paused">Whether to keep what happens instead of sending it.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Notifications.WebhookChange")]
public sealed record WebhookChange(string? Url, IReadOnlyList<NoticeKind>? Kinds, string? Description, bool? Paused);

/// <summary>What became of a test event.</summary>
/// <param name="Delivered">Whether the receiver took it.</param>
/// <param name="Reason">Why not.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Notifications.WebhookTest")]
public sealed record WebhookTest(bool Delivered, string? Reason);

/// <summary>Whether a subscription is served.</summary>
public enum SubscriptionStatus
{
    /// <summary>Events are sent.</summary>
    Active = 0,
    /// <summary>Its owner has paused it; events are queued.</summary>
    Paused = 1,
    /// <summary>It was given up: nothing reached it for too long, or it asked for no more. Events are queued until its owner resumes it.</summary>
    GivenUp = 2,
}

/// <summary>How a subscription is.</summary>
/// <param name="OwnerId">Its owner; empty for a sink.</param>
/// <param name="Id">The subscription.</param>
/// <param name="Status">Whether it is served.</param>
/// <param name="Queued">Events waiting.</param>
/// <param name="OldestQueued">Since when the oldest waits.</param>
/// <param name="FailingSince">Since when nothing reaches it; null: it was reached last time.</param>
/// <param name="LastFailure">Why the last failed attempt failed.</param>
/// <param name="Missed">Events lost: they found the queue full, or could not be stored for too long.</param>
/// <param name="Abandoned">Events that it would not take though it took others, and that were given up.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Notifications.SubscriptionHealth")]
public sealed record SubscriptionHealth(
    string OwnerId,
    string Id,
    SubscriptionStatus Status,
    int Queued,
    DateTimeOffset? OldestQueued,
    DateTimeOffset? FailingSince,
    string? LastFailure,
    long Missed,
    long Abandoned)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Whether somebody should look at it.</summary>
    public bool IsTroubled => Status == SubscriptionStatus.GivenUp || FailingSince is not null || Missed > 0 || Abandoned > 0;
}

/// <summary>A webhook as read.</summary>
/// <param name="Settings">What its owner said.</param>
/// <param name="Health">How it is.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="LastDelivered">When it last took an event.</param>
/// <param name="OldSecretUntil">Until when events are signed with the secret before the present one too.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Notifications.SubscriptionSnapshot")]
public sealed record SubscriptionSnapshot(
    WebhookSettings Settings, SubscriptionHealth Health, DateTimeOffset CreatedAt, DateTimeOffset? LastDelivered, DateTimeOffset? OldSecretUntil)
{
    /// <summary>Version of what its owner set; see <see cref="Precondition"/>.</summary>
    public string Version => VersionOf(Settings, Health.Status);

    /// <summary>Version of what an owner set; see <see cref="Precondition"/>.</summary>
    public static string VersionOf(WebhookSettings settings, SubscriptionStatus status) => Precondition.VersionOf(
        "w", settings.Url, string.Join(',', settings.Kinds.Order()), settings.Description, status == SubscriptionStatus.Paused);
}
