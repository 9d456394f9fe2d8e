using System.Globalization;
using System.Text.Json;
using DroneDelivery.CosmosSimulator.Accounting;
using DroneDelivery.CosmosSimulator.Journal;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>A container and its items.</summary>
internal sealed class SimulatedContainer
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private ulong _lastItem;

    /// <param name="name">Its id.</param>
    /// <param name="number">Its number in the account.</param>
    /// <param name="databaseRid">Resource id of its database.</param>
    /// <param name="properties">Its properties; from a client, or with the system's from before a restart.</param>
    /// <param name="isRestored">Whether the properties are from before a restart.</param>
    /// <param name="partitions">How many physical partitions it has.</param>
    /// <param name="unitsPerSecond">Throughput of each; null for no limit.</param>
    /// <param name="journal">Where changes are written down.</param>
    /// <param name="lag">How far replicas lag.</param>
    /// <param name="clock">The time.</param>
    /// <exception cref="RefusedException">The properties make no sense.</exception>
    public SimulatedContainer(
        string name, uint number, string databaseRid, JsonElement properties, bool isRestored, int partitions, double? unitsPerSecond, StoreJournal journal,
        ReplicaLag lag, TimeProvider clock)
    {
        _clock = clock;
        Name = name;
        Number = number;
        Rid = ResourceIds.Container(databaseRid, number);
        Link = $"dbs/{databaseRid}/colls/{Rid}/";
        Journal = journal;
        Properties = isRestored ? ContainerProperties.Of(properties) : ContainerProperties.Complete(properties, Rid, Link, Now);
        PartitionKey = Properties.PartitionKey;
        Partitions = [.. Enumerable.Range(0, partitions).Select(index => new PhysicalPartition(
            index.ToString(CultureInfo.InvariantCulture),
            EffectivePartitionKey.Boundary(index, partitions, PartitionKey),
            EffectivePartitionKey.Boundary(index + 1, partitions, PartitionKey),
            new ThroughputBudget(unitsPerSecond, clock),
            new ReplicaHistory(lag, clock)))];
    }

    /// <summary>Its id.</summary>
    public string Name { get; }

    /// <summary>Its number in the account.</summary>
    public uint Number { get; }

    /// <summary>Its resource id.</summary>
    public string Rid { get; }

    /// <summary>Its own link, by resource ids.</summary>
    public string Link { get; }

    /// <summary>How it is partitioned.</summary>
    public PartitionKeyDefinition PartitionKey { get; }

    /// <summary>Its physical partitions, in the order of their ranges.</summary>
    public IReadOnlyList<PhysicalPartition> Partitions { get; }

    /// <summary>Where changes are written down.</summary>
    public StoreJournal Journal { get; }

    /// <summary>Its properties as the client reads them.</summary>
    public ContainerProperties Properties { get; private set; }

    /// <summary>Now, seconds since 1970.</summary>
    public long Now => _clock.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Replaces what may be replaced: indexing policy, time to live and the like.</summary>
    /// <param name="properties">As the client sent them.</param>
    /// <param name="ifMatch">The etag that the container must have; null or <c>*</c> for any.</param>
    /// <exception cref="RefusedException">The partition key would change, or the etag is another.</exception>
    public void Replace(JsonElement properties, string? ifMatch)
    {
        var replacement = ContainerProperties.Complete(properties, Rid, Link, Now);
        if (!replacement.PartitionKey.IsSameAs(PartitionKey)) throw RefusedException.BadRequest("The partition key of a container cannot be changed.");
        lock (_gate)
        {
            if (ifMatch is not null && ifMatch != "*" && ifMatch != Properties.ETag)
                throw RefusedException.PreconditionFailed($"container {Name} has another etag than If-Match");

            Journal.ContainerReplaced(this, replacement);
            Properties = replacement;
        }
    }

    /// <summary>Takes properties from before a restart.</summary>
    public void Restore(ContainerProperties properties) => Properties = properties;

    /// <summary>The partition of a key.</summary>
    public PhysicalPartition PartitionOf(LogicalKey key)
    {
        if (key.Components.Count != PartitionKey.Paths.Count)
            throw RefusedException.BadRequest($"The partition key {key} has {key.Components.Count} component(s); container {Name} has {PartitionKey.Paths.Count}.", SubStatus.PartitionKeyMismatch);

        var place = EffectivePartitionKey.Of(key, PartitionKey);
        return Partitions.First(partition => partition.Covers(place));
    }

    /// <summary>A number that no item has had.</summary>
    public ulong NextItemNumber() => Interlocked.Increment(ref _lastItem);

    /// <summary>Keeps numbers growing after a restart.</summary>
    public void SawItemNumber(ulong number)
    {
        if (number > _lastItem) _lastItem = number;
    }

    /// <summary>Whether an item is there to be seen now.</summary>
    public bool IsAlive(StoredItem item) => !item.HasExpired(Now, Properties.DefaultTimeToLive);
}
