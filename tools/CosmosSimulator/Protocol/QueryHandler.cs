using System.Text.Json;
using DroneDelivery.CosmosSimulator.Accounting;
using DroneDelivery.CosmosSimulator.Query;
using DroneDelivery.CosmosSimulator.Store;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>Queries and lists of items.</summary>
internal static class QueryHandler
{
    private const int DefaultPage = 100;

    private static readonly QueryText Everything = new(Parser.Query("SELECT * FROM c"), new Dictionary<string, JsonElement>());

    /// <summary>One page of a query.</summary>
    public static CosmosAnswer Query(CosmosRequest request, SimulatedContainer container, ReadConsistency consistency) =>
        Page(request, container, consistency, QueryText.Parse(request.Json));

    /// <summary>One page of a list.</summary>
    public static CosmosAnswer List(CosmosRequest request, SimulatedContainer container, ReadConsistency consistency) => Page(request, container, consistency, Everything);

    /// <summary>How to spread a query over partitions.</summary>
    public static CosmosAnswer Plan(CosmosRequest request) => CosmosAnswer.Of(200, QueryPlan.Of(QueryText.Parse(request.Json)), null, ChargeModel.Metadata);

    private static CosmosAnswer Page(CosmosRequest request, SimulatedContainer container, ReadConsistency consistency, QueryText text)
    {
        CheckOrder(container, text.Query);
        var page = QueryExecution.Page(text, Rows(request, container, consistency, out var token), request.Continuation, request.MaximumItems ?? DefaultPage);
        var answer = Feed.Page("Documents", container.Rid, page.Results);
        return answer with { SessionToken = token, Continuation = page.Continuation, Charge = ChargeModel.Query(page.LookedAt, answer.Body.Length) };
    }

    private static void CheckOrder(SimulatedContainer container, SelectQuery query)
    {
        var order = query.Order.Select(order => (Path(order.Key), order.Descending)).ToArray();
        if (order.Length > 0 && container.Properties.Indexing.OrderProblem(order) is { } problem) throw RefusedException.BadRequest(problem);
    }

    private static IReadOnlyList<string> Path(Expression expression) => expression switch
    {
        Root => [],
        Member { Name: Constant { Value.ValueKind: JsonValueKind.String } name } member => [.. Path(member.Owner), name.Value.GetString()!],
        _ => throw RefusedException.BadRequest("Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path."),
    };

    private static Row[] Rows(CosmosRequest request, SimulatedContainer container, ReadConsistency consistency, out string? token)
    {
        IEnumerable<StoredItem> items;
        token = null;
        if (request.PartitionKey is { } key)
        {
            items = Snapshot(container.PartitionOf(key), key, out token);
        }
        else
        {
            var range = request.Header(CosmosHeaders.PartitionKeyRangeId);
            var partitions = range is null ? container.Partitions : [.. container.Partitions.Where(partition => partition.Id == range)];
            if (partitions.Count == 0) throw new RefusedException(410, $"There is no partition key range {range}.", SubStatus.PartitionKeyRangeGone);
            var found = new List<StoredItem>();
            foreach (var partition in partitions)
            {
                found.AddRange(Snapshot(partition, null, out var partitionToken));
                token = token is null ? partitionToken : $"{token},{partitionToken}";
            }

            items = found.OrderBy(item => item.Number);
            items = Within(request, container, items);
        }

        return [.. items.Where(container.IsAlive).Select(item => new Row(item.Number, item.Content))];

        StoredItem[] Snapshot(PhysicalPartition partition, LogicalKey? key, out string token)
        {
            var items = partition.Snapshot(key, consistency.View(request, partition), out var position);
            token = ReadConsistency.Token(partition, position);
            return items;
        }
    }

    // A client that follows a range of its own rather than a physical partition names its ends.
    private static IEnumerable<StoredItem> Within(CosmosRequest request, SimulatedContainer container, IEnumerable<StoredItem> items)
    {
        if (request.Header(CosmosHeaders.StartEpk) is not { } start || request.Header(CosmosHeaders.EndEpk) is not { } end) return items;
        return items.Where(item =>
        {
            var place = EffectivePartitionKey.Of(item.Key, container.PartitionKey);
            return string.CompareOrdinal(place, start) >= 0 && string.CompareOrdinal(place, end) < 0;
        });
    }
}
