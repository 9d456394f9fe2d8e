using System.Text.Json;
using DroneDelivery.CosmosSimulator.Accounting;
using DroneDelivery.CosmosSimulator.Protocol;
using DroneDelivery.CosmosSimulator.Query;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>What the operations on items do.</summary>
internal static class ItemOperations
{
    /// <summary>Runs one operation within a transaction.</summary>
    /// <exception cref="RefusedException">It is refused and has changed nothing.</exception>
    public static ItemOutcome Run(PartitionTransaction transaction, ItemOperation operation) => operation.Kind switch
    {
        RequestKind.CreateItem => Create(transaction, operation),
        RequestKind.UpsertItem => Upsert(transaction, operation),
        RequestKind.ReadItem => Read(transaction, operation),
        RequestKind.ReplaceItem => Replace(transaction, operation),
        RequestKind.DeleteItem => Delete(transaction, operation),
        RequestKind.PatchItem => Patch(transaction, operation),
        _ => throw RefusedException.NotImitated($"the operation {operation.Kind} on an item"),
    };

    private static ItemOutcome Create(PartitionTransaction transaction, ItemOperation operation)
    {
        var id = CheckDocument(transaction, operation.Body);
        if (transaction.Find(id) is not null) throw Costly(RefusedException.Conflict($"item {id}"));
        return Insert(transaction, operation.Body);
    }

    private static ItemOutcome Upsert(PartitionTransaction transaction, ItemOperation operation)
    {
        var id = CheckDocument(transaction, operation.Body);

        // As in the service, If-Match guards an upsert only when there is something to match.
        if (transaction.Find(id) is not { } existing) return Insert(transaction, operation.Body);
        CheckConditions(existing, operation);
        return Overwrite(transaction, existing, operation.Body);
    }

    private static ItemOutcome Read(PartitionTransaction transaction, ItemOperation operation)
    {
        var item = Existing(transaction, operation);
        return operation.IfNoneMatch is { } known && (known == "*" || known == item.ETag)
            ? new ItemOutcome(304, item, ChargeModel.Miss)
            : new ItemOutcome(200, item, ChargeModel.Read(item.Size));
    }

    private static ItemOutcome Replace(PartitionTransaction transaction, ItemOperation operation)
    {
        var id = CheckDocument(transaction, operation.Body);
        if (operation.Id is not null && operation.Id != id)
            throw RefusedException.BadRequest($"The item's id '{id}' is not the one that is replaced, '{operation.Id}'.");

        var existing = Existing(transaction, operation with { Id = id });
        CheckConditions(existing, operation);
        return Overwrite(transaction, existing, operation.Body);
    }

    private static ItemOutcome Delete(PartitionTransaction transaction, ItemOperation operation)
    {
        var existing = Existing(transaction, operation);
        CheckConditions(existing, operation);
        transaction.Remove(existing.Id);
        return new ItemOutcome(204, null, ChargeModel.Delete(existing.Size, IndexedValues(transaction, existing)));
    }

    private static ItemOutcome Patch(PartitionTransaction transaction, ItemOperation operation)
    {
        var patch = PatchDocument.Parse(operation.Body);
        var existing = Existing(transaction, operation);
        CheckConditions(existing, operation);
        if (patch.Condition is { } condition && !QueryCondition.Holds(condition, existing.Content))
            throw Costly(RefusedException.PreconditionFailed($"the condition of the patch of item {existing.Id}"));

        var changed = patch.Apply(existing.Content);
        if (ItemDocument.Check(changed) != existing.Id) throw RefusedException.BadRequest("A patch cannot change the id.");
        if (!LogicalKey.Of(changed, transaction.Container.PartitionKey.Paths).Equals(transaction.Key)) throw RefusedException.BadRequest("A patch cannot change the partition key.");
        return Overwrite(transaction, existing, changed);
    }

    private static ItemOutcome Insert(PartitionTransaction transaction, JsonElement document)
    {
        var item = Document(transaction, document, transaction.Container.NextItemNumber());
        transaction.Put(item);
        return new ItemOutcome(201, item, ChargeModel.Insert(item.Size, IndexedValues(transaction, item)));
    }

    private static ItemOutcome Overwrite(PartitionTransaction transaction, StoredItem existing, JsonElement document)
    {
        var item = Document(transaction, document, existing.Number);
        transaction.Put(item);
        return new ItemOutcome(200, item, ChargeModel.Replace(item.Size, IndexedValues(transaction, item)));
    }

    private static StoredItem Document(PartitionTransaction transaction, JsonElement document, ulong number) => ItemDocument.Create(
        document, transaction.Key, number, transaction.Container.Rid, transaction.Container.Link, transaction.Container.Now);

    private static StoredItem Existing(PartitionTransaction transaction, ItemOperation operation) =>
        operation.Id is not { } id ? throw RefusedException.BadRequest("The operation names no item.")
        : transaction.Find(id) ?? throw Costly(RefusedException.NotFound($"There is no item {id} with partition key {transaction.Key}."));

    private static void CheckConditions(StoredItem existing, ItemOperation operation)
    {
        if (operation.IfMatch is { } wanted && wanted != "*" && wanted != existing.ETag)
            throw Costly(RefusedException.PreconditionFailed($"item {existing.Id} has another etag than If-Match"), existing);

        if (operation.IfNoneMatch is { } unwanted && (unwanted == "*" || unwanted == existing.ETag))
            throw Costly(RefusedException.PreconditionFailed($"item {existing.Id} exists or has the etag of If-None-Match"), existing);
    }

    private static string CheckDocument(PartitionTransaction transaction, JsonElement document)
    {
        var id = ItemDocument.Check(document);
        var key = LogicalKey.Of(document, transaction.Container.PartitionKey.Paths);
        if (!key.Equals(transaction.Key))
        {
            throw RefusedException.BadRequest(
                $"PartitionKey extracted from document, {key}, doesn't match the one specified in the header, {transaction.Key}.", SubStatus.PartitionKeyMismatch);
        }

        return id;
    }

    private static int IndexedValues(PartitionTransaction transaction, StoredItem item) => transaction.Container.Properties.Indexing.Count(item.Content);

    private static RefusedException Costly(RefusedException refusal, StoredItem? read = null) => new(refusal.Status, refusal.Message, refusal.SubStatus)
    {
        Charge = read is null ? ChargeModel.Miss : ChargeModel.Read(read.Size),
    };
}
