using System.ComponentModel.DataAnnotations;

namespace DroneDelivery.Notifications;

/// <summary>To whom and how events leave the system; section <c>Notifications</c>.</summary>
internal sealed class NotificationOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Notifications";

    /// <summary>Whether every event is written to the log: its id, type and delivery, not what it says.</summary>
    public bool Log { get; set; }

    /// <summary>Where all events are published, beside the owners' webhooks.</summary>
    public EventGridOptions EventGrid { get; set; } = new();

    /// <summary>
    /// Whether webhooks may lead to addresses that are not of the public internet, and be sent without TLS. For local mode only: anywhere
    /// else owners could have us ask our own services.
    /// </summary>
    public bool AllowLocalWebhooks { get; set; }

    /// <summary>
    /// Under which the secrets of webhooks are encrypted where they are stored: 32 random bytes in base64, the same for every silo. Empty: they are not, which
    /// only local mode allows.
    /// </summary>
    public string SecretKey { get; set; } = "";

    /// <summary>Former keys. What is stored under one of them can be read, and is stored under the present one with its next change.</summary>
    public string[] PreviousSecretKeys { get; set; } = [];

    /// <summary>How long a receiver may take to answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Most requests to one webhook at the same time, each for another delivery.</summary>
    [Range(1, 64)]
    public int WebhookConcurrency { get; set; } = 4;

    /// <summary>Most webhooks of an owner.</summary>
    [Range(1, 100)]
    public int MaxWebhooks { get; set; } = 10;

    /// <summary>
    /// Most events that wait for one subscription; long texts fill it sooner, since its document has to stay small enough to be stored. What comes when it is
    /// full is counted, not kept.
    /// </summary>
    [Range(1, 2_000)]
    public int QueueCapacity { get; set; } = 1_000;

    /// <summary>Delay before the first retry of an event that was not taken; it doubles with each failure.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:10:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest delay between retries.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "1.00:00:00")]
    public TimeSpan LastRetry { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>After which time an event that is not taken is given up, and with it the subscription when it takes no other either.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long what was sent may be missing from what is stored while more waits; after a crash it is sent again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
    public TimeSpan SaveInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a shard looks after subscriptions that have something queued or are in trouble.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan WatchInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>For how long a subscription is looked after when nothing comes any more; each return costs a write.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan WatchFor { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How long an event is offered to a subscription that cannot store it. Until then the events after it of the same delivery wait; then they go on to the
    /// owner's other subscriptions, and this one loses what it cannot store, which is counted.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LoseAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (EventGrid.Objection is { } objection) yield return new(objection);
        foreach (var (name, text) in PreviousSecretKeys.Select((text, number) => ($"PreviousSecretKeys:{number}", text)).Prepend(("SecretKey", SecretKey)))
        {
            if (ReadKey(text) is null && (text.Length > 0 || name != nameof(SecretKey)))
                yield return new($"Notifications:{name} is not a key; set it to 32 random bytes in base64, such as `openssl rand -base64 32` prints.");
        }

        if (PreviousSecretKeys.Length > 0 && SecretKey.Length == 0)
            yield return new("Notifications:PreviousSecretKeys is given, but Notifications:SecretKey is missing; set it to the present key.");
        if (LastRetry < FirstRetry) yield return new("Notifications:LastRetry must not be shorter than Notifications:FirstRetry.");
    }

    /// <summary>The bytes of a key; null when it is none.</summary>
    internal static byte[]? ReadKey(string text)
    {
        const int length = 32;
        var key = new byte[length];
        return Convert.TryFromBase64String(text.Trim(), key, out var written) && written == length ? key : null;
    }
}
