using System.Text.Json;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>The body of a query: its text and the values of its parameters.</summary>
/// <param name="Query">The parsed text.</param>
/// <param name="Parameters">By name with @.</param>
/// <param name="Resume">Where an ordered query goes on; null at its beginning.</param>
internal sealed record QueryText(SelectQuery Query, IReadOnlyDictionary<string, JsonElement> Parameters, ResumePoint? Resume = null)
{
    /// <summary>Reads a body.</summary>
    /// <exception cref="RefusedException">It is wrong, or the simulator does not know it.</exception>
    public static QueryText Parse(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("query", out var text) || text.ValueKind != JsonValueKind.String)
            throw RefusedException.BadRequest("A query must have a text 'query'.");

        var parameters = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (body.TryGetProperty("parameters", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (var parameter in list.EnumerateArray())
            {
                if (!parameter.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String || !parameter.TryGetProperty("value", out var value))
                    throw RefusedException.BadRequest("A parameter of the query has no name or no value.");

                parameters[name.GetString()!] = value;
            }
        }

        var resume = body.TryGetProperty("resumeFilter", out var filter) && filter.ValueKind == JsonValueKind.Object ? ResumePoint.Parse(filter) : null;
        var query = Parser.Query(text.GetString()!);
        return resume is null || resume.Keys.Count == query.Order.Count
            ? new QueryText(query, parameters, resume)
            : throw RefusedException.BadRequest("The resume filter has another number of values than ORDER BY.");
    }
}
