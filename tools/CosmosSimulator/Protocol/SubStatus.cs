namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>Sub-status codes of the service (header <c>x-ms-substatus</c>).</summary>
internal static class SubStatus
{
    /// <summary>No sub-status.</summary>
    public const int None = 0;

    /// <summary>400: the partition key in the header is not the one in the document.</summary>
    public const int PartitionKeyMismatch = 1001;

    /// <summary>410: the partition key range in the header is not the one that has the data.</summary>
    public const int PartitionKeyRangeGone = 1002;

    /// <summary>404: the database or container is missing, rather than the item.</summary>
    public const int OwnerNotFound = 1003;

    /// <summary>429: the throughput of the physical partition is used up.</summary>
    public const int ThroughputExceeded = 3200;

    /// <summary>401: keys are switched off for this account.</summary>
    public const int KeysDisabled = 5202;

    /// <summary>403: an Entra token does not allow databases and containers to be created, replaced or deleted.</summary>
    public const int MetadataWriteForbidden = 5300;
}
