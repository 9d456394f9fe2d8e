using DroneDelivery.Cosmos.Account;
using DroneDelivery.CosmosSimulator.Faults;
using DroneDelivery.CosmosSimulator.Protocol;
using Microsoft.Azure.Cosmos;
using Orleans.Persistence.Cosmos;

namespace DroneDelivery.Cosmos.Setup;

/// <summary>A wrong setup stops at start with one sentence that names what is wrong.</summary>
[Trait("Needs", "Simulator")]
public sealed class WrongSetupTests(SimulatedFixture fixture) : IClassFixture<SimulatedFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TestAccount Account => fixture.Account;

    [Fact]
    public Task Missing_database_is_named() =>
        AssertStopsAsync(options => (options.IsResourceCreationEnabled, options.DatabaseName) = (false, "nowhere"), "database 'nowhere' does not exist");

    [Fact]
    public async Task Missing_container_is_named()
    {
        await Account.Client.CreateDatabaseIfNotExistsAsync(Account.Database, cancellationToken: Cancellation);
        await AssertStopsAsync(
            options => (options.IsResourceCreationEnabled, options.ContainerName) = (false, "nothing"),
            $"container 'nothing' in database '{Account.Database}' does not exist");
    }

    [Fact]
    public async Task Container_with_another_partition_key_is_named()
    {
        Database database = await Account.Client.CreateDatabaseIfNotExistsAsync(Account.Database, cancellationToken: Cancellation);
        await database.CreateContainerIfNotExistsAsync(new("elsewhere", "/Elsewhere"), cancellationToken: Cancellation);

        await AssertStopsAsync(options => options.ContainerName = "elsewhere", "container 'elsewhere'", "partitioned by '/Elsewhere' instead of '/PartitionKey'");
    }

    [Fact]
    public async Task Container_that_lets_nothing_expire_is_named()
    {
        Database database = await Account.Client.CreateDatabaseIfNotExistsAsync(Account.Database, cancellationToken: Cancellation);
        await database.CreateContainerIfNotExistsAsync(new("forever", "/PartitionKey"), cancellationToken: Cancellation);

        await AssertStopsAsync(options => (options.ContainerName, options.StateTimeToLive) = ("forever", TimeSpan.FromDays(1)), "container 'forever'", "time to live switched off");
    }

    [Fact]
    public Task Endpoint_where_nobody_answers_is_named() =>
        AssertStopsAsync(options => options.ConfigureCosmosClient("http://127.0.0.1:1/", SimulatedKey), "account http://127.0.0.1:1/ cannot be reached");

    [Fact]
    public Task Endpoint_whose_host_does_not_exist_is_named() =>
        AssertStopsAsync(options => options.ConfigureCosmosClient("https://no-such-account.invalid/", SimulatedKey), "account https://no-such-account.invalid/ cannot be reached");

    [Fact, Trait("Category", "Slow")]
    public async Task Endpoint_that_never_answers_is_named()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var endpoint = $"http://127.0.0.1:{((System.Net.IPEndPoint)listener.LocalEndpoint).Port}/";
        await AssertStopsAsync(
            options =>
            {
                options.ConfigureCosmosClient(endpoint, SimulatedKey);
                options.StartupTimeout = TimeSpan.FromSeconds(2);
            },
            $"account {endpoint}");
    }

    [Theory]
    [InlineData(401, "does not accept the key")]
    [InlineData(403, "refuses to create or to read container 'things'")]
    [InlineData(503, "cannot be reached")]
    public async Task Refusal_is_explained(int status, string sentence)
    {
        await using var account = await TestAccount.SimulatedAsync();
        account.Faults.Add(Fault.Answer(status).Times(null));

        await AssertStopsAsync(account, _ => { }, sentence);
    }

    [Fact]
    public async Task Refusal_of_the_data_is_explained_by_the_missing_role()
    {
        await using var account = await TestAccount.SimulatedAsync();
        account.Faults.Add(Fault.Answer(403).Times(null).On(RequestKind.ReadContainer));

        await AssertStopsAsync(account, options => options.IsResourceCreationEnabled = false, "Cosmos DB Built-in Data Contributor");
    }

    [Fact]
    public async Task Every_provider_and_the_client_check_their_container()
    {
        await using var clustering = ProviderHost.ForClustering(Account, "cluster", options => (options.IsResourceCreationEnabled, options.DatabaseName) = (false, "nowhere"));
        await using var reminders = ProviderHost.ForReminders(Account, "service", options => (options.IsResourceCreationEnabled, options.DatabaseName) = (false, "nowhere"));

        foreach (var (start, name) in new (Func<Task>, string)[]
        {
            (() => clustering.Membership.InitializeMembershipTableAsync(true, Cancellation), "clustering"),
            (() => clustering.Gateways.InitializeGatewayListProviderAsync(Cancellation), "gateway list"),
            (() => reminders.Reminders.StartAsync(Cancellation), "reminders"),
        })
        {
            var fault = await Assert.ThrowsAsync<OrleansConfigurationException>(start);
            Assert.StartsWith($"Azure Cosmos DB {name}: database 'nowhere' does not exist", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Client_with_a_wrong_provider_does_not_start_and_says_why()
    {
        await using var cluster = new Cluster(Account, options => (options.IsResourceCreationEnabled, options.DatabaseName) = (false, "nowhere"));

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => cluster.StartClientAsync(Cancellation));

        while (fault is not OrleansConfigurationException && fault.InnerException is { } inner) fault = inner;
        Assert.StartsWith("Azure Cosmos DB gateway list: database 'nowhere' does not exist", Assert.IsType<OrleansConfigurationException>(fault).Message, StringComparison.Ordinal);
    }

    private static string SimulatedKey => CosmosSimulator.SimulatorOptions.WellKnownKey;

    private Task AssertStopsAsync(Action<CosmosGrainStorageOptions> configure, params string[] words) => AssertStopsAsync(Account, configure, words);

    private static async Task AssertStopsAsync(TestAccount account, Action<CosmosGrainStorageOptions> configure, params string[] words)
    {
        await using var providers = ProviderHost.ForStorage(account, "things", configure: options =>
        {
            options.ContainerName = "things";
            configure(options);
        });

        var fault = await Assert.ThrowsAsync<OrleansConfigurationException>(() => providers.StorageAsync("things", Cancellation));

        Assert.StartsWith("Azure Cosmos DB grain storage 'things': ", fault.Message, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, fault.Message, StringComparison.Ordinal));
        Assert.EndsWith(".", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(SimulatedKey, fault.Message, StringComparison.Ordinal);
    }
}
