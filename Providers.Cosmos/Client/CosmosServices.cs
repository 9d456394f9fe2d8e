using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Orleans.Providers.Cosmos;

/// <summary>What all providers of a host share.</summary>
internal static class CosmosServices
{
    public static IServiceCollection AddCosmosClients(this IServiceCollection services)
    {
        services.TryAddSingleton<CosmosClients>();
        services.TryAddSingleton<CosmosContainers>();
        return services;
    }
}
