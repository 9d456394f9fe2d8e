using DroneDelivery.CosmosSimulator.Store;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>Hands requests to those who know them.</summary>
/// <param name="account">What is stored.</param>
/// <param name="endpoint">Where the account answers.</param>
internal sealed class RequestDispatcher(SimulatedAccount account, Func<Uri> endpoint)
{
    private readonly DatabaseHandler _databases = new(account);
    private readonly ContainerHandler _containers = new(account);

    /// <summary>Runs a request.</summary>
    /// <exception cref="RefusedException">It is refused.</exception>
    public async Task<CosmosAnswer> RunAsync(CosmosRequest request) => request.Operation switch
    {
        RequestKind.ReadAccount => AccountHandler.Read(endpoint()),
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
            Spend(partitions, answer.Charge);
            return answer;
        }
        catch (RefusedException refusal)
        {
            Spend(partitions, refusal.Charge);
            throw;
        }
    }

    private static async Task<CosmosAnswer> RunAsync(CosmosRequest request, SimulatedContainer container) => request.Operation switch
    {
        RequestKind.Batch => await BatchHandler.RunAsync(request, container),
        RequestKind.QueryItems => QueryHandler.Query(request, container),
        RequestKind.ListItems => QueryHandler.List(request, container),
        RequestKind.QueryPlan => QueryHandler.Plan(request),
        _ => ItemHandler.Run(request, container),
    };

    private static IReadOnlyList<PhysicalPartition> Partitions(CosmosRequest request, SimulatedContainer container)
    {
        if (request.Operation == RequestKind.QueryPlan) return [];
        if (request.PartitionKey is { } key) return [container.PartitionOf(key)];
        var range = request.Header(CosmosHeaders.PartitionKeyRangeId);
        return range is null ? container.Partitions : [.. container.Partitions.Where(partition => partition.Id == range)];
    }

    private static void Spend(IReadOnlyList<PhysicalPartition> partitions, double charge)
    {
        foreach (var partition in partitions) partition.Budget.Spend(charge / partitions.Count);
    }
}
