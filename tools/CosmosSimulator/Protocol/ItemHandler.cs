using System.Text.Json;
using DroneDelivery.CosmosSimulator.Store;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>Operations on one item.</summary>
internal static class ItemHandler
{
    /// <summary>Runs the operation.</summary>
    /// <param name="request">The request.</param>
    /// <param name="container">Its container.</param>
    /// <param name="consistency">What reads are promised.</param>
    public static CosmosAnswer Run(CosmosRequest request, SimulatedContainer container, ReadConsistency consistency)
    {
        var body = request.Operation is RequestKind.ReadItem or RequestKind.DeleteItem ? default : request.Json;
        var operation = new ItemOperation(request.Operation, request.Address.Item, body, request.IfMatch, request.IfNoneMatch, request.WithoutContent);
        var key = request.PartitionKey ?? KeyOf(request, body, container);
        var partition = container.PartitionOf(key);
        var view = operation.Kind is RequestKind.ReadItem ? consistency.View(request, partition) : default;
        var (outcome, token) = partition.Atomically(() =>
        {
            var transaction = new PartitionTransaction(container, partition, key, view);
            var outcome = ItemOperations.Run(transaction, operation);
            transaction.Commit();
            return (outcome, transaction.SessionToken);
        });

        return new CosmosAnswer
        {
            Status = outcome.Status,
            ETag = outcome.Item?.ETag,
            SessionToken = token,
            Charge = outcome.Charge,
            Body = HasBody(operation, outcome) ? outcome.Item!.Utf8.ToArray() : default,
        };
    }

    private static bool HasBody(ItemOperation operation, ItemOutcome outcome) =>
        outcome.Item is not null && outcome.Status != 304 && (operation.Kind == RequestKind.ReadItem || !operation.WithoutContent);

    private static LogicalKey KeyOf(CosmosRequest request, JsonElement body, SimulatedContainer container) =>
        request.Operation is RequestKind.CreateItem or RequestKind.UpsertItem && body.ValueKind == JsonValueKind.Object
            ? LogicalKey.Of(body, container.PartitionKey.Paths)
            : throw RefusedException.BadRequest($"The header {CosmosHeaders.PartitionKey} is missing.");
}
