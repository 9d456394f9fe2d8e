using System.Net;
using DroneDelivery.CosmosSimulator.Faults;
using DroneDelivery.CosmosSimulator.Protocol;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Cosmos.Simulator;

[Trait("Category", "Slow")]
public sealed class FaultTests(SimulatorHost host) : IClassFixture<SimulatorHost>, IDisposable
{
    private static readonly PartitionKey Key = new("a");

    // Without the client's retries, so that every fault is seen.
    private readonly CosmosClient _client = host.CreateClient(options => options.MaxRetryAttemptsOnRateLimitedRequests = 0);

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Fault_answers_its_status_once_and_the_write_has_no_effect(int status)
    {
        var container = await CreateAsync();
        host.Faults.Add(Fault.Answer(status).On(RequestKind.ReplaceItem).In("items"));

        var refused = await Assert.ThrowsAsync<CosmosException>(() => ReplaceAsync(container, 2));
        Assert.Equal(status, (int)refused.StatusCode);
        Assert.Equal(1, await WeightAsync(container));

        await ReplaceAsync(container, 3);
        Assert.Equal(3, await WeightAsync(container));
        Assert.Empty(host.Faults.Pending);
    }

    [Fact]
    public async Task Client_repeats_449_by_itself()
    {
        var container = await CreateAsync();
        host.Requests.Reset();
        host.Faults.Add(Fault.Answer(449).On(RequestKind.ReplaceItem));

        await ReplaceAsync(container, 2);

        Assert.Equal(2, host.Requests.Requests(RequestKind.ReplaceItem));
        Assert.Equal(2, await WeightAsync(container));
    }

    [Fact]
    public async Task Lost_answer_leaves_the_effect()
    {
        var container = await CreateAsync();
        host.Faults.Add(Fault.LostAnswer().On(RequestKind.ReplaceItem).Times(null));

        await Assert.ThrowsAnyAsync<Exception>(() => ReplaceAsync(container, 2));

        host.Faults.Clear();
        Assert.Equal(2, await WeightAsync(container));
    }

    [Fact]
    public async Task Reset_leaves_no_effect()
    {
        var container = await CreateAsync();
        host.Faults.Add(Fault.Reset().On(RequestKind.ReplaceItem).Times(null));

        await Assert.ThrowsAnyAsync<Exception>(() => ReplaceAsync(container, 2));

        host.Faults.Clear();
        Assert.Equal(1, await WeightAsync(container));
    }

    [Fact]
    public async Task Error_after_the_effect_leaves_it()
    {
        var container = await CreateAsync();
        host.Faults.Add(Fault.AnswerAfterEffect(503).On(RequestKind.Batch));

        using var response = await container.CreateTransactionalBatch(Key)
            .ReplaceItem("1", new Parcel { Id = "1", Pk = "a", Weight = 2 }).ExecuteAsync(Cancelled);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(2, await WeightAsync(container));
    }

    [Fact]
    public async Task Throttled_client_waits_and_succeeds()
    {
        var container = await CreateAsync();
        host.Requests.Reset();
        host.Faults.Add(Fault.Throttled(TimeSpan.FromMilliseconds(5)).On(RequestKind.ReadItem).Times(2));
        using var client = host.CreateClient();

        var read = await client.GetContainer(container.Database.Id, container.Id).ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        var count = Assert.Single(host.Requests.Counts, count => count.Operation == RequestKind.ReadItem);
        Assert.Equal((3, 2), (count.Requests, count.Throttled));
    }

    [Fact]
    public async Task Fault_strikes_after_those_it_lets_by_and_as_often_as_it_shall()
    {
        var container = await CreateAsync();
        host.Faults.Add(Fault.Answer(500).On(RequestKind.ReadItem).After(2).Times(2), Fault.Answer(500).On(RequestKind.ReadItem).In("others"));

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 5; i++)
        {
            using var read = await container.ReadItemStreamAsync("1", Key, cancellationToken: Cancelled);
            statuses.Add(read.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.InternalServerError, HttpStatusCode.InternalServerError, HttpStatusCode.OK], statuses);
        Assert.Equal("others", Assert.Single(host.Faults.Pending).Container);
    }

    [Fact]
    public async Task Delay_holds_a_request_up_and_lets_it_through()
    {
        var container = await CreateAsync();
        host.Faults.Add(Fault.Delayed(TimeSpan.FromMilliseconds(200)).On(RequestKind.ReadItem));
        var started = TimeProvider.System.GetTimestamp();

        Assert.Equal(1, await WeightAsync(container));

        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(190));
    }

    public void Dispose()
    {
        host.Faults.Clear();
        _client.Dispose();
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static Task ReplaceAsync(Container container, double weight) =>
        container.ReplaceItemAsync(new Parcel { Id = "1", Pk = "a", Weight = weight }, "1", Key, cancellationToken: Cancelled);

    private static async Task<double> WeightAsync(Container container) =>
        (await container.ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled)).Resource.Weight;

    private async Task<Container> CreateAsync()
    {
        var created = await host.CreateContainerAsync();
        await created.CreateItemAsync(new Parcel { Id = "1", Pk = "a", Weight = 1 }, Key, cancellationToken: Cancelled);
        return _client.GetContainer(created.Database.Id, created.Id);
    }
}
