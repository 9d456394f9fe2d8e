using System.Text;
using DroneDelivery.CosmosSimulator.Store;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>Batches: transactional ones on one partition key, and the bulk mode's, whose operations stand for themselves.</summary>
internal static class BatchHandler
{
    private const int MaximumOperations = 100;
    private const int FailedDependency = 424;

    /// <summary>Runs a batch.</summary>
    /// <param name="request">The request.</param>
    /// <param name="container">Its container.</param>
    public static async Task<CosmosAnswer> RunAsync(CosmosRequest request, SimulatedContainer container)
    {
        if (request.Body.Length > ItemDocument.MaximumSize) throw RefusedException.TooLarge($"the batch has {request.Body.Length} bytes, at most {ItemDocument.MaximumSize} are allowed");
        var operations = await BatchCodec.ReadAsync(request.Body);
        if (operations.Count > MaximumOperations) throw RefusedException.BadRequest($"Batch request has more operations than what is supported: {operations.Count}, at most {MaximumOperations}.");

        var results = request.Flag(CosmosHeaders.BatchIsAtomic)
            ? RunTransaction(request, container, [.. operations.Select(operation => operation.Operation)])
            : RunEach(request, container, operations);
        return new CosmosAnswer
        {
            Status = results.All(result => result.Status < 400) ? 200 : 207,
            Body = await BatchCodec.WriteAsync(results),
            IsBinary = true,
            Charge = results.Sum(result => result.Charge),
        };
    }

    private static IReadOnlyList<BatchResult> RunTransaction(CosmosRequest request, SimulatedContainer container, IReadOnlyList<ItemOperation> operations)
    {
        var key = request.PartitionKey ?? throw RefusedException.BadRequest($"The header {CosmosHeaders.PartitionKey} is missing.");
        var partition = container.PartitionOf(key);
        return partition.Atomically(() =>
        {
            var transaction = new PartitionTransaction(container, partition, key);
            var results = new List<BatchResult>(operations.Count);
            foreach (var operation in operations)
            {
                var result = RunOne(transaction, operation);
                if (result.Status >= 400) return Failed(operations.Count, results, result);
                results.Add(result);
            }

            transaction.Commit();
            return results;
        });
    }

    // All operations but the failed one answer that they depended on it.
    private static IReadOnlyList<BatchResult> Failed(int count, IReadOnlyList<BatchResult> before, BatchResult failed) =>
    [
        .. before.Select(result => new BatchResult(FailedDependency, SubStatus.None, null, null, result.Charge)),
        failed,
        .. Enumerable.Repeat(new BatchResult(FailedDependency, SubStatus.None, null, null, 0), count - before.Count - 1),
    ];

    private static IReadOnlyList<BatchResult> RunEach(CosmosRequest request, SimulatedContainer container, IReadOnlyList<(ItemOperation Operation, LogicalKey? Key)> operations)
    {
        var range = request.Header(CosmosHeaders.PartitionKeyRangeId);
        var results = new List<BatchResult>(operations.Count);
        foreach (var (operation, ownKey) in operations)
        {
            var key = ownKey ?? request.PartitionKey ?? throw RefusedException.BadRequest("An operation of the batch has no partition key.");
            var partition = container.PartitionOf(key);
            if (range is not null && range != partition.Id)
                throw new RefusedException(410, $"Partition key {key} is not in range {range}.", SubStatus.PartitionKeyRangeGone);

            var result = partition.Atomically(() =>
            {
                var transaction = new PartitionTransaction(container, partition, key);
                var result = RunOne(transaction, operation);
                if (result.Status < 400) transaction.Commit();
                return result;
            });
            results.Add(result);
        }

        return results;
    }

    private static BatchResult RunOne(PartitionTransaction transaction, ItemOperation operation)
    {
        try
        {
            var outcome = ItemOperations.Run(transaction, operation);
            var withBody = outcome.Item is not null && outcome.Status != 304 && (operation.Kind == RequestKind.ReadItem || !operation.WithoutContent);
            return new BatchResult(outcome.Status, SubStatus.None, outcome.Item?.ETag, withBody ? outcome.Item!.Utf8.ToArray() : null, outcome.Charge);
        }
        catch (RefusedException refusal)
        {
            return new BatchResult(refusal.Status, refusal.SubStatus, null, Encoding.UTF8.GetBytes(refusal.Message), refusal.Charge);
        }
    }
}
