namespace Orleans.Persistence.Cosmos;

/// <summary>Decides under which id and in which partition a grain's state is kept.</summary>
public interface IDocumentIdProvider
{
    /// <summary>The place of a state. Different states must have different places, and a place must never change.</summary>
    /// <param name="grainType">Name of the state; the official packages call it so.</param>
    /// <param name="grainId">The grain.</param>
    /// <returns>Id of the document, at most 1,023 bytes, and value of the partition key.</returns>
    ValueTask<(string DocumentId, string PartitionKey)> GetDocumentIdentifiers(string grainType, GrainId grainId);
}
