using System.Globalization;
using System.Text.Json;
using DroneDelivery.CosmosSimulator.Store;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>A request of a client.</summary>
/// <param name="Operation">What it wants.</param>
/// <param name="Address">What it is about.</param>
/// <param name="Method">HTTP method, capitals.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body.</param>
internal sealed record CosmosRequest(OperationKind Operation, ResourceAddress Address, string Method, IHeaderDictionary Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>If-Match.</summary>
    public string? IfMatch => Header("If-Match");

    /// <summary>If-None-Match.</summary>
    public string? IfNoneMatch => Header("If-None-Match");

    /// <summary>Whether the answer to a write needs no document.</summary>
    public bool WithoutContent => string.Equals(Header("Prefer"), "return=minimal", StringComparison.OrdinalIgnoreCase);

    /// <summary>Where the page before ended.</summary>
    public string? Continuation => Header(CosmosHeaders.Continuation);

    /// <summary>The greatest number of results; null when the service chooses.</summary>
    public int? MaximumItems => int.TryParse(Header(CosmosHeaders.MaxItemCount), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && count > 0 ? count : null;

    /// <summary>The partition key; null when the request is about several.</summary>
    public LogicalKey? PartitionKey => Header(CosmosHeaders.PartitionKey) is { } key ? LogicalKey.Parse(key) : null;

    /// <summary>The body as JSON.</summary>
    /// <exception cref="RefusedException">It is none.</exception>
    public JsonElement Json
    {
        get
        {
            try
            {
                return JsonElement.Parse(Body.Span);
            }
            catch (JsonException failure)
            {
                throw RefusedException.BadRequest($"The request body is no JSON: {failure.Message}");
            }
        }
    }

    /// <summary>A header; null when it is missing or empty.</summary>
    public string? Header(string name) => Headers.TryGetValue(name, out var values) && values.ToString() is { Length: > 0 } text ? text : null;

    /// <summary>Whether a header says true.</summary>
    public bool Flag(string name) => bool.TryParse(Header(name), out var flag) && flag;

    /// <summary>Finds out what a request wants.</summary>
    /// <exception cref="RefusedException">The service knows no such request, or the simulator does not.</exception>
    public static OperationKind Classify(string method, ResourceAddress address, IHeaderDictionary headers)
    {
        bool Flag(string name) => headers.TryGetValue(name, out var value) && bool.TryParse(value, out var flag) && flag;
        var query = method == "POST" && Flag(CosmosHeaders.IsQuery);
        return (address.Kind, address.IsFeed, method) switch
        {
            ("", _, "GET") => OperationKind.ReadAccount,
            ("dbs", true, "POST") when !query => OperationKind.CreateDatabase,
            ("dbs", true, "GET" or "POST") => OperationKind.ListDatabases,
            ("dbs", false, "GET") => OperationKind.ReadDatabase,
            ("dbs", false, "DELETE") => OperationKind.DeleteDatabase,
            ("colls", true, "POST") when !query => OperationKind.CreateContainer,
            ("colls", true, "GET" or "POST") => OperationKind.ListContainers,
            ("colls", false, "GET") => OperationKind.ReadContainer,
            ("colls", false, "PUT") => OperationKind.ReplaceContainer,
            ("colls", false, "DELETE") => OperationKind.DeleteContainer,
            ("pkranges", true, "GET") => OperationKind.ReadPartitionKeyRanges,
            ("docs", true, "POST") when Flag(CosmosHeaders.IsBatch) => OperationKind.Batch,
            ("docs", true, "POST") when Flag(CosmosHeaders.IsQueryPlan) => OperationKind.QueryPlan,
            ("docs", true, "POST") when query => OperationKind.QueryItems,
            ("docs", true, "POST") when Flag(CosmosHeaders.IsUpsert) => OperationKind.UpsertItem,
            ("docs", true, "POST") => OperationKind.CreateItem,
            ("docs", true, "GET") when headers.ContainsKey(CosmosHeaders.IncrementalFeed) => throw RefusedException.NotImitated("the change feed"),
            ("docs", true, "GET") => OperationKind.ListItems,
            ("docs", false, "GET") => OperationKind.ReadItem,
            ("docs", false, "PUT") => OperationKind.ReplaceItem,
            ("docs", false, "DELETE") => OperationKind.DeleteItem,
            ("docs", false, "PATCH") => OperationKind.PatchItem,
            ("offers", _, _) => OperationKind.Offers,
            var (kind, _, _) => throw RefusedException.NotImitated($"{method} on '{kind}'"),
        };
    }
}
