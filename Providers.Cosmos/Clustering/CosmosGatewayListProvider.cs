using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Providers.Cosmos;

namespace Orleans.Clustering.Cosmos;

/// <summary>Tells clients which silos take connections: the active ones with a gateway port.</summary>
internal sealed class CosmosGatewayListProvider(
    CosmosContainers containers, IOptions<CosmosClusteringOptions> options, IOptions<ClusterOptions> cluster, IOptions<GatewayOptions> gateways) : IGatewayListProvider
{
    private CosmosContainer? _container;

    public TimeSpan MaxStaleness => gateways.Value.GatewayListRefreshPeriod;

    bool IGatewayListProvider.IsUpdatable => true;

    public async Task InitializeGatewayListProviderAsync(CancellationToken cancellationToken = default) =>
        _container = await containers.OpenAsync(options.Value, ClusterDocuments.Container, "gateway list", cancellationToken);

    public async Task<IList<Uri>> GetGatewaysAsync(CancellationToken cancellationToken = default)
    {
        if (_container is null) throw new InvalidOperationException("The gateway list has not been initialized.");
        var active = new QueryDefinition("SELECT * FROM c WHERE c.EntityType = @type AND c.Status = @status")
            .WithParameter("@type", ClusterDocuments.SiloType)
            .WithParameter("@status", (int)SiloStatus.Active);
        var silos = await _container.QueryAsync(active, cluster.Value.ClusterId, ClusterDocuments.ReadSilo, cancellationToken);
        return [.. silos.Where(silo => silo.ProxyPort > 0).Select(Gateway)];
    }

    Task IGatewayListProvider.InitializeGatewayListProvider() => InitializeGatewayListProviderAsync();

    Task<IList<Uri>> IGatewayListProvider.GetGateways() => GetGatewaysAsync();

    private static Uri Gateway(MembershipEntry silo) =>
        SiloAddress.New(new(silo.SiloAddress.Endpoint.Address, silo.ProxyPort), silo.SiloAddress.Generation).ToGatewayUri();
}
