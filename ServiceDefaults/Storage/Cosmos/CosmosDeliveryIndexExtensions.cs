using DroneDelivery.Queries;
using DroneDelivery.Startup;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Providers.Cosmos;

namespace DroneDelivery.Storage.Cosmos;

/// <summary>Where the delivery index is.</summary>
internal sealed class CosmosDeliveryIndexOptions : CosmosOptions
{
    public CosmosDeliveryIndexOptions() => ContainerName = "index";
}

/// <summary>The delivery index in Azure Cosmos DB.</summary>
internal static class CosmosDeliveryIndexExtensions
{
    /// <summary>Keeps the delivery index in container <c>index</c>, which is looked at before the host starts.</summary>
    public static IServiceCollection AddCosmosDeliveryIndex(this IServiceCollection services, CosmosStoreOptions store)
    {
        var options = new CosmosDeliveryIndexOptions();
        store.Apply(options);
        services.AddCosmosClients().TryAddSingleton(provided => new CosmosDeliveryIndex(provided.GetRequiredService<CosmosContainers>(), options));
        services.TryAddSingleton<IDeliveryIndex>(provided => provided.GetRequiredService<CosmosDeliveryIndex>());
        return services.AddStartupCheck<IndexIsThere>();
    }

    private sealed class IndexIsThere(CosmosDeliveryIndex index) : IStartupCheck
    {
        public async Task RunAsync(CancellationToken cancellationToken) => await index.OpenAsync(cancellationToken);
    }
}
