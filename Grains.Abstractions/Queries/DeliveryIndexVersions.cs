namespace DroneDelivery.Queries;

/// <summary>
/// Orders the rows that a request and its delivery write for the same id: the request speaks only as long as there is no delivery,
/// so whatever a delivery says is newer.
/// </summary>
public static class DeliveryIndexVersions
{
    /// <summary>A request that has no carrier by then says that it was accepted; one that has leaves it to its delivery, which is soon under way.</summary>
    public static readonly TimeSpan RequestSpeaksAfter = TimeSpan.FromSeconds(1);

    /// <summary>Said by the request: accepted. The lowest version, so a store that finds any row can drop it unread.</summary>
    public const long Accepted = 1;

    /// <summary>Said by the request: ended without ever having had a delivery.</summary>
    public const long EndedUnshipped = 2;

    /// <summary>Said by the delivery: the tracking event of this number, from 1.</summary>
    public static long OfTracking(long sequence) => EndedUnshipped + sequence;
}
