using Azure;
using Azure.Core;
using Azure.Identity;
using DroneDelivery.CosmosSimulator;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Clustering.Cosmos;
using Orleans.Messaging;
using Orleans.Persistence.Cosmos;
using Orleans.Providers.Cosmos;
using Orleans.Reminders.Cosmos;
using Orleans.Storage;

namespace DroneDelivery.Cosmos.Setup;

/// <summary>Options: what they take, where they come from, and what is refused before anything starts.</summary>
public sealed class OptionsTests
{
    private const string Endpoint = "https://account.documents.azure.com:443/";
    private const string Key = SimulatorOptions.WellKnownKey;

    public static TheoryData<string, string> Faults => new()
    {
        { "no account", "no account is configured" },
        { "endpoint", "'nonsense' is not an address" },
        { "connection string", "not of the form AccountEndpoint=" },
        { "cut key", "not in base64" },
        { "no key", "key is empty" },
        { "database", "DatabaseName is empty" },
        { "container", "ContainerName is 'a/b'" },
        { "throughput", "the smallest is 400" },
        { "retries", "MaxThrottlingRetries is -1" },
        { "wait", "MaxThrottlingWait" },
        { "timeout", "OperationTimeout" },
        { "regions", "exclude each other" },
        { "partitioning", "Partitioning is 7" },
        { "ttl", "StateTimeToLive" },
        { "field", "names no field" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Wrong_option_is_refused_with_a_sentence_that_names_it(string what, string words)
    {
        var options = new CosmosGrainStorageOptions();
        options.ConfigureCosmosClient(Endpoint, Key);
        var validator = new CosmosGrainStorageOptionsValidator(options, "things");
        validator.ValidateConfiguration();
        switch (what)
        {
            case "no account": validator = new(options = new(), "things"); break;
            case "endpoint": options.ConfigureCosmosClient("nonsense", Key); break;
            case "connection string": options.ConfigureCosmosClient("Endpoint=x;Key=y"); break;
            case "cut key": options.ConfigureCosmosClient($"AccountEndpoint={Endpoint};AccountKey={Key[..^3]}"); break;
            case "no key": options.ConfigureCosmosClient(Endpoint, ""); break;
            case "database": options.DatabaseName = ""; break;
            case "container": options.ContainerName = "a/b"; break;
            case "throughput": options.DatabaseThroughput = 100; break;
            case "retries": options.MaxThrottlingRetries = -1; break;
            case "wait": options.MaxThrottlingWait = TimeSpan.FromSeconds(-1); break;
            case "timeout": options.OperationTimeout = TimeSpan.Zero; break;
            case "regions": (options.LimitToEndpoint, options.PreferredRegions) = (true, ["West Europe"]); break;
            case "partitioning": options.Partitioning = (CosmosPartitioning)7; break;
            case "ttl": options.StateTimeToLive = TimeSpan.FromMilliseconds(1); break;
            case "field": options.StateFieldsToIndex = ["/"]; break;
            default: throw new ArgumentOutOfRangeException(nameof(what));
        }

        var fault = Assert.Throws<OrleansConfigurationException>(validator.ValidateConfiguration);

        Assert.StartsWith("Azure Cosmos DB grain storage 'things': ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Key[..^3], fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Throttling_may_be_reported_at_once()
    {
        var options = new CosmosReminderTableOptions { MaxThrottlingRetries = 0, MaxThrottlingWait = TimeSpan.Zero };
        options.ConfigureCosmosClient(Endpoint, Key);

        new CosmosOptionsValidator<CosmosReminderTableOptions>(options, "reminders").ValidateConfiguration();
    }

    [Fact]
    public void Missing_credential_is_no_request_for_the_identity_of_the_process() =>
        Assert.Throws<ArgumentNullException>(() => new CosmosReminderTableOptions().ConfigureCosmosClient(Endpoint, (TokenCredential)null!));

    [Fact]
    public void Every_way_to_name_an_account_is_taken_and_no_key_is_printed()
    {
        Action<CosmosOptions>[] ways =
        [
            options => options.ConfigureCosmosClient(new Uri(Endpoint)),
            options => options.ConfigureCosmosClient(Endpoint),
            options => options.ConfigureCosmosClient($"AccountEndpoint={Endpoint};"),
            options => options.ConfigureCosmosClient($"AccountEndpoint={Endpoint};AccountKey={Key};"),
            options => options.ConfigureCosmosClient(Endpoint, Key),
            options => options.ConfigureCosmosClient(Endpoint, new AzureKeyCredential(Key)),
            options => options.ConfigureCosmosClient(Endpoint, new DefaultAzureCredential()),
        ];
        foreach (var way in ways)
        {
            var options = new CosmosReminderTableOptions();
            way(options);
            new CosmosOptionsValidator<CosmosReminderTableOptions>(options, "reminders").ValidateConfiguration();
            Assert.Equal(Endpoint, $"{options.Account}");
        }
    }

    [Fact]
    public void Key_in_a_connection_string_is_not_sent_anywhere_else()
    {
        Assert.IsType<TokenAccount>(CosmosAccount.Parse(Endpoint));
        Assert.IsType<TokenAccount>(CosmosAccount.Parse($"AccountEndpoint={Endpoint}"));
        Assert.Equal(Key, Assert.IsType<ConnectionStringAccount>(CosmosAccount.Parse($"AccountEndpoint={Endpoint};AccountKey={Key}")).Key);
    }

    [Fact]
    public async Task Providers_with_equal_settings_share_a_client_which_closes_with_the_host()
    {
        using var services = new ServiceCollection().BuildServiceProvider();
        var clients = new CosmosClients(services);
        static CosmosReminderTableOptions Options(Action<CosmosReminderTableOptions>? change = null)
        {
            var options = new CosmosReminderTableOptions { PreferredRegions = ["West Europe", "North Europe"] };
            options.ConfigureCosmosClient(Endpoint, Key);
            change?.Invoke(options);
            return options;
        }

        var first = await clients.GetAsync(Options());

        Assert.Same(first, await clients.GetAsync(Options(options => (options.DatabaseName, options.ContainerName) = ("another", "another"))));
        Assert.NotSame(first, await clients.GetAsync(Options(options => options.PreferredRegions = ["North Europe"])));
        Assert.NotSame(first, await clients.GetAsync(Options(options => options.ConnectionMode = ConnectionMode.Gateway)));
        Assert.NotSame(first, await clients.GetAsync(Options(options => options.ConfigureCosmosClient(Endpoint, Convert.ToBase64String([1, 2, 3])))));
        Assert.NotSame(first, await clients.GetAsync(Options(options => options.ClientOptions = new())));
        Assert.Equal(["West Europe", "North Europe"], first.ClientOptions.ApplicationPreferredRegions);
        Assert.Equal(ConnectionMode.Direct, first.ClientOptions.ConnectionMode);
        clients.Dispose();
        Assert.Throws<ObjectDisposedException>(() => first.GetDatabase("any"));
    }

    [Fact]
    public async Task Client_made_elsewhere_is_used_and_left_open()
    {
        using var foreign = new CosmosClient(Endpoint, Key);
        using var services = new ServiceCollection().AddSingleton(foreign).BuildServiceProvider();
        var clients = new CosmosClients(services);
        var options = new CosmosReminderTableOptions();
        options.ConfigureCosmosClient(provider => new ValueTask<CosmosClient>(provider.GetRequiredService<CosmosClient>()));

        Assert.Same(foreign, await clients.GetAsync(options));

        clients.Dispose();
        Assert.NotNull(foreign.GetDatabase("any"));
    }

    [Fact]
    public void Configuration_under_the_official_keys_sets_up_silo_and_client()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Orleans:ClusterId"] = "cluster",
            ["Orleans:ServiceId"] = "service",
            ["Orleans:Clustering:ProviderType"] = "AzureCosmosDB",
            ["Orleans:Clustering:ConnectionName"] = "cosmos",
            ["Orleans:Clustering:DatabaseName"] = "db",
            ["Orleans:GrainStorage:things:ProviderType"] = "AzureCosmosDB",
            ["Orleans:GrainStorage:things:AccountEndpoint"] = Endpoint,
            ["Orleans:GrainStorage:things:ContainerName"] = "things",
            ["Orleans:GrainStorage:things:Partitioning"] = "grain",
            ["Orleans:GrainStorage:things:DeleteStateOnClear"] = "true",
            ["Orleans:GrainStorage:things:StateFieldsToIndex:0"] = "Owner",
            ["Orleans:GrainStorage:things:PreferredRegions:0"] = "West Europe",
            ["Orleans:GrainStorage:things:StateTimeToLive"] = "7.00:00:00",
            ["Orleans:Reminders:ProviderType"] = "AzureCosmosDB",
            ["Orleans:Reminders:ConnectionString"] = $"AccountEndpoint={Endpoint};AccountKey={Key};",
            ["Orleans:Reminders:ConnectionMode"] = "Gateway",
            ["Orleans:Reminders:AcceptStaleReads"] = "true",
            ["ConnectionStrings:cosmos"] = Endpoint,
        };
        using var silo = Build(settings, builder => builder.UseOrleans());
        // A client takes every section for its own, and there are no reminders for clients.
        using var client = Build(
            settings.Where(setting => !setting.Key.StartsWith("Orleans:Reminders", StringComparison.Ordinal) && !setting.Key.StartsWith("Orleans:GrainStorage", StringComparison.Ordinal)).ToDictionary(),
            builder => builder.UseOrleansClient());

        Assert.IsType<CosmosMembershipTable>(silo.Services.GetRequiredService<IMembershipTable>());
        Assert.IsType<CosmosReminderTable>(silo.Services.GetRequiredService<IReminderTable>());
        Assert.IsType<CosmosGrainStorage>(silo.Services.GetRequiredKeyedService<IGrainStorage>("things"));
        Assert.IsType<CosmosGatewayListProvider>(client.Services.GetRequiredService<IGatewayListProvider>());
        var clustering = client.Services.GetRequiredService<IOptions<CosmosClusteringOptions>>().Value;
        Assert.Equal(("db", "OrleansCluster", false), (clustering.DatabaseName, clustering.ContainerName, clustering.IsResourceCreationEnabled));
        Assert.IsType<TokenAccount>(clustering.Account);
        var storage = silo.Services.GetRequiredService<IOptionsMonitor<CosmosGrainStorageOptions>>().Get("things");
        Assert.Equal(("Orleans", "things", CosmosPartitioning.Grain, true), (storage.DatabaseName, storage.ContainerName, storage.Partitioning, storage.DeleteStateOnClear));
        Assert.Equal(["Owner"], storage.StateFieldsToIndex);
        Assert.Equal(["West Europe"], storage.PreferredRegions);
        Assert.Equal(TimeSpan.FromDays(7), storage.StateTimeToLive);
        var reminders = silo.Services.GetRequiredService<IOptions<CosmosReminderTableOptions>>().Value;
        Assert.Equal(("OrleansReminders", ConnectionMode.Gateway, true), (reminders.ContainerName, reminders.ConnectionMode, reminders.AcceptStaleReads));
    }

    [Theory]
    [InlineData("IsResourceCreationEnabled", "yes", "set it to true or false")]
    [InlineData("DatabaseThroughput", "many", "set it to a whole number")]
    [InlineData("AcceptStaleReads", "a bit", "set it to true or false")]
    [InlineData("ConnectionMode", "2", "set it to Gateway or Direct")]
    [InlineData("StartupTimeout", "soon", "set it to a time such as")]
    [InlineData("CleanResourcesOnInitialization", "true", "deletes no database")]
    [InlineData("ConnectionName", "nothing", "there is no such connection string")]
    public void Unreadable_setting_is_refused_with_its_path(string key, string value, string words)
    {
        using var silo = Build(
            new()
            {
                ["Orleans:Clustering:ProviderType"] = "AzureCosmosDB",
                ["Orleans:Clustering:AccountEndpoint"] = Endpoint,
                [$"Orleans:Clustering:{key}"] = value,
            },
            builder => builder.UseOrleans());

        var fault = Assert.Throws<OrleansConfigurationException>(() => silo.Services.GetRequiredService<IOptions<CosmosClusteringOptions>>().Value);

        Assert.Contains($"Orleans:Clustering:{key}", fault.Message, StringComparison.Ordinal);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }

    private static IHost Build(Dictionary<string, string?> settings, Action<HostApplicationBuilder> configure)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings);
        configure(builder);
        return builder.Build();
    }
}
