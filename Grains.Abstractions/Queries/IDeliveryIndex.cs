namespace DroneDelivery.Queries;

/// <summary>
/// Deliveries by owner, stage and time, at most seconds behind what the grains know; reading it wakes no grain. A port: each store
/// implements it. The grains write from what they have stored, so a row may come twice, late, or after a newer one.
/// </summary>
public interface IDeliveryIndex
{
    /// <summary>Stores the row unless one of the same or a higher version is there; harmless at any time and in any order.</summary>
    Task Upsert(DeliveryIndexEntry entry, CancellationToken cancellationToken = default);

    /// <summary>Deletes the row of a delivery whose data is erased; nothing happens when there is none.</summary>
    Task Delete(string ownerId, string deliveryId, CancellationToken cancellationToken = default);

    /// <summary>
    /// One page of the rows that the query asks for, the most recently changed first. What comes or changes between two pages moves
    /// to the front: the pages that follow repeat no row and leave none out that stayed as it was.
    /// </summary>
    Task<DeliveryIndexPage> Query(DeliveryIndexQuery query, CancellationToken cancellationToken = default);
}

/// <summary>A delivery as the index knows it.</summary>
/// <param name="DeliveryId">The delivery; with the owner it names the row.</param>
/// <param name="OwnerId">The account that asked for it; never changes.</param>
/// <param name="Version">See <see cref="DeliveryIndexVersions"/>; a row is only replaced by one of a higher version.</param>
/// <param name="Stage">Stage of the delivery.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="ChangedAt">When it came to its stage.</param>
public sealed record DeliveryIndexEntry(
    string DeliveryId, string OwnerId, long Version, DeliveryStage Stage, DateTimeOffset RequestedAt, DateTimeOffset ChangedAt)
{
    /// <summary>Whether it is probably the first row of its delivery. Not stored: it tells the store what to try first.</summary>
    public bool IsNew { get; init; }
}

/// <summary>Which rows to give; null leaves a field open.</summary>
/// <param name="OwnerId">Rows of this account; without one all partitions of the store are asked.</param>
/// <param name="Stage">Rows of this stage.</param>
/// <param name="From">Rows that came to their stage at this time or later.</param>
/// <param name="To">Rows that came to their stage before this time.</param>
/// <param name="After">Where the page before ended.</param>
/// <param name="Limit">Most rows on the page, from 1.</param>
public sealed record DeliveryIndexQuery(
    string? OwnerId = null,
    DeliveryStage? Stage = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    DeliveryIndexPosition? After = null,
    int Limit = DeliveryIndexQuery.DefaultLimit)
{
    /// <summary>Rows on a page when nothing is said.</summary>
    public const int DefaultLimit = 50;

    /// <summary>Most rows on a page.</summary>
    public const int MaxLimit = 200;
}

/// <summary>A page of rows.</summary>
/// <param name="Deliveries">The rows.</param>
/// <param name="Next">Where the next page begins; null: nothing follows.</param>
public sealed record DeliveryIndexPage(IReadOnlyList<DeliveryIndexEntry> Deliveries, DeliveryIndexPosition? Next)
{
    /// <summary>Makes a page of rows of which one more than the limit was read, to see whether anything follows.</summary>
    public static DeliveryIndexPage Of(IReadOnlyList<DeliveryIndexEntry> read, int limit) => read.Count <= limit
        ? new(read, null)
        : new([.. read.Take(limit)], new(read[limit - 1].ChangedAt, read[limit - 1].DeliveryId));
}
