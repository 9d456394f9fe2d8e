using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Persistence.Cosmos;
using Orleans.Providers;
using Orleans.Providers.Cosmos;
using Orleans.Runtime.Hosting;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Orleans.Hosting;

/// <summary>Grain storage on Azure Cosmos DB.</summary>
public static class CosmosGrainStorageExtensions
{
    private const string Default = ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;

    /// <summary>Keeps the states that name no storage in Azure Cosmos DB.</summary>
    public static ISiloBuilder AddCosmosGrainStorageAsDefault(this ISiloBuilder builder, Action<CosmosGrainStorageOptions> configureOptions) =>
        builder.AddCosmosGrainStorage(Default, configureOptions);

    /// <summary>Keeps the states that name no storage in Azure Cosmos DB.</summary>
    public static ISiloBuilder AddCosmosGrainStorageAsDefault(this ISiloBuilder builder, Action<OptionsBuilder<CosmosGrainStorageOptions>>? configureOptions = null) =>
        builder.AddCosmosGrainStorage(Default, configureOptions);

    /// <summary>Keeps the states that name no storage in Azure Cosmos DB, each where <typeparamref name="TProvider"/> says.</summary>
    /// <typeparam name="TProvider">An <see cref="IDocumentIdProvider"/>.</typeparam>
    public static ISiloBuilder AddCosmosGrainStorageAsDefault<TProvider>(this ISiloBuilder builder, Action<CosmosGrainStorageOptions> configureOptions)
        where TProvider : class, IDocumentIdProvider => builder.AddCosmosGrainStorage<TProvider>(Default, configureOptions);

    /// <summary>Keeps states in Azure Cosmos DB.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="name">Name of the storage.</param>
    /// <param name="configureOptions">Configures it.</param>
    public static ISiloBuilder AddCosmosGrainStorage(this ISiloBuilder builder, string name, Action<CosmosGrainStorageOptions> configureOptions) =>
        builder.AddCosmosGrainStorage(name, options => options.Configure(configureOptions));

    /// <summary>Keeps states in Azure Cosmos DB, each where <typeparamref name="TProvider"/> says.</summary>
    /// <typeparam name="TProvider">An <see cref="IDocumentIdProvider"/>.</typeparam>
    public static ISiloBuilder AddCosmosGrainStorage<TProvider>(this ISiloBuilder builder, string name, Action<CosmosGrainStorageOptions> configureOptions)
        where TProvider : class, IDocumentIdProvider =>
        builder.AddCosmosGrainStorage<TProvider>(name, options => options.Configure(configureOptions));

    /// <summary>Keeps states in Azure Cosmos DB, each where <typeparamref name="TProvider"/> says.</summary>
    /// <typeparam name="TProvider">An <see cref="IDocumentIdProvider"/>.</typeparam>
    public static ISiloBuilder AddCosmosGrainStorage<TProvider>(this ISiloBuilder builder, string name, Action<OptionsBuilder<CosmosGrainStorageOptions>>? configureOptions = null)
        where TProvider : class, IDocumentIdProvider
    {
        builder.Services.AddKeyedSingleton<IDocumentIdProvider, TProvider>(name);
        return builder.AddCosmosGrainStorage(name, configureOptions);
    }

    /// <summary>Keeps states in Azure Cosmos DB.</summary>
    public static ISiloBuilder AddCosmosGrainStorage(this ISiloBuilder builder, string name, Action<OptionsBuilder<CosmosGrainStorageOptions>>? configureOptions = null)
    {
        builder.Services.AddCosmosGrainStorage(name, configureOptions);
        return builder;
    }

    /// <summary>Keeps the states that name no storage in Azure Cosmos DB.</summary>
    public static IServiceCollection AddCosmosGrainStorageAsDefault(this IServiceCollection services, Action<CosmosGrainStorageOptions> configureOptions) =>
        services.AddCosmosGrainStorage(Default, configureOptions);

    /// <summary>Keeps the states that name no storage in Azure Cosmos DB.</summary>
    public static IServiceCollection AddCosmosGrainStorageAsDefault(this IServiceCollection services, Action<OptionsBuilder<CosmosGrainStorageOptions>>? configureOptions = null) =>
        services.AddCosmosGrainStorage(Default, configureOptions);

    /// <summary>Keeps states in Azure Cosmos DB.</summary>
    public static IServiceCollection AddCosmosGrainStorage(this IServiceCollection services, string name, Action<CosmosGrainStorageOptions> configureOptions) =>
        services.AddCosmosGrainStorage(name, options => options.Configure(configureOptions));

    /// <summary>Keeps states in Azure Cosmos DB.</summary>
    /// <remarks>A serializer or an <see cref="IDocumentIdProvider"/> registered under the storage's name as key goes before what the options say.</remarks>
    public static IServiceCollection AddCosmosGrainStorage(
        this IServiceCollection services, string name, Action<OptionsBuilder<CosmosGrainStorageOptions>>? configureOptions = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        configureOptions?.Invoke(services.AddOptions<CosmosGrainStorageOptions>(name));
        services.AddOptions<CosmosGrainStorageOptions>(name).PostConfigure<IServiceProvider>((options, provided) =>
            options.GrainStorageSerializer = provided.GetKeyedService<IGrainStorageSerializer>(name) ?? options.GrainStorageSerializer);
        services.AddTransient<IConfigurationValidator>(provided => new CosmosGrainStorageOptionsValidator(Options(provided, name), name));
        services.ConfigureNamedOptionForLogging<CosmosGrainStorageOptions>(name);
        services.TryAddSingleton<DefaultDocumentIdProvider>();
        services.TryAddSingleton<PartitionPerGrainDocumentIdProvider>();
        return services.AddCosmosClients().AddGrainStorage(name, Create);
    }

    private static CosmosGrainStorage Create(IServiceProvider services, string name)
    {
        var options = Options(services, name);
        var places = services.GetKeyedService<IDocumentIdProvider>(name) ?? services.GetService<IDocumentIdProvider>() ?? options.Partitioning switch
        {
            CosmosPartitioning.Grain => services.GetRequiredService<PartitionPerGrainDocumentIdProvider>(),
            _ => services.GetRequiredService<DefaultDocumentIdProvider>(),
        };
        return new(
            name,
            options,
            places,
            services.GetRequiredService<CosmosContainers>(),
            services.GetRequiredService<IActivatorProvider>(),
            services.GetRequiredService<ILogger<CosmosGrainStorage>>());
    }

    private static CosmosGrainStorageOptions Options(IServiceProvider services, string name) =>
        services.GetRequiredService<IOptionsMonitor<CosmosGrainStorageOptions>>().Get(name);
}
