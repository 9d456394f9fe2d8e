using System.Net;
using DroneDelivery.CosmosSimulator;
using DroneDelivery.CosmosSimulator.Protocol;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;

namespace DroneDelivery.Cosmos.Simulator;

public sealed class AccountingTests
{
    private static readonly PartitionKey Key = new("a");

    [Fact]
    public async Task Charges_follow_size_and_indexing()
    {
        await using var host = await SimulatorHost.StartAsync(new SimulatorOptions { Consistency = ConsistencyLevel.Session });
        var plain = await host.CreateContainerAsync(configure: properties =>
            properties.IndexingPolicy = new IndexingPolicy { Automatic = false, IndexingMode = IndexingMode.None });
        var indexed = await host.CreateContainerAsync();
        var parcel = new Parcel { Id = "1", Pk = "a", Name = new string('x', 2000) };

        var insert = await plain.CreateItemAsync(parcel, Key, cancellationToken: Cancelled);
        var replace = await plain.ReplaceItemAsync(parcel, "1", Key, cancellationToken: Cancelled);
        var read = await plain.ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled);
        var dearer = await indexed.CreateItemAsync(parcel, Key, cancellationToken: Cancelled);

        Assert.Equal((15, 30, 3), (insert.RequestCharge, replace.RequestCharge, read.RequestCharge));
        Assert.True(dearer.RequestCharge > insert.RequestCharge);
        Assert.Equal(15, host.Requests.Charge(RequestKind.CreateItem, "items") - dearer.RequestCharge, 6);
    }

    [Fact]
    public async Task Failed_condition_costs_a_read()
    {
        await using var host = await SimulatorHost.StartAsync();
        var container = await host.CreateContainerAsync();
        await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a" }, Key, cancellationToken: Cancelled);

        var refused = await Assert.ThrowsAsync<CosmosException>(() => container.DeleteItemAsync<Parcel>(
            "1", Key, new ItemRequestOptions { IfMatchEtag = "\"another\"" }, Cancelled));

        Assert.Equal(1, refused.RequestCharge);
    }

    [Fact]
    public async Task Used_up_throughput_is_429_until_the_next_second()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await SimulatorHost.StartAsync(new SimulatorOptions { Throughput = 7 }, clock);
        var created = await host.CreateContainerAsync();
        using var client = host.CreateClient(options => options.MaxRetryAttemptsOnRateLimitedRequests = 0);
        var container = client.GetContainer(created.Database.Id, created.Id);
        Task Create(string id) => container.CreateItemAsync(new Parcel { Id = id, Pk = "a" }, Key, cancellationToken: Cancelled);

        await Create("1");
        await Create("2");
        var refused = await Assert.ThrowsAsync<CosmosException>(() => Create("3"));
        clock.Advance(TimeSpan.FromSeconds(1));
        await Create("3");

        Assert.Equal((HttpStatusCode.TooManyRequests, 3200), (refused.StatusCode, refused.SubStatusCode));
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Each_physical_partition_has_its_own_throughput()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await SimulatorHost.StartAsync(new SimulatorOptions { Throughput = 3, Partitions = 4 }, clock);
        var created = await host.CreateContainerAsync();
        using var client = host.CreateClient(options => options.MaxRetryAttemptsOnRateLimitedRequests = 0);
        var container = client.GetContainer(created.Database.Id, created.Id);

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 40; i++)
        {
            using var response = await container.UpsertItemStreamAsync(
                new MemoryStream(System.Text.Encoding.UTF8.GetBytes($$"""{"id":"1","pk":"{{i}}"}""")), new PartitionKey($"{i}"), cancellationToken: Cancelled);
            statuses.Add(response.StatusCode);
        }

        // One write is more than a partition's second allows, so each of the four takes one.
        Assert.Equal(4, statuses.Count(status => status == HttpStatusCode.Created));
        Assert.Equal(36, statuses.Count(status => status == HttpStatusCode.TooManyRequests));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;
}
