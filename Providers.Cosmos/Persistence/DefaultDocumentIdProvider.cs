using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers.Cosmos;

namespace Orleans.Persistence.Cosmos;

/// <summary>
/// The official package's places: all states of one name share a logical partition. It may hold 20 GB and is served by one physical partition,
/// at most 10,000 RU/s.
/// </summary>
/// <param name="options">Gives the service id.</param>
public sealed class DefaultDocumentIdProvider(IOptions<ClusterOptions> options) : IDocumentIdProvider
{
    private readonly string _prefix = CosmosIds.Sanitize(options.Value.ServiceId) + "__";

    /// <inheritdoc/>
    public ValueTask<(string DocumentId, string PartitionKey)> GetDocumentIdentifiers(string grainType, GrainId grainId) =>
        new((GrainDocument(grainId), CosmosIds.Sanitize(grainType)));

    internal string GrainDocument(GrainId grainId) => _prefix + CosmosIds.Join(grainId.Type.ToString()!, grainId.Key.ToString()!);
}
