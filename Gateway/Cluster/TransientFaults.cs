using Orleans.Providers.Cosmos;
using Orleans.Runtime.Messaging;
using Orleans.Storage;

namespace DroneDelivery.Gateway.Cluster;

/// <summary>Which failures of a grain call pass by themselves.</summary>
internal static class TransientFaults
{
    /// <summary>What clients are told to wait before they come back.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether repeating the call may help and does no harm. A time-out and a lost write race leave open whether the call took
    /// effect; repeating is sound because every mutating contract carries a command id by which the grain knows it again.
    /// </summary>
    public static bool IsRetryable(Exception? exception) => exception is
        SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException
        or TimeoutException or InconsistentStateException
        // A message that grew too old before it was sent; that the HTTP client has gone is asked elsewhere.
        or OperationCanceledException
        // The grain directory has no kind of its own for an activation on a silo that has just gone.
        || exception?.GetType() == typeof(OrleansException);

    /// <summary>
    /// Whether the failure means "not now": answered with 503. An overloaded store, or a silo that is overloaded or out of memory, is not called again at once, but by
    /// the client, later.
    /// </summary>
    public static bool IsTransient(Exception? exception) =>
        IsRetryable(exception) || exception is GatewayTooBusyException or OutOfMemoryException or CosmosRequestException { IsTransient: true };
}
