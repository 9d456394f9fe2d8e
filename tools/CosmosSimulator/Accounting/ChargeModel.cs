namespace DroneDelivery.CosmosSimulator.Accounting;

/// <summary>
/// What requests cost, request units, after the published figures: a point read of 1 KB costs 1, an insert without indexing 5 per KB, a
/// replace twice that. Every part of a KB counts as a whole one.
/// </summary>
internal static class ChargeModel
{
    /// <summary>Reading an item's headers only, as when a condition fails or the item is missing.</summary>
    public const double Miss = 1;

    /// <summary>Anything about databases and containers, which the service does not count against the throughput of a container.</summary>
    public const double Metadata = 1;

    /// <summary>How many times as much a read costs that asks two replicas, as Strong and BoundedStaleness do.</summary>
    public const double QuorumRead = 2;

    private const double InsertPerKilobyte = 5;
    private const double ReplacePerKilobyte = 10;
    private const double PerIndexedValue = 0.2;
    private const double QueryBase = 2.3;
    private const double QueryPerItemLookedAt = 0.03;

    /// <summary>Reading an item.</summary>
    /// <param name="bytes">Its length.</param>
    public static double Read(int bytes) => Kilobytes(bytes);

    /// <summary>Creating an item.</summary>
    /// <param name="bytes">Its length.</param>
    /// <param name="indexedValues">How many of its values go into the index.</param>
    public static double Insert(int bytes, int indexedValues) => InsertPerKilobyte * Kilobytes(bytes) + PerIndexedValue * indexedValues;

    /// <summary>Deleting an item costs what creating it did.</summary>
    public static double Delete(int bytes, int indexedValues) => Insert(bytes, indexedValues);

    /// <summary>Replacing or patching an item.</summary>
    public static double Replace(int bytes, int indexedValues) => ReplacePerKilobyte * Kilobytes(bytes) + PerIndexedValue * indexedValues;

    /// <summary>One page of a query or a list.</summary>
    /// <param name="itemsLookedAt">How many items the filter was tried on.</param>
    /// <param name="bytesAnswered">Length of the results.</param>
    public static double Query(int itemsLookedAt, long bytesAnswered) =>
        QueryBase + QueryPerItemLookedAt * itemsLookedAt + bytesAnswered / 1024.0 * 0.5;

    private static int Kilobytes(int bytes) => Math.Max(1, (bytes + 1023) / 1024);
}
