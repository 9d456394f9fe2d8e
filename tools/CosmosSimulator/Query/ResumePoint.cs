using System.Text.Json;
using DroneDelivery.CosmosSimulator.Protocol;
using DroneDelivery.CosmosSimulator.Store;

namespace DroneDelivery.CosmosSimulator.Query;

/// <summary>Where a client goes on in an ordered query over several partitions, of which it had one page in its hands.</summary>
/// <param name="Keys">What the last result was ordered by.</param>
/// <param name="From">Number of the row to go on with among those of the same keys; null for the first of them.</param>
/// <param name="Exclude">Whether rows of the same keys are done.</param>
internal sealed record ResumePoint(IReadOnlyList<JsonElement> Keys, ulong? From, bool Exclude)
{
    /// <summary>Reads <c>resumeFilter</c> of a query's body.</summary>
    /// <exception cref="RefusedException">It makes no sense.</exception>
    public static ResumePoint Parse(JsonElement filter)
    {
        if (!filter.TryGetProperty("value", out var values) || values.ValueKind != JsonValueKind.Array) throw RefusedException.BadRequest("The resume filter has no values.");
        var keys = values.EnumerateArray().Select(value => value.ValueKind switch
        {
            // An empty array stands for undefined.
            JsonValueKind.Array => default,
            JsonValueKind.Object => throw RefusedException.NotImitated("going on in an order by arrays or objects"),
            _ => value,
        });
        ulong? from = filter.TryGetProperty("rid", out var rid) && rid.ValueKind == JsonValueKind.String ? ResourceIds.ItemNumber(rid.GetString()!) : null;
        return new ResumePoint([.. keys], from, filter.TryGetProperty("exclude", out var exclude) && exclude.ValueKind == JsonValueKind.True);
    }
}
