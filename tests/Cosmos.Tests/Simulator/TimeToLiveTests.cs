using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;

namespace DroneDelivery.Cosmos.Simulator;

public sealed class TimeToLiveTests
{
    private static readonly PartitionKey Key = new("a");

    [Theory]
    [InlineData(10, "own5 own100 never default", "own100 never default", "own100 never")]
    [InlineData(-1, "own5 own100 never default", "own100 never default", "own100 never default")]
    [InlineData(null, "own5 own100 never default", "own5 own100 never default", "own5 own100 never default")]
    public async Task Items_expire_by_their_own_time_or_the_containers(int? defaultTimeToLive, string atOnce, string afterSix, string afterEleven)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await SimulatorHost.StartAsync(clock: clock);
        var container = await host.CreateContainerAsync(configure: properties => properties.DefaultTimeToLive = defaultTimeToLive);
        foreach (var (id, ttl) in new (string, int?)[] { ("own5", 5), ("own100", 100), ("never", -1), ("default", null) })
            await container.CreateItemAsync(new Parcel { Id = id, Pk = "a", Ttl = ttl }, Key, cancellationToken: Cancelled);

        Assert.Equal(atOnce, await IdsAsync(container));
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(afterSix, await IdsAsync(container));
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(afterEleven, await IdsAsync(container));
    }

    [Fact]
    public async Task Expired_item_is_404_and_may_be_created_again()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await SimulatorHost.StartAsync(clock: clock);
        var container = await host.CreateContainerAsync(configure: properties => properties.DefaultTimeToLive = 10);
        await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a" }, Key, cancellationToken: Cancelled);
        clock.Advance(TimeSpan.FromSeconds(10));

        using var read = await container.ReadItemStreamAsync("1", Key, cancellationToken: Cancelled);
        var created = await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a" }, Key, cancellationToken: Cancelled);

        Assert.Equal(System.Net.HttpStatusCode.NotFound, read.StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.Created, created.StatusCode);
    }

    [Fact]
    public async Task Write_begins_the_time_anew()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await SimulatorHost.StartAsync(clock: clock);
        var container = await host.CreateContainerAsync(configure: properties => properties.DefaultTimeToLive = 10);
        await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a" }, Key, cancellationToken: Cancelled);
        clock.Advance(TimeSpan.FromSeconds(9));
        await container.PatchItemAsync<Parcel>("1", Key, [PatchOperation.Increment("/weight", 1)], cancellationToken: Cancelled);
        clock.Advance(TimeSpan.FromSeconds(9));

        Assert.Equal("1", await IdsAsync(container));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task<string> IdsAsync(Container container)
    {
        using var iterator = container.GetItemQueryIterator<Parcel>(requestOptions: new QueryRequestOptions { PartitionKey = Key });
        return string.Join(' ', (await iterator.ReadNextAsync(Cancelled)).Select(parcel => parcel.Id));
    }
}
