using DroneDelivery.CosmosSimulator;
using DroneDelivery.CosmosSimulator.Protocol;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Cosmos.Simulator;

/// <summary>Several physical partitions, which the client must find by itself.</summary>
public sealed class PartitionTests(PartitionTests.ThreePartitions partitions) : IClassFixture<PartitionTests.ThreePartitions>
{
    private const int Count = 60;

    [Theory]
    [InlineData(PartitionKeyDefinitionVersion.V1)]
    [InlineData(PartitionKeyDefinitionVersion.V2)]
    public async Task Client_and_simulator_place_keys_alike(PartitionKeyDefinitionVersion version)
    {
        var container = await partitions.Host.CreateContainerAsync(configure: properties => properties.PartitionKeyDefinitionVersion = version);
        using var client = partitions.Host.CreateClient(options => options.AllowBulkExecution = true);
        var bulk = client.GetContainer(container.Database.Id, container.Id);
        partitions.Host.Requests.Reset();

        // In bulk mode the client chooses the range; a wrong one would be refused and tried again.
        await Task.WhenAll(Enumerable.Range(0, Count).Select(i => bulk.CreateItemAsync(
            new Parcel { Id = $"{i}", Pk = Key(i) }, new PartitionKey(Key(i)), cancellationToken: Cancelled)));

        Assert.All(partitions.Host.Requests.Counts, count => Assert.Equal(0, count.Refused));
        var ranges = await container.GetFeedRangesAsync(Cancelled);
        Assert.Equal(3, ranges.Count);
        var found = new List<string>();
        foreach (var range in ranges)
        {
            var inRange = await ReadAsync(container.GetItemQueryIterator<Parcel>(range, new QueryDefinition("SELECT * FROM c")));
            Assert.NotEmpty(inRange);
            found.AddRange(inRange.Select(parcel => parcel.Id));
        }

        Assert.Equal(Count, found.Distinct().Count());
        Assert.Equal(Count, found.Count);
    }

    [Fact]
    public async Task Hierarchical_keys_are_placed_and_found()
    {
        Database database = await partitions.Host.Client.CreateDatabaseAsync($"db-{Guid.NewGuid():N}", cancellationToken: Cancelled);
        Container container = await database.CreateContainerAsync(new ContainerProperties("items", ["/pk", "/name"]), cancellationToken: Cancelled);
        PartitionKey Of(int i) => new PartitionKeyBuilder().Add(Key(i)).Add("n").Build();

        for (var i = 0; i < 10; i++) await container.CreateItemAsync(new Parcel { Id = $"{i}", Pk = Key(i), Name = "n" }, Of(i), cancellationToken: Cancelled);

        Assert.Equal("4", (await container.ReadItemAsync<Parcel>("4", Of(4), cancellationToken: Cancelled)).Resource.Id);
        Assert.Equal(10, (await ReadAsync(container.GetItemQueryIterator<Parcel>("SELECT * FROM c"))).Count);
    }

    [Theory]
    [InlineData("SELECT * FROM c WHERE c.weight >= 10 AND c.weight < 13 ORDER BY c.weight", "10 11 12")]
    [InlineData("SELECT * FROM c WHERE c.weight < 3 ORDER BY c.weight DESC", "2 1 0")]
    [InlineData("SELECT TOP 3 * FROM c ORDER BY c.weight DESC", "59 58 57")]
    [InlineData("SELECT * FROM c ORDER BY c.weight OFFSET 20 LIMIT 3", "20 21 22")]
    [InlineData("SELECT c.id FROM c WHERE c.weight IN (7, 8) ORDER BY c.name", "7 8")]
    public async Task Ordered_query_merges_partitions(string text, string expected)
    {
        var container = await partitions.FilledAsync();
        var found = await ReadAsync(container.GetItemQueryIterator<Dictionary<string, object>>(text));
        Assert.Equal(expected, string.Join(' ', found.Select(parcel => parcel["id"])));
    }

    [Fact]
    public async Task Unordered_query_finds_everything_in_pages()
    {
        var container = await partitions.FilledAsync();
        using var iterator = container.GetItemQueryIterator<Parcel>("SELECT * FROM c WHERE c.weight >= 10", requestOptions: new QueryRequestOptions { MaxItemCount = 7 });
        var found = new List<string>();
        while (iterator.HasMoreResults)
        {
            var page = await iterator.ReadNextAsync(Cancelled);
            Assert.True(page.Count <= 7);
            found.AddRange(page.Select(parcel => parcel.Id));
        }

        Assert.Equal(Count - 10, found.Distinct().Count());
        Assert.Equal(Count - 10, found.Count);
    }

    [Theory]
    [InlineData("SELECT * FROM c ORDER BY c.weight")]
    [InlineData("SELECT * FROM c ORDER BY c.weight DESC")]
    [InlineData("SELECT * FROM c WHERE c.weight < 50 ORDER BY c.group")]
    [InlineData("SELECT * FROM c ORDER BY c.group DESC")]
    public async Task Ordered_pages_continue_with_a_new_iterator(string text)
    {
        var container = await partitions.FilledAsync();
        var inOneGo = await ReadAsync(container.GetItemQueryIterator<Parcel>(text));
        var found = new List<string>();
        string? continuation = null;
        do
        {
            Assert.True(found.Count <= Count, "Pages come again.");
            using var iterator = container.GetItemQueryIterator<Parcel>(text, continuation, new QueryRequestOptions { MaxItemCount = 9 });
            var page = await iterator.ReadNextAsync(Cancelled);
            found.AddRange(page.Select(parcel => parcel.Id));
            continuation = page.ContinuationToken;
        }
        while (continuation is not null);

        Assert.True(inOneGo.Count >= 50);
        Assert.Equal(inOneGo.Select(parcel => parcel.Id), found);
    }

    [Theory]
    [InlineData("SELECT VALUE COUNT(1) FROM c", 60)]
    [InlineData("SELECT VALUE COUNT(1) FROM c WHERE c.weight >= 50", 10)]
    [InlineData("SELECT VALUE SUM(c.weight) FROM c", 1770)]
    [InlineData("SELECT VALUE MIN(c.weight) FROM c WHERE c.weight > 4", 5)]
    [InlineData("SELECT VALUE MAX(c.weight) FROM c", 59)]
    [InlineData("SELECT VALUE AVG(c.weight) FROM c", 29.5)]
    public async Task Aggregates_are_added_up(string text, double expected)
    {
        var container = await partitions.FilledAsync();
        Assert.Equal([expected], await ReadAsync(container.GetItemQueryIterator<double>(text)));
    }

    [Fact]
    public async Task List_without_a_query_reads_everything()
    {
        var container = await partitions.FilledAsync();
        Assert.Equal(Count, (await ReadAsync(container.GetItemQueryIterator<Parcel>())).Count);
    }

    [Fact]
    public async Task Query_of_one_key_asks_one_partition()
    {
        var container = await partitions.FilledAsync();
        partitions.Host.Requests.Reset();
        var found = await ReadAsync(container.GetItemQueryIterator<Parcel>(
            "SELECT * FROM c", requestOptions: new QueryRequestOptions { PartitionKey = new PartitionKey(Key(3)) }));

        Assert.Equal(["3"], found.Select(parcel => parcel.Id));
        Assert.Equal(1, partitions.Host.Requests.Requests(RequestKind.QueryItems));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static string Key(int i) => $"key-{i}-é";

    private static async Task<List<T>> ReadAsync<T>(FeedIterator<T> iterator)
    {
        using var _ = iterator;
        var found = new List<T>();
        while (iterator.HasMoreResults) found.AddRange(await iterator.ReadNextAsync(Cancelled));
        return found;
    }

    /// <summary>A simulator with three physical partitions and one container that nobody changes.</summary>
    public sealed class ThreePartitions : IAsyncLifetime
    {
        private readonly SemaphoreSlim _once = new(1);
        private Container? _filled;

        public SimulatorHost Host { get; private set; } = null!;

        public async Task<Container> FilledAsync()
        {
            await _once.WaitAsync(Cancelled);
            try
            {
                if (_filled is not null) return _filled;
                var container = await Host.CreateContainerAsync();
                await Task.WhenAll(Enumerable.Range(0, Count).Select(i => container.CreateItemAsync(
                    new Parcel { Id = $"{i}", Pk = Key(i), Name = $"{i:00}", Weight = i, Group = i % 4 }, new PartitionKey(Key(i)), cancellationToken: Cancelled)));
                return _filled = container;
            }
            finally
            {
                _once.Release();
            }
        }

        public async ValueTask InitializeAsync() => Host = await SimulatorHost.StartAsync(new SimulatorOptions { Partitions = 3 });

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            _once.Dispose();
        }
    }
}
