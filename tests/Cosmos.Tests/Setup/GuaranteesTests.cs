using DroneDelivery.Cosmos.Account;
using DroneDelivery.CosmosSimulator;
using Microsoft.Azure.Cosmos;
using Orleans.Persistence.Cosmos;

namespace DroneDelivery.Cosmos.Setup;

/// <summary>An account that does not guarantee what the grains build on stops at start with one sentence that says what to do.</summary>
[Trait("Needs", "Simulator")]
public sealed class GuaranteesTests
{
    private static readonly SimulatorOptions Session = new() { Consistency = ConsistencyLevel.Session };
    private static readonly SimulatorOptions Bounded = new() { Consistency = ConsistencyLevel.BoundedStaleness, Regions = ["West Europe", "North Europe"] };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ConsistencyLevel.Session)]
    [InlineData(ConsistencyLevel.ConsistentPrefix)]
    [InlineData(ConsistencyLevel.Eventual)]
    public Task Level_that_lets_reads_miss_a_write_stops(ConsistencyLevel level) => AssertStopsAsync(
        new() { Consistency = level },
        _ => { },
        $"has the consistency level {level}",
        "run 'az cosmosdb update -g RESOURCE_GROUP -n simulator --default-consistency-level BoundedStaleness --max-interval 300 --max-staleness-prefix 100000'");

    [Theory]
    [InlineData(ConsistencyLevel.Strong)]
    [InlineData(ConsistencyLevel.BoundedStaleness)]
    public async Task Level_that_shows_every_write_starts(ConsistencyLevel level) => Assert.Null(await StartAsync(new() { Consistency = level }, _ => { }));

    [Fact]
    public async Task Session_starts_where_stale_reads_are_accepted_and_nothing_weaker()
    {
        Assert.Null(await StartAsync(Session, options => options.AcceptStaleReads = true));
        await AssertStopsAsync(new() { Consistency = ConsistencyLevel.Eventual }, options => options.AcceptStaleReads = true, "has the consistency level Eventual");
    }

    [Fact]
    public Task Sentence_names_the_setting_that_accepts_stale_reads() => AssertStopsAsync(Session, _ => { }, "or, for a trial, set AcceptStaleReads to true");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Several_regions_that_are_written_to_stop_whatever_is_accepted(bool acceptStaleReads) => AssertStopsAsync(
        Bounded with { Consistency = ConsistencyLevel.BoundedStaleness, MultipleWriteRegions = true },
        options => options.AcceptStaleReads = acceptStaleReads,
        "is written to in several regions (West Europe, North Europe)",
        "run 'az cosmosdb update -g RESOURCE_GROUP -n simulator --enable-multiple-write-locations false'");

    [Fact]
    public async Task Bounded_staleness_is_read_where_it_is_written_to()
    {
        Assert.Null(await StartAsync(Bounded, _ => { }));
        Assert.Null(await StartAsync(Bounded with { Consistency = ConsistencyLevel.Strong }, PreferNorth));
        Assert.Null(await StartAsync(new() { Regions = ["North Europe"] }, PreferNorth));
        await AssertStopsAsync(Bounded, PreferNorth, "has several regions (West Europe, North Europe) and BoundedStaleness", "remove PreferredRegions");

        static void PreferNorth(CosmosGrainStorageOptions options) => (options.LimitToEndpoint, options.PreferredRegions) = (false, ["North Europe"]);
    }

    [Fact]
    public Task Client_that_weakens_the_level_stops() => AssertStopsAsync(
        Bounded,
        options => options.ClientOptions = new() { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true, ConsistencyLevel = ConsistencyLevel.Session },
        "is read with Session consistency",
        "remove the level from the client's options");

    [Fact]
    public async Task Client_that_asks_for_the_latest_committed_version_needs_no_level() => Assert.Null(await StartAsync(
        Session,
        options => options.ClientOptions = new() { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true, ReadConsistencyStrategy = ReadConsistencyStrategy.LatestCommitted }));

    [Fact]
    public async Task Every_provider_checks_the_account()
    {
        await using var account = await TestAccount.SimulatedAsync(Session);
        await using var clustering = ProviderHost.ForClustering(account, "cluster");
        await using var reminders = ProviderHost.ForReminders(account, "service");

        foreach (var start in new Func<Task>[]
        {
            () => clustering.Membership.InitializeMembershipTableAsync(true, Cancellation),
            () => clustering.Gateways.InitializeGatewayListProviderAsync(Cancellation),
            () => reminders.Reminders.StartAsync(Cancellation),
        })
        {
            Assert.Contains("consistency level Session", (await Assert.ThrowsAsync<OrleansConfigurationException>(start)).Message, StringComparison.Ordinal);
        }
    }

    private static async Task AssertStopsAsync(SimulatorOptions account, Action<CosmosGrainStorageOptions> configure, params string[] words)
    {
        var fault = Assert.IsType<OrleansConfigurationException>(await StartAsync(account, configure));
        Assert.StartsWith("Azure Cosmos DB grain storage 'things': account http://127.0.0.1:", fault.Message, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, fault.Message, StringComparison.Ordinal));
        Assert.EndsWith(".", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", fault.Message, StringComparison.Ordinal);
    }

    private static async Task<Exception?> StartAsync(SimulatorOptions options, Action<CosmosGrainStorageOptions> configure)
    {
        await using var account = await TestAccount.SimulatedAsync(options);
        await using var providers = ProviderHost.ForStorage(account, "things", configure: configure);
        return await Record.ExceptionAsync(() => providers.StorageAsync("things", Cancellation));
    }
}
