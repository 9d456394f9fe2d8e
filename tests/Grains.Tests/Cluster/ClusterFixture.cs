using DroneDelivery.Queries;
using DroneDelivery.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace DroneDelivery.Cluster;

/// <summary>Two silos in this process, with the real grains and serializer over stores in memory that outlive them, count and can fail.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    public const string Collection = "cluster";

    public InProcessTestCluster Cluster { get; private set; } = null!;

    private readonly Dictionary<string, MemoryStore> _stores = GrainStores.All.ToDictionary(name => name, _ => new MemoryStore());

    /// <summary>Settings beside those that make time pass fast.</summary>
    public Dictionary<string, string?> Settings { get; } = [];

    internal FaultyStores Stores { get; } = new();

    internal MemoryDeliveryIndex Index { get; } = new();

    public IGrainFactory Grains => Cluster.Client;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 2);
        builder.ConfigureSiloHost((_, host) => host.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Drones:CellRefresh"] = "00:00:01",
            ["Drones:SpeedTolerance"] = "1000000", // Drones fly from place to place in no time.
            ["Scheduling:QueueInterval"] = "00:00:00.2",
            ["Scheduling:ShardInterval"] = "00:00:00.2",
            ["Scheduling:Recheck"] = "00:00:01",
            ["Scheduling:PickupLead"] = "00:00:00",
            ["Scheduling:FleetRefresh"] = "00:00:00", // Each test brings its drones along, where others have none.
        }).AddInMemoryCollection(Settings));
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddDroneDeliveryGrains();
            silo.UseInMemoryReminderService();
            silo.Services.AddSingleton<IDeliveryIndex>(Index);
            foreach (var (name, store) in _stores) silo.Services.AddKeyedSingleton(name, Stores.Wrap(name, store));
        });
        builder.ConfigureClient(client => client.AddOutgoingGrainCallFilter<AskAgain>());
        Cluster = builder.Build();
        await Cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync() => await Cluster.DisposeAsync();
}

[CollectionDefinition(ClusterFixture.Collection)]
public sealed class ClusterCollection : ICollectionFixture<ClusterFixture>;
