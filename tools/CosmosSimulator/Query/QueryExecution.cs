using System.Globalization;
using System.Text.Json;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>Something that can be queried.</summary>
/// <param name="Number">Orders the rows and lets a later page continue after one.</param>
/// <param name="Value">What the query sees.</param>
internal readonly record struct Row(ulong Number, JsonElement Value);

/// <summary>A page of results.</summary>
/// <param name="Results">The results.</param>
/// <param name="Continuation">What asks for the next page; null after the last.</param>
/// <param name="LookedAt">How many rows the filter was tried on.</param>
internal sealed record QueryPage(IReadOnlyList<JsonElement> Results, string? Continuation, int LookedAt);

/// <summary>Runs queries.</summary>
internal static class QueryExecution
{
    /// <summary>One page.</summary>
    /// <param name="text">The query.</param>
    /// <param name="rows">What is queried, in the order of their numbers.</param>
    /// <param name="continuation">Of the page before; null for the first.</param>
    /// <param name="maximum">The greatest number of results; null for as many as there are.</param>
    public static QueryPage Page(QueryText text, IReadOnlyList<Row> rows, string? continuation, int? maximum)
    {
        var query = text.Query;
        var evaluator = new Evaluator(text.Parameters);
        var position = continuation is null ? null : ContinuationToken.Parse(continuation);
        var lookedAt = 0;
        var matching = rows
            .Where(row => position is null || query.Order.Count > 0 || row.Number > position.After)
            .Where(row =>
            {
                lookedAt++;
                return query.Filter is null || evaluator.Evaluate(query.Filter, row.Value).IsTrue();
            });
        if (query.Aggregates.Count > 0) return new QueryPage(Aggregate(query, evaluator, [.. matching]), null, lookedAt);

        var ordered = Order(query, evaluator, matching, position, text.Resume);

        var skip = position is null ? Number(query.Offset, evaluator) ?? 0 : position.Skip;
        var left = position is null ? Limit(query, evaluator) : position.Left;
        var results = new List<JsonElement>();
        OrderedRow? last = null;
        foreach (var row in ordered)
        {
            if (left == 0) break;
            if (results.Count == maximum)
                return new QueryPage(results, new ContinuationToken(last!.Value.Keys, last.Value.Row.Number, skip, left).ToString(), lookedAt);

            last = row;
            if (skip > 0)
            {
                skip--;
                continue;
            }

            left--;
            var result = Project(query, evaluator, row.Row.Value, null);
            if (result.IsDefined()) results.Add(result);
        }

        return new QueryPage(results, null, lookedAt);
    }

    private static IEnumerable<OrderedRow> Order(SelectQuery query, Evaluator evaluator, IEnumerable<Row> rows, ContinuationToken? position, ResumePoint? resume)
    {
        var keyed = rows.Select(row => new OrderedRow([.. query.Order.Select(order => evaluator.Evaluate(order.Key, row.Value))], row));
        if (position is not null) keyed = keyed.Where(row => Compare(query, row, new OrderedRow(position.Keys, new Row(position.After, default))) > 0);
        if (resume is not null) keyed = keyed.Where(row => IsAfter(query, row, resume));
        return query.Order.Count == 0 ? keyed : keyed.Order(Comparer<OrderedRow>.Create((one, other) => Compare(query, one, other)));
    }

    private static bool IsAfter(SelectQuery query, OrderedRow row, ResumePoint resume)
    {
        var order = CompareKeys(query, row.Keys, resume.Keys);
        if (order != 0 || resume.Exclude) return order > 0;
        return resume.From is not { } from || CompareNumbers(query, row.Row.Number, from) >= 0;
    }

    private static int Compare(SelectQuery query, OrderedRow one, OrderedRow other)
    {
        var order = CompareKeys(query, one.Keys, other.Keys);
        return order != 0 ? order : CompareNumbers(query, one.Row.Number, other.Row.Number);
    }

    private static int CompareKeys(SelectQuery query, IReadOnlyList<JsonElement> one, IReadOnlyList<JsonElement> other)
    {
        for (var i = 0; i < query.Order.Count; i++)
        {
            var order = Json.Compare(one[i], other[i]);
            if (order != 0) return query.Order[i].Descending ? -order : order;
        }

        return 0;
    }

    // The client takes for granted that rows of equal keys come in the direction of the first key.
    private static int CompareNumbers(SelectQuery query, ulong one, ulong other) =>
        query.Order is [(_, Descending: true), ..] ? other.CompareTo(one) : one.CompareTo(other);

    private static JsonElement[] Aggregate(SelectQuery query, Evaluator evaluator, IReadOnlyList<Row> rows)
    {
        var aggregates = query.Aggregates.Distinct().ToDictionary(
            call => call,
            call => Aggregation.Compute(call.Name, rows.Select(row => evaluator.Evaluate(call.Arguments[0], row.Value))));
        var result = Project(query, evaluator, default, aggregates);
        return result.IsDefined() ? [result] : [];
    }

    private static JsonElement Project(SelectQuery query, Evaluator evaluator, JsonElement item, IReadOnlyDictionary<Call, JsonElement>? aggregates) => query.Kind switch
    {
        ProjectionKind.Everything => item,
        ProjectionKind.Value => evaluator.Evaluate(query.Columns[0].Value, item, aggregates),
        _ => Evaluator.Object(query.Columns.Select(column => (column.Name!, evaluator.Evaluate(column.Value, item, aggregates)))),
    };

    private static long Limit(SelectQuery query, Evaluator evaluator) =>
        Math.Min(Number(query.Top, evaluator) ?? long.MaxValue, Number(query.Limit, evaluator) ?? long.MaxValue);

    /// <summary>The whole number that TOP, OFFSET or LIMIT give; null when they are missing.</summary>
    /// <exception cref="RefusedException">It is no such number.</exception>
    public static long? Number(Expression? expression, Evaluator evaluator)
    {
        if (expression is null) return null;
        var value = evaluator.Evaluate(expression, default);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0
            ? number
            : throw RefusedException.BadRequest(string.Create(CultureInfo.InvariantCulture, $"TOP, OFFSET and LIMIT need a whole number, not {value}."));
    }

    private readonly record struct OrderedRow(IReadOnlyList<JsonElement> Keys, Row Row);
}
