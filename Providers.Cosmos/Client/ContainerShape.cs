using System.Collections.ObjectModel;
using Microsoft.Azure.Cosmos;

namespace Orleans.Providers.Cosmos;

/// <summary>What a provider needs its container to be.</summary>
/// <param name="PartitionKeyPath">Path of the partition key.</param>
internal sealed record ContainerShape(string PartitionKeyPath)
{
    /// <summary>Paths in the index, such as <c>/Status/?</c>; all others are left out, since every indexed path makes writes dearer.</summary>
    public IReadOnlyList<string> IndexedPaths { get; init; } = [];

    /// <summary>Whether documents carry their own time to live.</summary>
    public bool DocumentsExpire { get; init; }

    /// <summary>The container as it is created.</summary>
    public ContainerProperties Properties(string name)
    {
        var properties = new ContainerProperties(name, PartitionKeyPath)
        {
            // The second version hashes the whole of a long key, the first only its beginning.
            PartitionKeyDefinitionVersion = PartitionKeyDefinitionVersion.V2,
            // On, but nothing expires unless its document says so.
            DefaultTimeToLive = DocumentsExpire ? -1 : null,
            IndexingPolicy = new() { IndexingMode = IndexingMode.Consistent, Automatic = true },
        };
        Add(properties.IndexingPolicy.IncludedPaths, IndexedPaths.Select(path => new IncludedPath { Path = path }));
        Add(properties.IndexingPolicy.ExcludedPaths, [new ExcludedPath { Path = "/*" }]);
        return properties;
    }

    /// <summary>What keeps an existing container from serving, as the end of a sentence; null when nothing does.</summary>
    public string? Misfit(ContainerProperties existing)
    {
        if (existing.PartitionKeyPaths is not [var path] || path != PartitionKeyPath)
            return $"is partitioned by '{string.Join("', '", existing.PartitionKeyPaths)}' instead of '{PartitionKeyPath}'; use another container, since a partition key cannot be changed";
        if (DocumentsExpire && existing.DefaultTimeToLive is null)
            return "has its time to live switched off, so that no document would expire; set its default time to live to -1";
        return null;
    }

    private static void Add<T>(Collection<T> collection, IEnumerable<T> items)
    {
        foreach (var item in items) collection.Add(item);
    }
}
