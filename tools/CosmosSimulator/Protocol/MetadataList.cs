using System.Text.Json;
using DroneDelivery.CosmosSimulator.Accounting;
using DroneDelivery.CosmosSimulator.Query;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>Lists and queries of things that are no items.</summary>
internal static class MetadataList
{
    /// <summary>A page.</summary>
    public static CosmosAnswer Page(CosmosRequest request, string name, string owner, IEnumerable<JsonElement> elements)
    {
        var rows = elements.Select((element, index) => new Row((ulong)index + 1, element)).ToArray();
        var text = request.Flag(CosmosHeaders.IsQuery) ? QueryText.Parse(request.Json) : new QueryText(Parser.Query("SELECT * FROM c"), new Dictionary<string, JsonElement>());
        var page = QueryExecution.Page(text, rows, request.Continuation, request.MaximumItems);
        return Feed.Page(name, owner, page.Results) with { Continuation = page.Continuation, Charge = ChargeModel.Metadata };
    }
}
