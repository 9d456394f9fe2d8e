using Orleans.Providers.Cosmos;
using Orleans.Storage;

namespace Orleans.Persistence.Cosmos;

/// <summary>Options of grain storage.</summary>
public class CosmosGrainStorageOptions : CosmosOptions, IStorageProviderSerializerOptions
{
    /// <summary>Options with the official package's container, <c>OrleansStorage</c>.</summary>
    public CosmosGrainStorageOptions() => ContainerName = "OrleansStorage";

    /// <summary>Stage of the silo's life at which the container is opened.</summary>
    public int InitStage { get; set; } = ServiceLifecycleStage.ApplicationServices;

    /// <summary>Whether clearing a state deletes its document. Otherwise the document stays without a state and keeps its version.</summary>
    public bool DeleteStateOnClear { get; set; }

    /// <summary>Where documents lie, unless an <see cref="IDocumentIdProvider"/> of the provider's own is registered.</summary>
    public CosmosPartitioning Partitioning { get; set; }

    /// <summary>Fields of the state, such as <c>Owner</c> or <c>Address/City</c>, that a container created here indexes; nothing else of a document is indexed.</summary>
    public List<string> StateFieldsToIndex { get; set; } = [];

    /// <summary>How long after its last write a state is kept; null for ever. The container's time to live has to be switched on.</summary>
    public TimeSpan? StateTimeToLive { get; set; }

    /// <summary>Turns states into documents. Its output is embedded if it is JSON, else kept as base64. By default <see cref="SystemTextJsonGrainStorageSerializer"/>.</summary>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = new SystemTextJsonGrainStorageSerializer();
}

/// <summary>Where documents of grain states lie.</summary>
public enum CosmosPartitioning
{
    /// <summary>One logical partition for all states of a name, as in the official package.</summary>
    StateName,

    /// <summary>One logical partition for each state of each grain.</summary>
    Grain,
}

internal sealed class CosmosGrainStorageOptionsValidator(CosmosGrainStorageOptions options, string name)
    : CosmosOptionsValidator<CosmosGrainStorageOptions>(options, $"grain storage '{name}'")
{
    protected override IEnumerable<string> Faults()
    {
        foreach (var fault in base.Faults()) yield return fault;
        if (!Enum.IsDefined(Options.Partitioning)) yield return $"{nameof(Options.Partitioning)} is {Options.Partitioning}, which does not exist";
        if (Options.StateTimeToLive is { TotalSeconds: < 1 or > int.MaxValue } time) yield return $"{nameof(Options.StateTimeToLive)} is {time}; it must be between one second and {int.MaxValue} seconds";
        foreach (var field in Options.StateFieldsToIndex.Where(field => string.IsNullOrWhiteSpace(field.Trim('/')) || field.Contains('"', StringComparison.Ordinal)))
            yield return $"{nameof(Options.StateFieldsToIndex)} has '{field}', which names no field";
        if (Options.GrainStorageSerializer is null) yield return $"{nameof(Options.GrainStorageSerializer)} is missing";
    }
}
