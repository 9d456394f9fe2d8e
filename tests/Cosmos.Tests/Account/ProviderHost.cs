using Microsoft.Extensions.DependencyInjection;
using Orleans.Clustering.Cosmos;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Persistence.Cosmos;
using Orleans.Reminders.Cosmos;
using Orleans.Serialization;
using Orleans.Storage;

namespace DroneDelivery.Cosmos.Account;

/// <summary>The providers of one process, without a silo around them.</summary>
internal sealed class ProviderHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public ProviderHost(string clusterId, string serviceId, Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection().AddLogging().AddSerializer();
        services.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (clusterId, serviceId));
        services.AddOptions<GatewayOptions>();
        configure(services);
        _services = services.BuildServiceProvider();
        foreach (var validator in _services.GetServices<IConfigurationValidator>().Where(validator => validator.GetType().Namespace!.Contains("Cosmos", StringComparison.Ordinal)))
            validator.ValidateConfiguration();
    }

    public IServiceProvider Services => _services;

    public IMembershipTable Membership => _services.GetRequiredService<IMembershipTable>();

    public IGatewayListProvider Gateways => _services.GetRequiredService<IGatewayListProvider>();

    public IReminderTable Reminders => _services.GetRequiredService<IReminderTable>();

    public async Task<IGrainStorage> StorageAsync(string name, CancellationToken cancellationToken)
    {
        var storage = (CosmosGrainStorage)_services.GetRequiredKeyedService<IGrainStorage>(name);
        await storage.OpenAsync(cancellationToken);
        return storage;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    public static ProviderHost ForClustering(TestAccount account, string clusterId, Action<CosmosClusteringOptions>? configure = null) => new(clusterId, "service", services =>
    {
        void Configure(CosmosClusteringOptions options)
        {
            account.Configure(options);
            configure?.Invoke(options);
        }

        services.UseCosmosClustering(Configure);
        services.UseCosmosGatewayListProvider(Configure);
    });

    public static ProviderHost ForStorage(TestAccount account, string name, string serviceId = "service", Action<CosmosGrainStorageOptions>? configure = null) =>
        new("cluster", serviceId, services => services.AddCosmosGrainStorage(name, options =>
        {
            account.Configure(options);
            configure?.Invoke(options);
        }));

    public static ProviderHost ForReminders(TestAccount account, string serviceId, Action<CosmosReminderTableOptions>? configure = null) =>
        new("cluster", serviceId, services => services.UseCosmosReminderService(options =>
        {
            account.Configure(options);
            configure?.Invoke(options);
        }));
}
