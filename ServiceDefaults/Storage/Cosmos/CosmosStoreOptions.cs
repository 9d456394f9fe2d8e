using DroneDelivery.Startup;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Orleans.Providers.Cosmos;

namespace DroneDelivery.Storage.Cosmos;

/// <summary>Settings of the store in Azure Cosmos DB; configuration section <c>Storage:Cosmos</c>.</summary>
public sealed class CosmosStoreOptions
{
    private const string DefaultDatabase = "drone-delivery";

    /// <summary>Endpoint of the account, such as <c>https://name.documents.azure.com:443/</c>.</summary>
    public string? AccountEndpoint { get; init; }

    /// <summary>Key of the account; without one the identity of the process is used (workload identity, managed identity, a developer's sign-in).</summary>
    public string? AccountKey { get; init; }

    /// <summary>Endpoint and key in one; instead of the other two.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The database; <c>drone-delivery</c> unless set.</summary>
    public string DatabaseName { get; init; } = DefaultDatabase;

    /// <summary>Creates the database and its containers when they are missing. Needs a key, and is meant for trials.</summary>
    public bool CreateResources { get; init; }

    /// <summary>
    /// Starts although the account's reads may miss what another process has written (Session consistency, say): a request may then stay unwatched and an answer
    /// be out of date. For trials, and for emulators, whose one replica never lags.
    /// </summary>
    public bool AcceptStaleReads { get; init; }

    /// <summary>Regions to use, the nearest first; empty for the account's order, as BoundedStaleness wants it.</summary>
    public IReadOnlyList<string> PreferredRegions { get; init; } = [];

    /// <summary>How requests travel: Direct to the replicas, or through the account's gateway, as emulators need it.</summary>
    public ConnectionMode ConnectionMode { get; init; } = ConnectionMode.Direct;

    /// <summary>Talks to the endpoint alone, whatever the account says of others. For emulators.</summary>
    public bool LimitToEndpoint { get; init; }

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="StartupException">A setting is wrong or missing.</exception>
    internal static CosmosStoreOptions Read(IConfigurationSection section)
    {
        var options = new CosmosStoreOptions
        {
            AccountEndpoint = Text(section, nameof(AccountEndpoint)),
            AccountKey = Text(section, nameof(AccountKey)),
            ConnectionString = Text(section, nameof(ConnectionString)),
            DatabaseName = Text(section, nameof(DatabaseName)) ?? DefaultDatabase,
            CreateResources = Choice(section, nameof(CreateResources)),
            AcceptStaleReads = Choice(section, nameof(AcceptStaleReads)),
            PreferredRegions = [.. section.GetSection(nameof(PreferredRegions)).GetChildren().Select(region => region.Value).OfType<string>()],
            ConnectionMode = Mode(section),
            LimitToEndpoint = Choice(section, nameof(LimitToEndpoint)),
        };
        if (options is { AccountEndpoint: null, ConnectionString: null })
            throw Wrong(section, nameof(AccountEndpoint), "is missing", "set it to the account's address, such as https://name.documents.azure.com:443/");
        if (options is { ConnectionString: not null } and not { AccountEndpoint: null, AccountKey: null })
            throw Wrong(section, nameof(ConnectionString), "is set beside AccountEndpoint or AccountKey", "leave out the one or the others");
        return options;
    }

    /// <summary>Tells a provider where the account and the database are.</summary>
    internal void Apply(CosmosOptions options)
    {
        if (ConnectionString is not null) options.ConfigureCosmosClient(ConnectionString);
        else if (AccountKey is not null) options.ConfigureCosmosClient(AccountEndpoint!, AccountKey);
        else options.ConfigureCosmosClient(AccountEndpoint!);
        options.DatabaseName = DatabaseName;
        options.IsResourceCreationEnabled = CreateResources;
        options.AcceptStaleReads = AcceptStaleReads;
        options.PreferredRegions = [.. PreferredRegions];
        options.ConnectionMode = ConnectionMode;
        options.LimitToEndpoint = LimitToEndpoint;
    }

    private static string? Text(IConfigurationSection section, string name) => string.IsNullOrWhiteSpace(section[name]) ? null : section[name];

    private static bool Choice(IConfigurationSection section, string name) => Text(section, name) switch
    {
        null => false,
        var text when bool.TryParse(text, out var choice) => choice,
        var text => throw Wrong(section, name, $"is '{text}'", "set it to true or false"),
    };

    private static ConnectionMode Mode(IConfigurationSection section) => Text(section, nameof(ConnectionMode)) switch
    {
        null => ConnectionMode.Direct,
        var text when Enum.TryParse<ConnectionMode>(text, ignoreCase: true, out var mode) && Enum.IsDefined(mode) && !char.IsDigit(text.Trim()[0]) => mode,
        var text => throw Wrong(section, nameof(ConnectionMode), $"is '{text}'", "set it to Direct or Gateway"),
    };

    private static StartupException Wrong(IConfigurationSection section, string name, string fault, string remedy) =>
        new($"{section.Path}:{name} {fault}; {remedy}.");
}
