namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>The path of a request: <c>/dbs/{db}/colls/{container}/docs/{item}</c> or a beginning of it.</summary>
/// <param name="Segments">Unescaped, alternately a kind and a name.</param>
/// <param name="RawSegments">The same as they were sent.</param>
internal sealed record ResourceAddress(IReadOnlyList<string> Segments, IReadOnlyList<string> RawSegments)
{
    /// <summary>Name or resource id of the database; null above databases.</summary>
    public string? Database => Name(0, "dbs");

    /// <summary>Name or resource id of the container; null above containers.</summary>
    public string? Container => Name(1, "colls");

    /// <summary>Id of the item; null above items.</summary>
    public string? Item => Name(2, "docs");

    /// <summary>Kind of the last part that has one: <c>dbs</c>, <c>colls</c>, <c>docs</c>, <c>pkranges</c>, <c>offers</c>; empty for the account.</summary>
    public string Kind => Segments.Count == 0 ? "" : Segments[(Segments.Count - 1) / 2 * 2];

    /// <summary>Whether it names a list (<c>…/docs</c>) rather than one thing.</summary>
    public bool IsFeed => Segments.Count % 2 == 1;

    /// <summary>Reads the path as it was sent, so that escaped characters in a name cannot be taken for separators.</summary>
    /// <param name="rawTarget">Path and query as they stand in the request line.</param>
    public static ResourceAddress Parse(string rawTarget)
    {
        var path = rawTarget.Split('?', 2)[0];
        var raw = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return new ResourceAddress([.. raw.Select(Uri.UnescapeDataString)], raw);
    }

    private string? Name(int level, string kind) =>
        Segments.Count > level * 2 + 1 && Segments[level * 2] == kind ? Segments[level * 2 + 1] : null;
}
