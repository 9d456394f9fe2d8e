using Microsoft.Azure.Cosmos;
using Microsoft.Azure.Cosmos.Linq;

namespace DroneDelivery.Cosmos.Simulator;

public sealed class QueryTests(SimulatorHost host) : IClassFixture<SimulatorHost>
{
    [Theory]
    [InlineData("SELECT * FROM c WHERE c.name = @name", "3")]
    [InlineData("SELECT * FROM c WHERE c.weight >= @five AND c.weight < 7", "5 6")]
    [InlineData("SELECT * FROM c WHERE c.weight > 4 AND NOT (c.weight = 6 OR c.id = '7') AND c.weight <= 8", "5 8")]
    [InlineData("SELECT * FROM c WHERE c.weight BETWEEN 2 AND 3 ORDER BY c.weight DESC", "3 2")]
    [InlineData("SELECT * FROM c WHERE c.id IN ('1', \"9\", @name)", "1 9")]
    [InlineData("SELECT * FROM c WHERE c.id NOT IN ('1','2','3','4','5','6','7','8')", "0 9")]
    [InlineData("SELECT * FROM c WHERE IS_DEFINED(c.ttl)", "9")]
    [InlineData("SELECT * FROM c WHERE NOT IS_DEFINED(c.ttl) AND c.weight > 7", "8")]
    [InlineData("SELECT * FROM c WHERE ARRAY_CONTAINS(c.tags, 'even') AND c.weight < 4", "0 2")]
    [InlineData("SELECT * FROM c WHERE STARTSWITH(c.name, 'parcel 1')", "1")]
    [InlineData("SELECT TOP 2 * FROM c ORDER BY c.weight DESC", "9 8")]
    [InlineData("SELECT * FROM c ORDER BY c.weight OFFSET 3 LIMIT 2", "3 4")]
    [InlineData("select * from root r where r['weight'] = 1+1 or r[\"na\" || 'me'] = 'parcel 4'", "2 4")]
    [InlineData("SELECT * FROM c WHERE c.weight = '3'", "")]
    [InlineData("SELECT * FROM c WHERE c.missing != 3", "")]
    public async Task Query_of_a_partition_key_finds(string text, string expected)
    {
        var container = await FilledAsync();
        var query = new QueryDefinition(text).WithParameter("@name", "parcel 3").WithParameter("@five", 5);

        var found = await ReadAsync<Parcel>(container.GetItemQueryIterator<Parcel>(query, requestOptions: InA()));

        Assert.Equal(expected, string.Join(' ', found.Select(parcel => parcel.Id)));
    }

    [Fact]
    public async Task Projections_and_aggregates_are_worked_out()
    {
        var container = await FilledAsync();

        Assert.Equal([10], await ReadAsync(container.GetItemQueryIterator<int>("SELECT VALUE COUNT(1) FROM c", requestOptions: InA())));
        Assert.Equal([45], await ReadAsync(container.GetItemQueryIterator<int>("SELECT VALUE SUM(c.weight) FROM c", requestOptions: InA())));
        Assert.Equal(["parcel 3"], await ReadAsync(container.GetItemQueryIterator<string>("SELECT VALUE c.name FROM c WHERE c.id = '3'", requestOptions: InA())));
        var row = Assert.Single(await ReadAsync(container.GetItemQueryIterator<Dictionary<string, object>>(
            "SELECT c.id, c.weight AS kilos, {'n': c.name} AS more, c.missing FROM c WHERE c.id = '3'", requestOptions: InA())));
        Assert.Equal(["id", "kilos", "more"], row.Keys);
    }

    [Fact]
    public async Task Linq_is_understood()
    {
        var container = await FilledAsync();
        var linq = container.GetItemLinqQueryable<Parcel>(requestOptions: InA())
            .Where(parcel => parcel.Weight > 6 && parcel.Name!.StartsWith("parcel")).OrderByDescending(parcel => parcel.Weight);

        Assert.Equal(["9", "8", "7"], (await ReadAsync(linq.ToFeedIterator())).Select(parcel => parcel.Id));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("SELECT * FROM c")]
    [InlineData("SELECT * FROM c ORDER BY c.weight DESC")]
    public async Task Pages_continue_where_the_last_ended(string? text)
    {
        var container = await FilledAsync();
        var found = new List<string>();
        string? continuation = null;
        do
        {
            // A new iterator each time, as after a restart.
            using var iterator = container.GetItemQueryIterator<Parcel>(text, continuation, new QueryRequestOptions { PartitionKey = new PartitionKey("a"), MaxItemCount = 3 });
            var page = await iterator.ReadNextAsync(TestContext.Current.CancellationToken);
            Assert.True(page.Count <= 3);
            found.AddRange(page.Select(parcel => parcel.Id));
            continuation = page.ContinuationToken;
        }
        while (continuation is not null);

        var all = Enumerable.Range(0, 10).Select(i => $"{i}");
        Assert.Equal(text?.Contains("DESC", StringComparison.Ordinal) == true ? all.Reverse() : all, found);
    }

    [Theory]
    [InlineData("SELECT * FROM c WHERE")]
    [InlineData("SELECT * FROM c WHERE x.a = 1")]
    [InlineData("SELECT * FROM c WHERE c.a = @unknown")]
    [InlineData("SELECT * FROM c WHERE c.a = 'no end")]
    public async Task Wrong_query_is_400(string text)
    {
        var container = await FilledAsync();
        var refused = await Assert.ThrowsAsync<CosmosException>(() => ReadAsync(container.GetItemQueryIterator<Parcel>(text, requestOptions: InA())));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task Order_needs_an_index_and_by_several_a_composite_one()
    {
        var container = await host.CreateContainerAsync(configure: properties =>
        {
            properties.IndexingPolicy.IncludedPaths.Add(new IncludedPath { Path = "/weight/?" });
            properties.IndexingPolicy.IncludedPaths.Add(new IncludedPath { Path = "/group/?" });
            properties.IndexingPolicy.ExcludedPaths.Add(new ExcludedPath { Path = "/*" });
            properties.IndexingPolicy.CompositeIndexes.Add(
            [
                new CompositePath { Path = "/group", Order = CompositePathSortOrder.Ascending },
                new CompositePath { Path = "/weight", Order = CompositePathSortOrder.Descending },
            ]);
        });
        async Task<System.Net.HttpStatusCode> StatusAsync(string order)
        {
            using var iterator = container.GetItemQueryStreamIterator($"SELECT * FROM c ORDER BY {order}", requestOptions: InA());
            using var response = await iterator.ReadNextAsync(TestContext.Current.CancellationToken);
            return response.StatusCode;
        }

        Assert.Equal(System.Net.HttpStatusCode.OK, await StatusAsync("c.weight"));
        Assert.Equal(System.Net.HttpStatusCode.OK, await StatusAsync("c.group, c.weight DESC"));
        Assert.Equal(System.Net.HttpStatusCode.OK, await StatusAsync("c.group DESC, c.weight"));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, await StatusAsync("c.name"));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, await StatusAsync("c.group, c.weight"));
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, await StatusAsync("LOWER(c.name)"));
    }

    private static QueryRequestOptions InA() => new() { PartitionKey = new PartitionKey("a") };

    private static async Task<List<T>> ReadAsync<T>(FeedIterator<T> iterator)
    {
        using var _ = iterator;
        var found = new List<T>();
        while (iterator.HasMoreResults) found.AddRange(await iterator.ReadNextAsync(TestContext.Current.CancellationToken));
        return found;
    }

    private async Task<Container> FilledAsync()
    {
        var container = await host.CreateContainerAsync();
        for (var i = 0; i < 10; i++)
        {
            var parcel = new Parcel { Id = $"{i}", Pk = "a", Name = $"parcel {i}", Weight = i, Tags = [i % 2 == 0 ? "even" : "odd"], Ttl = i == 9 ? -1 : null };
            await container.CreateItemAsync(parcel, new PartitionKey("a"), cancellationToken: TestContext.Current.CancellationToken);
        }

        await container.CreateItemAsync(new Parcel { Id = "other", Pk = "b" }, new PartitionKey("b"), cancellationToken: TestContext.Current.CancellationToken);
        return container;
    }
}
