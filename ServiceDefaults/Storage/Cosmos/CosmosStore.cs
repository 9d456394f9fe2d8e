using Orleans.Persistence.Cosmos;
using Orleans.Storage;

namespace DroneDelivery.Storage.Cosmos;

/// <summary>Everything in one database of Azure Cosmos DB: a container for each grain storage, named like it, one for the delivery index, and two for Orleans' own tables.</summary>
internal static class CosmosStore
{
    /// <summary>Clustering, one named grain storage per name, reminders and the delivery index.</summary>
    public static ISiloBuilder UseCosmosStore(
        this ISiloBuilder silo, CosmosStoreOptions options, IReadOnlyList<string> stores, IGrainStorageSerializer serializer)
    {
        silo.UseCosmosClustering(options.Apply);
        silo.UseCosmosReminderService(options.Apply);
        foreach (var name in stores)
        {
            silo.AddCosmosGrainStorage(name, storage =>
            {
                options.Apply(storage);
                storage.ContainerName = name;
                storage.Partitioning = CosmosPartitioning.Grain;
                storage.GrainStorageSerializer = serializer;
                storage.DeleteStateOnClear = true; // What was archived or deleted is gone.
            });
        }

        silo.Services.AddCosmosDeliveryIndex(options);
        return silo;
    }

    /// <summary>Finds the silos, and the delivery index.</summary>
    public static IClientBuilder UseCosmosStore(this IClientBuilder client, CosmosStoreOptions options)
    {
        client.Services.AddCosmosDeliveryIndex(options);
        return client.UseCosmosGatewayListProvider(options.Apply);
    }
}
