using Orleans.Providers.Cosmos;

namespace Orleans.Clustering.Cosmos;

/// <summary>Options of clustering and of the gateway list.</summary>
public class CosmosClusteringOptions : CosmosOptions
{
    /// <summary>Options with the official packages' container, <c>OrleansCluster</c>.</summary>
    public CosmosClusteringOptions() => ContainerName = "OrleansCluster";
}
