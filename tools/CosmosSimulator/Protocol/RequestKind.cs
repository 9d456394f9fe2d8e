namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>What a request wants; faults and counters go by it.</summary>
internal enum RequestKind
{
    /// <summary>Read the account's properties.</summary>
    ReadAccount,

    /// <summary>Create a database.</summary>
    CreateDatabase,

    /// <summary>Read a database.</summary>
    ReadDatabase,

    /// <summary>Delete a database with everything in it.</summary>
    DeleteDatabase,

    /// <summary>List or query databases.</summary>
    ListDatabases,

    /// <summary>Create a container.</summary>
    CreateContainer,

    /// <summary>Read a container's properties.</summary>
    ReadContainer,

    /// <summary>Replace a container's properties.</summary>
    ReplaceContainer,

    /// <summary>Delete a container with everything in it.</summary>
    DeleteContainer,

    /// <summary>List or query containers.</summary>
    ListContainers,

    /// <summary>List a container's partition key ranges.</summary>
    ReadPartitionKeyRanges,

    /// <summary>Create an item.</summary>
    CreateItem,

    /// <summary>Create or replace an item.</summary>
    UpsertItem,

    /// <summary>Read an item.</summary>
    ReadItem,

    /// <summary>Replace an item.</summary>
    ReplaceItem,

    /// <summary>Delete an item.</summary>
    DeleteItem,

    /// <summary>Change parts of an item.</summary>
    PatchItem,

    /// <summary>A batch of operations, transactional or bulk.</summary>
    Batch,

    /// <summary>Query items.</summary>
    QueryItems,

    /// <summary>Ask how to spread a query over partitions.</summary>
    QueryPlan,

    /// <summary>List items.</summary>
    ListItems,

    /// <summary>List, query or replace offers (provisioned throughput).</summary>
    Offers,
}
