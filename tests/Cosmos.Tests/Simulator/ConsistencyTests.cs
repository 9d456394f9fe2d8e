using System.Net;
using DroneDelivery.CosmosSimulator;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;

namespace DroneDelivery.Cosmos.Simulator;

/// <summary>What a read sees while replicas lag: by the account's level, the client's session and what a request asks for.</summary>
public sealed class ConsistencyTests
{
    private static readonly PartitionKey Key = new("a");
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ConsistencyLevel.Strong, "new")]
    [InlineData(ConsistencyLevel.BoundedStaleness, "new")]
    [InlineData(ConsistencyLevel.Session, "old")]
    [InlineData(ConsistencyLevel.ConsistentPrefix, "old")]
    [InlineData(ConsistencyLevel.Eventual, "old")]
    public async Task Other_client_reads_what_the_level_promises(ConsistencyLevel level, string expected)
    {
        await using var host = await StartAsync(level);
        var container = await ReplacedAsync(host);
        using var other = host.CreateClient();
        var elsewhere = other.GetContainer(container.Database.Id, container.Id);

        Assert.Equal((expected, expected), (await ReadAsync(elsewhere), await QueryAsync(elsewhere)));
        _clock.Advance(Lag);
        Assert.Equal(("new", "new"), (await ReadAsync(elsewhere), await QueryAsync(elsewhere)));
    }

    [Fact]
    public async Task Other_client_misses_what_was_created_and_still_finds_what_was_deleted()
    {
        await using var host = await StartAsync(ConsistencyLevel.Session);
        var container = await ReplacedAsync(host);
        await container.DeleteItemAsync<Parcel>("1", Key, cancellationToken: Cancelled);
        await container.CreateItemAsync(new Parcel { Id = "2", Pk = "a" }, Key, cancellationToken: Cancelled);
        using var other = host.CreateClient();
        var elsewhere = other.GetContainer(container.Database.Id, container.Id);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(elsewhere, "1"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(elsewhere, "2"));
        _clock.Advance(Lag);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(elsewhere, "1"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(elsewhere, "2"));
    }

    [Fact]
    public async Task Client_reads_its_own_writes_under_session()
    {
        await using var host = await StartAsync(ConsistencyLevel.Session);
        var container = await ReplacedAsync(host);

        Assert.Equal(("new", "new"), (await ReadAsync(container), await QueryAsync(container)));
    }

    [Fact]
    public async Task Refused_write_shows_its_client_the_write_that_came_before()
    {
        await using var host = await StartAsync(ConsistencyLevel.Session);
        var container = await ReplacedAsync(host);
        using var other = host.CreateClient();
        var elsewhere = other.GetContainer(container.Database.Id, container.Id);
        var stale = await elsewhere.ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled);

        var refused = await Assert.ThrowsAsync<CosmosException>(() => elsewhere.ReplaceItemAsync(
            stale.Resource, "1", Key, new ItemRequestOptions { IfMatchEtag = stale.ETag }, Cancelled));

        Assert.Equal(("old", HttpStatusCode.PreconditionFailed), (stale.Resource.Name, refused.StatusCode));
        Assert.Equal("new", await ReadAsync(elsewhere));
    }

    [Fact]
    public async Task Request_may_weaken_the_level_of_the_account_and_ask_for_the_latest_committed_version()
    {
        await using var bounded = await StartAsync(ConsistencyLevel.BoundedStaleness);
        await using var session = await StartAsync(ConsistencyLevel.Session);
        var container = await ReplacedAsync(bounded);
        Assert.Equal("old", await ReadAsync(container, new ItemRequestOptions { ConsistencyLevel = ConsistencyLevel.Eventual }));

        var weak = await ReplacedAsync(session);
        using var other = session.CreateClient();
        Assert.Equal("new", await ReadAsync(
            other.GetContainer(weak.Database.Id, weak.Id), new ItemRequestOptions { ReadConsistencyStrategy = ReadConsistencyStrategy.LatestCommitted }));
    }

    [Fact]
    public async Task Lags_are_drawn_repeatably_from_a_seed()
    {
        Assert.Equal(await DrawAsync(1), await DrawAsync(1));
        Assert.NotEqual(await DrawAsync(1), await DrawAsync(2));

        async Task<string> DrawAsync(int seed)
        {
            await using var host = await StartAsync(ConsistencyLevel.Eventual, seed);
            var container = await ReplacedAsync(host);
            _clock.Advance(Lag / 2);
            var read = "";
            for (var i = 0; i < 20; i++) read += await ReadAsync(container) == "new" ? '1' : '0';
            return read;
        }
    }

    [Fact]
    public async Task Read_of_two_replicas_costs_twice()
    {
        await using var bounded = await StartAsync(ConsistencyLevel.BoundedStaleness);
        await using var session = await StartAsync(ConsistencyLevel.Session);

        Assert.Equal((2, 2), await CostAsync(bounded));
        Assert.Equal((1, 1), await CostAsync(session));

        async Task<(double Found, double Missing)> CostAsync(SimulatorHost host)
        {
            var container = await ReplacedAsync(host);
            var found = await container.ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled);
            using var missing = await container.ReadItemStreamAsync("none", Key, cancellationToken: Cancelled);
            return (found.RequestCharge, missing.Headers.RequestCharge);
        }
    }

    [Fact]
    public async Task Account_says_its_level_and_its_regions()
    {
        await using var host = await SimulatorHost.StartAsync(new SimulatorOptions
        {
            Consistency = ConsistencyLevel.Strong,
            Regions = ["West Europe", "North Europe"],
            MultipleWriteRegions = true,
        });

        var account = await host.Client.ReadAccountAsync();

        Assert.Equal(ConsistencyLevel.Strong, account.Consistency.DefaultConsistencyLevel);
        Assert.Equal(["West Europe", "North Europe"], account.WritableRegions.Select(region => region.Name));
        Assert.Equal(["West Europe", "North Europe"], account.ReadableRegions.Select(region => region.Name));
    }

    private Task<SimulatorHost> StartAsync(ConsistencyLevel level, int? seed = null) =>
        SimulatorHost.StartAsync(new SimulatorOptions { Consistency = level, ReplicaLag = Lag, ReplicaSeed = seed }, _clock);

    /// <summary>A container whose item was replaced a moment ago.</summary>
    private async Task<Container> ReplacedAsync(SimulatorHost host)
    {
        var container = await host.CreateContainerAsync();
        await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a", Name = "old" }, Key, cancellationToken: Cancelled);
        _clock.Advance(Lag);
        await container.ReplaceItemAsync(new Parcel { Id = "1", Pk = "a", Name = "new" }, "1", Key, cancellationToken: Cancelled);
        return container;
    }

    private static async Task<string?> ReadAsync(Container container, ItemRequestOptions? options = null) =>
        (await container.ReadItemAsync<Parcel>("1", Key, options, Cancelled)).Resource.Name;

    private static async Task<HttpStatusCode> StatusAsync(Container container, string id)
    {
        using var answer = await container.ReadItemStreamAsync(id, Key, cancellationToken: Cancelled);
        return answer.StatusCode;
    }

    private static async Task<string?> QueryAsync(Container container)
    {
        using var pages = container.GetItemQueryIterator<Parcel>(
            new QueryDefinition("SELECT * FROM c WHERE c.id = '1'"), requestOptions: new QueryRequestOptions { PartitionKey = Key });
        return (await pages.ReadNextAsync(Cancelled)).Single().Name;
    }
}
