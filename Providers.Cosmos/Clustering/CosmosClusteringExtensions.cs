using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Clustering.Cosmos;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Providers.Cosmos;

namespace Orleans.Hosting;

/// <summary>Clustering on Azure Cosmos DB.</summary>
public static class CosmosClusteringExtensions
{
    /// <summary>Keeps the membership table in Azure Cosmos DB.</summary>
    public static ISiloBuilder UseCosmosClustering(this ISiloBuilder builder, Action<CosmosClusteringOptions> configureOptions) =>
        builder.UseCosmosClustering(options => options.Configure(configureOptions));

    /// <summary>Keeps the membership table in Azure Cosmos DB.</summary>
    public static ISiloBuilder UseCosmosClustering(this ISiloBuilder builder, Action<OptionsBuilder<CosmosClusteringOptions>> configureOptions)
    {
        builder.Services.UseCosmosClustering(configureOptions);
        return builder;
    }

    /// <summary>Keeps the membership table in Azure Cosmos DB, with options that are configured elsewhere.</summary>
    public static ISiloBuilder UseCosmosClustering(this ISiloBuilder builder) => builder.UseCosmosClustering(static (OptionsBuilder<CosmosClusteringOptions> _) => { });

    /// <summary>Finds the silos through Azure Cosmos DB; the same as <see cref="UseCosmosGatewayListProvider(IClientBuilder, Action{CosmosClusteringOptions})"/>.</summary>
    public static IClientBuilder UseCosmosClustering(this IClientBuilder builder, Action<CosmosClusteringOptions> configureOptions) =>
        builder.UseCosmosGatewayListProvider(configureOptions);

    /// <summary>Finds the silos through Azure Cosmos DB; the same as <see cref="UseCosmosGatewayListProvider(IClientBuilder, Action{OptionsBuilder{CosmosClusteringOptions}})"/>.</summary>
    public static IClientBuilder UseCosmosClustering(this IClientBuilder builder, Action<OptionsBuilder<CosmosClusteringOptions>> configureOptions) =>
        builder.UseCosmosGatewayListProvider(configureOptions);

    /// <summary>Finds the silos through Azure Cosmos DB.</summary>
    public static IClientBuilder UseCosmosGatewayListProvider(this IClientBuilder builder, Action<CosmosClusteringOptions> configureOptions) =>
        builder.UseCosmosGatewayListProvider(options => options.Configure(configureOptions));

    /// <summary>Finds the silos through Azure Cosmos DB.</summary>
    public static IClientBuilder UseCosmosGatewayListProvider(this IClientBuilder builder, Action<OptionsBuilder<CosmosClusteringOptions>> configureOptions)
    {
        builder.Services.UseCosmosGatewayListProvider(configureOptions);
        return builder;
    }

    /// <summary>Finds the silos through Azure Cosmos DB, with options that are configured elsewhere.</summary>
    public static IClientBuilder UseCosmosGatewayListProvider(this IClientBuilder builder) =>
        builder.UseCosmosGatewayListProvider(static (OptionsBuilder<CosmosClusteringOptions> _) => { });

    /// <summary>Keeps the membership table in Azure Cosmos DB.</summary>
    public static IServiceCollection UseCosmosClustering(this IServiceCollection services, Action<CosmosClusteringOptions> configureOptions) =>
        services.UseCosmosClustering(options => options.Configure(configureOptions));

    /// <summary>Keeps the membership table in Azure Cosmos DB.</summary>
    public static IServiceCollection UseCosmosClustering(this IServiceCollection services, Action<OptionsBuilder<CosmosClusteringOptions>> configureOptions) =>
        services.Configured("clustering", configureOptions).AddSingleton<IMembershipTable, CosmosMembershipTable>();

    /// <summary>Finds the silos through Azure Cosmos DB.</summary>
    public static IServiceCollection UseCosmosGatewayListProvider(this IServiceCollection services, Action<CosmosClusteringOptions> configureOptions) =>
        services.UseCosmosGatewayListProvider(options => options.Configure(configureOptions));

    /// <summary>Finds the silos through Azure Cosmos DB.</summary>
    public static IServiceCollection UseCosmosGatewayListProvider(this IServiceCollection services, Action<OptionsBuilder<CosmosClusteringOptions>> configureOptions) =>
        services.Configured("gateway list", configureOptions).AddSingleton<IGatewayListProvider, CosmosGatewayListProvider>();

    private static IServiceCollection Configured(this IServiceCollection services, string provider, Action<OptionsBuilder<CosmosClusteringOptions>> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(configureOptions);
        configureOptions(services.AddOptions<CosmosClusteringOptions>());
        services.AddTransient<IConfigurationValidator>(provided => new CosmosOptionsValidator<CosmosClusteringOptions>(
            provided.GetRequiredService<IOptionsMonitor<CosmosClusteringOptions>>().CurrentValue, provider));
        services.ConfigureFormatter<CosmosClusteringOptions>();
        return services.AddCosmosClients();
    }
}
