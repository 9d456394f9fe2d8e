using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Persistence.Cosmos;
using Orleans.Providers;
using Orleans.Providers.Cosmos;

[assembly: RegisterProvider(CosmosConfiguration.ProviderType, "GrainStorage", "Silo", typeof(CosmosGrainStorageProviderBuilder))]

namespace Orleans.Persistence.Cosmos;

/// <summary>Grain storage from configuration section <c>Orleans:GrainStorage:{name}</c>.</summary>
internal sealed class CosmosGrainStorageProviderBuilder : IProviderBuilder<ISiloBuilder>
{
    public void Configure(ISiloBuilder builder, string? name, IConfigurationSection configurationSection)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (configurationSection.Text("DocumentIdProviderKey") is { } places)
            builder.Services.AddKeyedSingleton(name, (services, _) => services.GetRequiredKeyedService<IDocumentIdProvider>(places));
        if (configurationSection.Text("SerializerKey") is { } serializer)
            builder.Services.AddKeyedSingleton(name, (services, _) => services.GetRequiredKeyedService<Orleans.Storage.IGrainStorageSerializer>(serializer));
        builder.AddCosmosGrainStorage(name, (OptionsBuilder<CosmosGrainStorageOptions> options) => options.Configure<IServiceProvider>((storage, services) =>
        {
            storage.Read(configurationSection, services);
            if (configurationSection.Number(nameof(storage.InitStage)) is { } stage) storage.InitStage = stage;
            if (configurationSection.Flag(nameof(storage.DeleteStateOnClear)) is { } delete) storage.DeleteStateOnClear = delete;
            if (configurationSection.Choice<CosmosPartitioning>(nameof(storage.Partitioning)) is { } partitioning) storage.Partitioning = partitioning;
            if (configurationSection.Time(nameof(storage.StateTimeToLive)) is { } time) storage.StateTimeToLive = time;
            if (configurationSection.List(nameof(storage.StateFieldsToIndex)) is { Count: > 0 } fields) storage.StateFieldsToIndex = fields;
        }));
    }
}
