using DroneDelivery.CosmosSimulator.Accounting;
using DroneDelivery.CosmosSimulator.Store;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>Hands requests to those who know them.</summary>
/// <param name="account">What is stored.</param>
/// <param name="properties">The account's properties.</param>
/// <param name="consistency">What reads are promised.</param>
internal sealed class RequestDispatcher(SimulatedAccount account, AccountHandler properties, ReadConsistency consistency)
{
    private readonly DatabaseHandler _databases = new(account);
    private readonly ContainerHandler _containers = new(account);

    /// <summary>Runs a request.</summary>
    /// <exception cref="RefusedException">It is refused.</exception>
    public async Task<CosmosAnswer> RunAsync(CosmosRequest request) => request.Operation switch
    {
        RequestKind.ReadAccount => properties.Read(),
        RequestKind.CreateDatabase => _databases.Create(request),
        RequestKind.ReadDatabase => _databases.Read(request),
        RequestKind.DeleteDatabase => _databases.Delete(request),
        RequestKind.ListDatabases => _databases.List(request),
        RequestKind.CreateContainer => _containers.Create(request),
        RequestKind.ReadContainer => _containers.Read(request),
        RequestKind.ReplaceContainer => _containers.Replace(request),
        RequestKind.DeleteContainer => _containers.Delete(request),
        RequestKind.ListContainers => _containers.List(request),
        RequestKind.ReadPartitionKeyRanges => _containers.ReadPartitionKeyRanges(request),
        RequestKind.Offers => throw RefusedException.NotImitated("offers"),
        _ => await RunOnItemsAsync(request),
    };

    private async Task<CosmosAnswer> RunOnItemsAsync(CosmosRequest request)
    {
        var container = account.Container(request.Address, SubStatus.OwnerNotFound);
        var partitions = Partitions(request, container);
        foreach (var partition in partitions)
        {
            if (partition.Budget.Refuse() is { } wait)
            {
                return CosmosAnswer.Error(429, SubStatus.ThroughputExceeded, "Request rate is large. More Request Units may be needed, so no changes were made.") with
                {
                    RetryAfter = wait,
                };
            }
        }

        try
        {
            var answer = await RunAsync(request, container);
            return Finished(request, container, partitions, answer);
        }
        catch (RefusedException refusal)
        {
            return Finished(request, container, partitions, CosmosAnswer.Of(refusal));
        }
    }

    private CosmosAnswer Finished(CosmosRequest request, SimulatedContainer container, IReadOnlyList<PhysicalPartition> partitions, CosmosAnswer answer)
    {
        // What the primary answered to a write, also to a refused one, is as new as the last write.
        var token = answer.SessionToken ?? (request.IsWrite && partitions is [var written] ? ReadConsistency.Token(written, written.Atomically(() => written.LastWrite)) : null);
        var charge = consistency.IsQuorumRead(request) ? answer.Charge * ChargeModel.QuorumRead : answer.Charge;
        foreach (var partition in partitions) partition.Budget.Spend(charge / partitions.Count);
        return answer with { Charge = charge, SessionToken = token, OwnerId = container.Rid };
    }

    private async Task<CosmosAnswer> RunAsync(CosmosRequest request, SimulatedContainer container) => request.Operation switch
    {
        RequestKind.Batch => await BatchHandler.RunAsync(request, container),
        RequestKind.QueryItems => QueryHandler.Query(request, container, consistency),
        RequestKind.ListItems => QueryHandler.List(request, container, consistency),
        RequestKind.QueryPlan => QueryHandler.Plan(request),
        _ => ItemHandler.Run(request, container, consistency),
    };

    private static IReadOnlyList<PhysicalPartition> Partitions(CosmosRequest request, SimulatedContainer container)
    {
        if (request.Operation == RequestKind.QueryPlan) return [];
        if (request.PartitionKey is { } key) return [container.PartitionOf(key)];
        var range = request.Header(CosmosHeaders.PartitionKeyRangeId);
        return range is null ? container.Partitions : [.. container.Partitions.Where(partition => partition.Id == range)];
    }
}
