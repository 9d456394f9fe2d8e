namespace DroneDelivery.Notifications;

/// <summary>A way out of the system.</summary>
internal interface IEventChannel
{
    /// <summary>Most events that one request carries.</summary>
    int BatchSize { get; }

    /// <summary>Most requests of one subscription at the same time. Events of one delivery are never under way in two.</summary>
    int Concurrency { get; }

    /// <summary>Sends events; ends within a bounded time, and does not throw for what is wrong with the receiver or the way to it.</summary>
    Task<SendResult> Send(SubscriptionState subscription, IReadOnlyList<DeliveryNotice> notices, CancellationToken cancellationToken);
}

/// <summary>Finds the way to a subscription.</summary>
internal interface IEventChannels
{
    /// <summary>The channel of all webhooks.</summary>
    IEventChannel Webhooks { get; }

    /// <summary>The channel of a sink; null when it is not configured (any more).</summary>
    IEventChannel? Sink(string name);

    /// <summary>The parts of all sinks that hear of this delivery; each is a subscription's key.</summary>
    IEnumerable<string> SinksOf(string deliveryId);
}

/// <summary>What became of a request.</summary>
/// <param name="Delivered">Whether the receiver took it.</param>
/// <param name="Reason">Why not, in words fit for the owner.</param>
/// <param name="Gone">Whether the receiver wants no more, ever.</param>
/// <param name="RetryAfter">When the receiver wants it again.</param>
internal sealed record SendResult(bool Delivered, string? Reason = null, bool Gone = false, TimeSpan? RetryAfter = null)
{
    /// <summary>The receiver took it.</summary>
    public static SendResult Done { get; } = new(true);

    /// <summary>It did not.</summary>
    public static SendResult Failed(string reason) => new(false, reason);
}
