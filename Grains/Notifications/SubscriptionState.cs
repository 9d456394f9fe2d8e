using DroneDelivery.Storage;

namespace DroneDelivery.Notifications;

/// <summary>Stored form of a subscription.</summary>
internal sealed record SubscriptionState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Most bytes of the events that wait; the whole document stays below a megabyte, which is half of what Cosmos DB takes.</summary>
    public const int QueueBytes = 900_000;

    /// <summary>What its owner said; null: a sink, or nothing was made yet.</summary>
    public WebhookSettings? Settings { get; init; }

    /// <summary>Secrets that sign what is sent, the present one last.</summary>
    public IReadOnlyList<SigningSecret> Secrets { get; init; } = [];
    public SubscriptionStatus Status { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>What is to be sent, in the order in which it came.</summary>
    public IReadOnlyList<QueuedNotice> Queue { get; init; } = [];

    /// <summary>When something was last taken.</summary>
    public DateTimeOffset? LastDelivered { get; init; }

    /// <summary>Since when nothing is taken.</summary>
    public DateTimeOffset? FailingSince { get; init; }
    public string? LastFailure { get; init; }

    /// <summary>Events lost: they found the queue full, or the subscription could not store them for too long.</summary>
    public long Missed { get; init; }

    /// <summary>Events given up though others were taken.</summary>
    public long Abandoned { get; init; }
    public CommandLog Commands { get; init; } = new();

    /// <summary>Queues what is wanted and not queued yet. What the queue has no room for, by number or by bytes, is counted.</summary>
    public SubscriptionState WithQueued(IEnumerable<DeliveryNotice> notices, DateTimeOffset now, int capacity)
    {
        var queued = Queue.Select(entry => entry.Notice.Id).ToHashSet();
        var news = notices.Where(notice => Wants(notice) && queued.Add(notice.Id)).ToList();
        if (news.Count == 0) return this;
        var (queue, bytes) = (Queue.ToList(), Queue.Sum(entry => entry.Bytes));
        foreach (var entry in news.Select(notice => new QueuedNotice(notice, now)))
        {
            bytes += entry.Bytes;
            if (queue.Count >= capacity || bytes > QueueBytes) break;
            queue.Add(entry);
        }

        return this with { Queue = queue, Missed = Missed + news.Count - (queue.Count - Queue.Count) };
    }

    /// <summary>These were taken.</summary>
    public SubscriptionState WithDelivered(IReadOnlyList<DeliveryNotice> notices, DateTimeOffset now) =>
        Without(notices) with { LastDelivered = now, FailingSince = null, LastFailure = null };

    /// <summary>
    /// These were not taken. After the time given, those are given up when others were taken since, and the subscription when nothing was.
    /// </summary>
    public SubscriptionState WithFailure(IReadOnlyList<DeliveryNotice> notices, string reason, bool gone, DateTimeOffset now, TimeSpan giveUpAfter)
    {
        var next = this with { FailingSince = FailingSince ?? now, LastFailure = reason.Cut(BoundedText.ShortBytes) };
        if (gone) return next with { Status = SubscriptionStatus.GivenUp };

        var ids = notices.Select(notice => notice.Id).ToHashSet();
        var oldest = Queue.Where(entry => ids.Contains(entry.Notice.Id)).Select(entry => (DateTimeOffset?)entry.QueuedAt).Min();
        if (!(now - oldest >= giveUpAfter)) return next;
        if (LastDelivered >= oldest) return next.Without(notices) with { Abandoned = Abandoned + notices.Count };
        return next with { Status = SubscriptionStatus.GivenUp };
    }

    /// <summary>Its owner wants it to go on: what is queued gets its time anew.</summary>
    public SubscriptionState WithResumed(DateTimeOffset now) => this with
    {
        Status = SubscriptionStatus.Active,
        FailingSince = null,
        LastFailure = null,
        Missed = 0,
        Abandoned = 0,
        Queue = [.. Queue.Select(entry => entry with { QueuedAt = now })],
    };

    /// <summary>Secrets that sign at a time.</summary>
    public IEnumerable<string> SecretsAt(DateTimeOffset now) => Secrets.Where(secret => !(secret.Until <= now)).Select(secret => secret.Value);

    private SubscriptionState Without(IReadOnlyList<DeliveryNotice> notices)
    {
        var ids = notices.Select(notice => notice.Id).ToHashSet();
        return this with { Queue = [.. Queue.Where(entry => !ids.Contains(entry.Notice.Id))] };
    }

    private bool Wants(DeliveryNotice notice) => Settings is not { Kinds: { Count: > 0 } kinds } || kinds.Contains(notice.Kind);
}

/// <summary>A notice that waits.</summary>
/// <param name="Notice">What is to be told.</param>
/// <param name="QueuedAt">Since when.</param>
internal sealed record QueuedNotice(DeliveryNotice Notice, DateTimeOffset QueuedAt)
{
    internal UnknownMembers? Unknown { get; init; }

    // What stands around a notice in the document.
    private const int Frame = 80;
    private static readonly GrainStateSerializer Serializer = new();

    private int _bytes;

    /// <summary>Bytes that it takes in the document, at most.</summary>
    public int Bytes => _bytes > 0 ? _bytes : _bytes = Serializer.Serialize(Notice).ToMemory().Length + Frame;
}

/// <summary>A secret shared with a receiver.</summary>
/// <param name="Value">As given to the owner: <c>whsec_</c> and base64.</param>
/// <param name="Until">Until when it signs; null: until it is replaced.</param>
/// <param name="MadeBy">Id of the command that made it; null: one made before that was written down.</param>
internal sealed record SigningSecret(string Value, DateTimeOffset? Until, string? MadeBy = null)
{
    internal UnknownMembers? Unknown { get; init; }

    // Records print what they hold; a secret must not.
    public override string ToString() => nameof(SigningSecret);
}
