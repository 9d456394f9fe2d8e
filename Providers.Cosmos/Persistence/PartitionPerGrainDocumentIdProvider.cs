using Orleans.Providers.Cosmos;

namespace Orleans.Persistence.Cosmos;

/// <summary>
/// A logical partition for each state of each grain: the partition key is the document's id. The load spreads over as many physical partitions as there
/// are, and neither the number of grains nor their total size has a limit.
/// </summary>
/// <param name="grains">Names the grain.</param>
public sealed class PartitionPerGrainDocumentIdProvider(DefaultDocumentIdProvider grains) : IDocumentIdProvider
{
    /// <inheritdoc/>
    public ValueTask<(string DocumentId, string PartitionKey)> GetDocumentIdentifiers(string grainType, GrainId grainId)
    {
        var id = $"{grains.GrainDocument(grainId)}__{CosmosIds.Sanitize(grainType)}";
        return new((id, id));
    }
}
