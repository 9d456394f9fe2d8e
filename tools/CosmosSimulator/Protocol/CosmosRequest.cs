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
internal sealed record CosmosRequest(RequestKind Operation, ResourceAddress Address, string Method, IHeaderDictionary Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>If-Match.</summary>
    public string? IfMatch => Header("If-Match");

    /// <summary>If-None-Match.</summary>
    public string? IfNoneMatch => Header("If-None-Match");

    /// <summary>Whether the answer to a write needs no document.</summary>
    public bool WithoutContent => string.Equals(Header("Prefer"), "return=minimal", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it changes items.</summary>
    public bool IsWrite => Operation is RequestKind.CreateItem or RequestKind.UpsertItem or RequestKind.ReplaceItem or RequestKind.DeleteItem or RequestKind.PatchItem or RequestKind.Batch;

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
    public static RequestKind Classify(string method, ResourceAddress address, IHeaderDictionary headers)
    {
        bool Flag(string name) => headers.TryGetValue(name, out var value) && bool.TryParse(value, out var flag) && flag;
        var query = method == "POST" && Flag(CosmosHeaders.IsQuery);
        return (address.Kind, address.IsFeed, method) switch
        {
            ("", _, "GET") => RequestKind.ReadAccount,
            ("dbs", true, "POST") when !query => RequestKind.CreateDatabase,
            ("dbs", true, "GET" or "POST") => RequestKind.ListDatabases,
            ("dbs", false, "GET") => RequestKind.ReadDatabase,
            ("dbs", false, "DELETE") => RequestKind.DeleteDatabase,
            ("colls", true, "POST") when !query => RequestKind.CreateContainer,
            ("colls", true, "GET" or "POST") => RequestKind.ListContainers,
            ("colls", false, "GET") => RequestKind.ReadContainer,
            ("colls", false, "PUT") => RequestKind.ReplaceContainer,
            ("colls", false, "DELETE") => RequestKind.DeleteContainer,
            ("pkranges", true, "GET") => RequestKind.ReadPartitionKeyRanges,
            ("docs", true, "POST") when Flag(CosmosHeaders.IsBatch) => RequestKind.Batch,
            ("docs", true, "POST") when Flag(CosmosHeaders.IsQueryPlan) => RequestKind.QueryPlan,
            ("docs", true, "POST") when query => RequestKind.QueryItems,
            ("docs", true, "POST") when Flag(CosmosHeaders.IsUpsert) => RequestKind.UpsertItem,
            ("docs", true, "POST") => RequestKind.CreateItem,
            ("docs", true, "GET") when headers.ContainsKey(CosmosHeaders.IncrementalFeed) => throw RefusedException.NotImitated("the change feed"),
            ("docs", true, "GET") => RequestKind.ListItems,
            ("docs", false, "GET") => RequestKind.ReadItem,
            ("docs", false, "PUT") => RequestKind.ReplaceItem,
            ("docs", false, "DELETE") => RequestKind.DeleteItem,
            ("docs", false, "PATCH") => RequestKind.PatchItem,
            ("offers", _, _) => RequestKind.Offers,
            var (kind, _, _) => throw RefusedException.NotImitated($"{method} on '{kind}'"),
        };
    }
}
