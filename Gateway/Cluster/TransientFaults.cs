using Orleans.Networking.Shared;
using Orleans.Providers.Cosmos;
using Orleans.Runtime.Messaging;
using Orleans.Storage;

namespace DroneDelivery.Gateway.Cluster;

/// <summary>Which failures of a grain call pass by themselves. Whatever is not listed is taken for a fault of this service.</summary>
internal static class TransientFaults
{
    /// <summary>What clients are told to wait before they come back.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Parts of messages for which the Orleans runtime has no kind of exception: an activation whose silo has just gone, a directory that is being handed over,
    /// a kind of grain that no active silo hosts for a moment.
    /// </summary>
    public static readonly IReadOnlyList<string> MessagesOfChangingMembership =
        ["Trying to register ", "Current directory at ", " is not owner of ", "No active nodes are compatible with grain "];

    /// <summary>
    /// What the client says when it knows of no silo, as while the only one is replaced. Each interface of the contracts has its grain, so
    /// that no other reason is left for one of them.
    /// </summary>
    private const string UnknownGrain = "Could not find an implementation for interface DroneDelivery.";

    // What is disposed of when a silo, or this gateway, shuts down with a call under way.
    private static readonly string[] EndingWithTheHost = ["'IServiceProvider'", "'CosmosClient'", "'Microsoft.Azure.Cosmos.CosmosClient'", "'OutsideRuntimeClient'"];

    /// <summary>
    /// Whether repeating the call may help and does no harm. A time-out and a lost write race leave open whether the call took
    /// effect; repeating is sound because every mutating contract carries a command id by which the grain knows it again.
    /// </summary>
    public static bool IsRetryable(Exception? exception) => exception switch
    {
        SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException or SocketConnectionException => true,
        TimeoutException or InconsistentStateException => true,
        // A message that grew too old before it was sent; that the HTTP client has gone is asked elsewhere.
        OperationCanceledException => true,
        CosmosRequestException store => store.PassesSoon,
        ObjectDisposedException disposed => EndingWithTheHost.Any(name => disposed.Message.Contains(name, StringComparison.Ordinal)),
        _ when IsPlain(exception) => exception!.InnerException is { } cause ? IsRetryable(cause) : IsOfChangingMembership(exception),
        _ => false,
    };

    /// <summary>
    /// Whether the failure means "not now": answered with 503. A store or a silo that has too much to do, or no room, is not called again at once, but by
    /// the client, later.
    /// </summary>
    public static bool IsTransient(Exception? exception) => IsRetryable(exception) || exception switch
    {
        GatewayTooBusyException or LimitExceededException or OutOfMemoryException => true,
        CosmosRequestException store => store.IsTransient,
        StoreUnavailableException => true,
        ArgumentException unknown => unknown.Message.StartsWith(UnknownGrain, StringComparison.Ordinal),
        _ when IsPlain(exception) => IsTransient(exception!.InnerException),
        _ => false,
    };

    // The runtime wraps what a store throws, whatever it is, and throws the same type for want of a better one.
    private static bool IsPlain(Exception? exception) => exception?.GetType() == typeof(OrleansException);

    private static bool IsOfChangingMembership(Exception exception) =>
        MessagesOfChangingMembership.Any(part => exception.Message.Contains(part, StringComparison.Ordinal));
}
