using DroneDelivery.Queries;
using DroneDelivery.Startup;
using DroneDelivery.Storage.Cosmos;
using DroneDelivery.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace DroneDelivery.Storage;

/// <summary>Chooses the store by configuration section <c>Storage</c>.</summary>
public static class StorageExtensions
{
    /// <summary>Clustering, one named grain storage per name, reminders and the delivery index on the configured store.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="stores">Names of the grain storages.</param>
    /// <param name="serializer">Writes and reads grain states in every store.</param>
    /// <exception cref="StartupException">A setting is wrong.</exception>
    public static ISiloBuilder UseConfiguredStorage(this ISiloBuilder silo, IReadOnlyList<string> stores, IGrainStorageSerializer serializer)
    {
        var options = StorageOptions.Read(silo.Configuration);
        silo.Services.TryAddSingleton(Options.Create(options));
        return options.Cosmos is { } cosmos ? silo.UseCosmosStore(cosmos, stores, serializer) : silo.UseLocalStore(options.Sqlite, stores, serializer);
    }

    /// <summary>Finds the silos and reads the delivery index through the configured store.</summary>
    /// <exception cref="StartupException">A setting is wrong.</exception>
    public static IClientBuilder UseConfiguredStorage(this IClientBuilder client)
    {
        var options = StorageOptions.Read(client.Configuration);
        client.Services.TryAddSingleton(Options.Create(options));
        return options.Cosmos is { } cosmos ? client.UseCosmosStore(cosmos) : client.UseLocalStore(options.Sqlite);
    }

    /// <summary>Clustering, one named grain storage per name, and reminders in a SQLite file, which is made before the silo starts.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="options">Where the file is.</param>
    /// <param name="stores">Names of the grain storages.</param>
    /// <param name="serializer">Writes and reads grain states in every store.</param>
    public static ISiloBuilder UseLocalStore(this ISiloBuilder silo, SqliteStoreOptions options, IReadOnlyList<string> stores, IGrainStorageSerializer serializer)
    {
        silo.Services.AddSqliteStore(options).AddStartupCheck<DepartedSilos>();
        silo.UseAdoNetClustering(clustering => clustering.Configure<SqliteStore>((o, store) =>
        {
            o.Invariant = SqliteStore.Invariant;
            o.DataSource = store;
        }));
        silo.UseAdoNetReminderService(reminders => reminders.Configure<SqliteStore>((o, store) =>
        {
            o.Invariant = SqliteStore.Invariant;
            o.DataSource = store;
        }));
        foreach (var name in stores)
        {
            silo.AddAdoNetGrainStorage(name, storage => storage.Configure<SqliteStore>((o, store) =>
            {
                o.Invariant = SqliteStore.Invariant;
                o.DataSource = store;
                o.GrainStorageSerializer = serializer;
                o.HashPicker = new WholeKeyHasherPicker();
                o.DeleteStateOnClear = true; // What was archived or deleted is gone.
            }));
        }

        return silo;
    }

    /// <summary>Finds the silos through a SQLite file, which is made before the client starts.</summary>
    public static IClientBuilder UseLocalStore(this IClientBuilder client, SqliteStoreOptions options)
    {
        client.Services.AddSqliteStore(options);
        return client.UseAdoNetClustering(clustering => clustering.Configure<SqliteStore>((o, store) =>
        {
            o.Invariant = SqliteStore.Invariant;
            o.DataSource = store;
        }));
    }

    private static IServiceCollection AddSqliteStore(this IServiceCollection services, SqliteStoreOptions options)
    {
        services.TryAddSingleton(_ => new SqliteStore(options));
        services.TryAddSingleton<IDeliveryIndex, SqliteDeliveryIndex>();
        return services.AddStartupCheck<SqliteSchema>();
    }
}
