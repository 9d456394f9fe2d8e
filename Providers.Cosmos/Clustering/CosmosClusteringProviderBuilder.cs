using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orleans.Clustering.Cosmos;
using Orleans.Providers;
using Orleans.Providers.Cosmos;

[assembly: RegisterProvider(CosmosConfiguration.ProviderType, "Clustering", "Silo", typeof(CosmosClusteringProviderBuilder))]
[assembly: RegisterProvider(CosmosConfiguration.ProviderType, "Clustering", "Client", typeof(CosmosClusteringProviderBuilder))]

namespace Orleans.Clustering.Cosmos;

/// <summary>Clustering from configuration section <c>Orleans:Clustering</c>.</summary>
internal sealed class CosmosClusteringProviderBuilder : IProviderBuilder<ISiloBuilder>, IProviderBuilder<IClientBuilder>
{
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.UseCosmosClustering((OptionsBuilder<CosmosClusteringOptions> options) => Read(options, configurationSection));

    public void Configure(IClientBuilder builder, string? name, IConfigurationSection configurationSection) =>
        builder.UseCosmosGatewayListProvider((OptionsBuilder<CosmosClusteringOptions> options) => Read(options, configurationSection));

    private static void Read(OptionsBuilder<CosmosClusteringOptions> builder, IConfigurationSection section) =>
        builder.Configure<IServiceProvider>((options, services) => options.Read(section, services));
}
