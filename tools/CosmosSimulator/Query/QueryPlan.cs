using System.Text.Json;
using DroneDelivery.CosmosSimulator.Protocol;
using DroneDelivery.CosmosSimulator.Store;

namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>
/// Tells a client how to spread a query over partitions and put the answers together: which query to send to each, by what to merge, which
/// aggregates to add up.
/// </summary>
internal static class QueryPlan
{
    // Not a placeholder of ours: the client replaces it by a condition when it resumes.
    private const string ResumeFilter = "{documentdb-formattableorderbyquery-filter}";

    /// <summary>The plan of a query.</summary>
    /// <exception cref="RefusedException">The simulator cannot spread such a query.</exception>
    public static JsonElement Of(QueryText text)
    {
        var query = text.Query;
        var evaluator = new Evaluator(text.Parameters);
        var offset = QueryExecution.Number(query.Offset, evaluator);
        var limit = QueryExecution.Number(query.Limit, evaluator);
        var byAlias = query.Aggregates.Count > 0 && query.Kind == ProjectionKind.List;
        var aggregates = query.Aggregates.Count == 0 ? [] : query.Columns.Select(column => (column.Name, Operator: Operator(column.Value))).ToArray();

        return JsonSerializer.SerializeToElement(new Dictionary<string, object?>
        {
            ["partitionedQueryExecutionInfoVersion"] = 2,
            ["queryInfo"] = new Dictionary<string, object?>
            {
                ["distinctType"] = "None",
                ["top"] = QueryExecution.Number(query.Top, evaluator),
                ["offset"] = offset,
                ["limit"] = limit,
                ["orderBy"] = query.Order.Select(order => order.Descending ? "Descending" : "Ascending").ToArray(),
                ["orderByExpressions"] = query.Order.Select(order => query.Quote(order.Key)).ToArray(),
                ["groupByExpressions"] = Array.Empty<string>(),
                ["groupByAliases"] = byAlias ? aggregates.Select(aggregate => aggregate.Name).ToArray() : [],
                ["aggregates"] = byAlias ? [] : aggregates.Select(aggregate => aggregate.Operator).ToArray(),
                ["groupByAliasToAggregateType"] = byAlias ? aggregates.ToDictionary(aggregate => aggregate.Name!, aggregate => aggregate.Operator) : [],
                ["rewrittenQuery"] = Rewrite(query, offset, limit),
                ["hasSelectValue"] = query.Kind == ProjectionKind.Value,
                ["hasNonStreamingOrderBy"] = false,
                ["dCountInfo"] = null,
            },
            ["queryRanges"] = new[]
            {
                new { min = EffectivePartitionKey.Minimum, max = EffectivePartitionKey.Maximum, isMinInclusive = true, isMaxInclusive = false },
            },
        });
    }

    private static string Rewrite(SelectQuery query, long? offset, long? limit)
    {
        var select = query switch
        {
            { Aggregates.Count: > 0, Kind: ProjectionKind.Value } => $"VALUE [{Partial(query, query.Columns[0].Value)}]",
            { Aggregates.Count: > 0 } => $"{Object(query.Columns.Select(column => (column.Name!, Partial(query, column.Value))))} AS payload",
            { Order.Count: > 0 } => $"{query.Alias}._rid, [{string.Join(", ", query.Order.Select(order => Item(query.Quote(order.Key))))}] AS orderByItems, {Payload(query)} AS payload",
            { Offset: not null } or { Limit: not null } => Projection(query),
            _ => null,
        };
        if (select is null) return "";

        var top = query.Top is null ? "" : $"TOP {query.Quote(query.Top)} ";
        var filter = query.Filter is null ? "" : query.Quote(query.Filter);
        if (query.Order.Count > 0) filter = filter.Length == 0 ? ResumeFilter : $"({filter}) AND ({ResumeFilter})";
        var order = string.Join(", ", query.Order.Select(order => query.Quote(order.Key) + (order.Descending ? " DESC" : " ASC")));

        // Each partition must give what may be left out as well.
        var page = limit is null ? "" : $"\nOFFSET 0 LIMIT {offset.GetValueOrDefault() + limit}";
        return $"SELECT {top}{select}\nFROM {query.Alias}"
            + (filter.Length == 0 ? "" : $"\nWHERE ({filter})")
            + (order.Length == 0 ? "" : $"\nORDER BY {order}")
            + page;
    }

    private static string Payload(SelectQuery query) => query.Kind switch
    {
        ProjectionKind.Everything => query.Alias,
        ProjectionKind.Value => query.Quote(query.Columns[0].Value),
        _ => Object(query.Columns.Select(column => (column.Name!, query.Quote(column.Value)))),
    };

    private static string Projection(SelectQuery query) => query.Kind switch
    {
        ProjectionKind.Everything => "*",
        ProjectionKind.Value => "VALUE " + query.Quote(query.Columns[0].Value),
        _ => string.Join(", ", query.Columns.Select(column => $"{query.Quote(column.Value)} AS {column.Name}")),
    };

    private static string Partial(SelectQuery query, Expression expression) => expression is Call { Name: "AVG" } average
        ? Item($"{{\"sum\": SUM({query.Quote(average.Arguments[0])}), \"count\": COUNT({query.Quote(average.Arguments[0])})}}")
        : Item(query.Quote(expression));

    private static string Item(string value) => $"{{\"item\": {value}}}";

    private static string Object(IEnumerable<(string Name, string Value)> properties) =>
        $"{{{string.Join(", ", properties.Select(property => $"{JsonSerializer.Serialize(property.Name)}: {property.Value}"))}}}";

    private static string Operator(Expression expression) => expression switch
    {
        Call { Name: "COUNT" } => "Count",
        Call { Name: "SUM" } => "Sum",
        Call { Name: "MIN" } => "Min",
        Call { Name: "MAX" } => "Max",
        Call { Name: "AVG" } => "Average",
        _ => throw RefusedException.NotImitated("expressions around or beside aggregates"),
    };
}
