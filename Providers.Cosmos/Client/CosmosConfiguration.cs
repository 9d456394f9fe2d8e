using System.Globalization;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Providers.Cosmos;

/// <summary>Reads options from configuration under the official packages' keys, and from some of our own. An unreadable value is an error, not a default.</summary>
internal static class CosmosConfiguration
{
    /// <summary>The provider type in configuration.</summary>
    public const string ProviderType = "AzureCosmosDB";

    /// <summary>Reads what every provider has.</summary>
    /// <exception cref="OrleansConfigurationException">A value cannot be read or is missing.</exception>
    public static void Read(this CosmosOptions options, IConfigurationSection section, IServiceProvider services)
    {
        if (section.Text(nameof(options.DatabaseName)) is { } database) options.DatabaseName = database;
        if (section.Text(nameof(options.ContainerName)) is { } container) options.ContainerName = container;
        if (section.Flag(nameof(options.IsResourceCreationEnabled)) is { } create) options.IsResourceCreationEnabled = create;
        if (section.Number(nameof(options.DatabaseThroughput)) is { } throughput) options.DatabaseThroughput = throughput;
        if (section.Flag(nameof(options.LimitToEndpoint)) is { } limit) options.LimitToEndpoint = limit;
        if (section.Flag(nameof(options.AcceptStaleReads)) is { } stale) options.AcceptStaleReads = stale;
        if (section.Choice<ConnectionMode>(nameof(options.ConnectionMode)) is { } mode) options.ConnectionMode = mode;
        if (section.Number(nameof(options.MaxThrottlingRetries)) is { } retries) options.MaxThrottlingRetries = retries;
        if (section.Time(nameof(options.MaxThrottlingWait)) is { } wait) options.MaxThrottlingWait = wait;
        if (section.Time(nameof(options.OperationTimeout)) is { } operation) options.OperationTimeout = operation;
        if (section.Time(nameof(options.StartupTimeout)) is { } startup) options.StartupTimeout = startup;
        if (section.List(nameof(options.PreferredRegions)) is { Count: > 0 } regions) options.PreferredRegions = regions;
        if (section.Flag("CleanResourcesOnInitialization") is true)
            throw new OrleansConfigurationException($"{section.Path}:CleanResourcesOnInitialization is true, but this provider deletes no database; remove the setting.");
        ReadAccount(options, section, services);
    }

    public static string? Text(this IConfigurationSection section, string key) => section[key] is { Length: > 0 } text ? text : null;

    public static bool? Flag(this IConfigurationSection section, string key) =>
        section.Text(key) is not { } text ? null : bool.TryParse(text, out var flag) ? flag : throw Unreadable(section, key, "true or false");

    public static int? Number(this IConfigurationSection section, string key) =>
        section.Text(key) is not { } text ? null
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw Unreadable(section, key, "a whole number");

    public static TimeSpan? Time(this IConfigurationSection section, string key) =>
        section.Text(key) is not { } text ? null
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time
        : throw Unreadable(section, key, "a time such as 00:00:10");

    public static T? Choice<T>(this IConfigurationSection section, string key) where T : struct, Enum =>
        section.Text(key) is not { } text ? null
        : Enum.GetNames<T>().FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name ? Enum.Parse<T>(name)
        : throw Unreadable(section, key, string.Join(" or ", Enum.GetNames<T>()));

    public static List<string> List(this IConfigurationSection section, string key) =>
        [.. section.GetSection(key).GetChildren().Select(child => child.Value).OfType<string>()];

    private static void ReadAccount(CosmosOptions options, IConfigurationSection section, IServiceProvider services)
    {
        if (section.Text("ServiceKey") is { } serviceKey)
        {
            options.ConfigureCosmosClient(provider => new(provider.GetKeyedService<CosmosClient>(serviceKey)
                ?? throw new OrleansConfigurationException($"{section.Path}:ServiceKey is '{serviceKey}', but no CosmosClient is registered under it.")));
            return;
        }

        var connectionString = section.Text("ConnectionString");
        if (connectionString is null && section.Text("ConnectionName") is { } connectionName)
        {
            connectionString = services.GetRequiredService<IConfiguration>().GetConnectionString(connectionName)
                ?? throw new OrleansConfigurationException($"{section.Path}:ConnectionName is '{connectionName}', but there is no such connection string.");
        }

        if (connectionString is not null) options.ConfigureCosmosClient(connectionString);
        else if (section.Text("AccountEndpoint") is { } endpoint)
        {
            if (section.Text("AccountKey") is { } key) options.ConfigureCosmosClient(endpoint, key);
            else options.ConfigureCosmosClient(endpoint);
        }
    }

    private static OrleansConfigurationException Unreadable(IConfigurationSection section, string key, string expected) =>
        new($"{section.Path}:{key} is '{section[key]}'; set it to {expected}.");
}
