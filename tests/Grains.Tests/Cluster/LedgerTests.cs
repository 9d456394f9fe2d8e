using DroneDelivery.Invoicing;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;

namespace DroneDelivery.Cluster;

/// <summary>The ledger equals the sum over completed deliveries, whatever is repeated or lost.</summary>
public sealed class LedgerTests : IAsyncLifetime
{
    private readonly ClusterFixture _cluster = new();
    private readonly string _owner = Orders.Id("owner");

    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Completed_delivery_counts_with_its_weight_way_and_time()
    {
        await Completed(await Deliver(7.5));

        var totals = await Totals();
        Assert.Equal((1L, 7.5m), (totals.Deliveries, totals.Weight));
        // A kilometre to the pickup, two to the dropoff.
        Assert.Equal(3_000 / FlightRecord.MetresPerMile, (double)totals.Miles, 0.01);
        Assert.InRange(totals.Hours, 0, 0.1m);
        Assert.Equal(1, _cluster.Stores.Writes(GrainStores.Ledgers, Key));
    }

    [Fact]
    public async Task Cancelled_delivery_does_not_count()
    {
        var corner = Orders.Corner();
        var drone = await Drone(corner).Register();
        var id = Orders.Id("delivery");
        await Request(id).Submit(CommandId.New(), Orders.From(corner, owner: _owner));
        await drone.TakeMission(id);
        await Request(id).Cancel(CommandId.New(), "no longer wanted");
        await Eventually.Get(() => Task.FromResult(_cluster.Index.Find(id)), row => row?.Stage == DeliveryStage.Cancelled);

        Assert.Equal(LedgerTotals.Zero, await Totals());
    }

    [Theory]
    [InlineData(FaultyStores.Fault.BeforeWrite)]
    [InlineData(FaultyStores.Fault.AfterWrite)]
    [Trait("Category", "Slow")]
    internal async Task Ledger_whose_write_fails_counts_each_delivery_once(FaultyStores.Fault fault)
    {
        for (var weight = 1; weight <= 3; weight++)
        {
            _cluster.Stores.FailNext(GrainStores.Ledgers, Key, fault);
            await Completed(await Deliver(weight));
        }

        Assert.Equal((3L, 6m), ((await Totals()).Deliveries, (await Totals()).Weight));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Silo_that_dies_after_the_delivery_and_before_the_ledger_is_made_up_for()
    {
        // The ledger is told, the index is not: so every delivery tells its ledger again when it wakes on the other silo.
        _cluster.Index.Away = true;
        var ids = await Deliver(1, 2, 3, 4, 5, 6);
        await Eventually.Get(Totals, totals => totals.Deliveries == ids.Length);
        _cluster.Stores.FailNext(GrainStores.Ledgers, Key, FaultyStores.Fault.AfterWrite);
        var last = await Deliver(100);

        await _cluster.Cluster.KillSiloAsync(_cluster.Cluster.Silos[1], TestContext.Current.CancellationToken);
        _cluster.Index.Away = false;

        await Completed([.. ids, .. last]);
        Assert.Equal((7L, 121m), ((await Totals()).Deliveries, (await Totals()).Weight));
    }

    [Fact]
    public async Task Many_at_once_and_each_twice_count_once()
    {
        var ledger = _cluster.Grains.GetGrain<IOwnerLedgerGrain>(Key);
        var deliveries = Enumerable.Range(0, 200).Select(number => new CompletedDelivery($"d{number % 100}", 0.1, 0.2, 0.3)).ToList();
        await Task.WhenAll(deliveries.Select(ledger.Record));

        Assert.Equal(new LedgerTotals(100, 10m, 20m, 30m), await ledger.Get());
        Assert.InRange(_cluster.Stores.Writes(GrainStores.Ledgers, Key), 1, 100);
    }

    private string Key => LedgerKey.Of(_owner, DateTimeOffset.UtcNow);

    private TestDrone Drone(GeoPoint home) => new(_cluster.Grains, Orders.Id("drone"), home);

    private IDeliveryRequestGrain Request(string id) => _cluster.Grains.GetGrain<IDeliveryRequestGrain>(id);

    /// <summary>The sums of today and, should midnight pass meanwhile, of yesterday.</summary>
    private async Task<LedgerTotals> Totals()
    {
        var today = DateTimeOffset.UtcNow;
        var days = new[] { today.AddDays(-1), today }.Select(day => _cluster.Grains.GetGrain<IOwnerLedgerGrain>(LedgerKey.Of(_owner, day)).Get().AsTask());
        return (await Task.WhenAll(days)).Aggregate((one, other) => one + other);
    }

    private async Task<string[]> Deliver(params double[] weights)
    {
        // Where no drone of an earlier call is free to take a mission.
        var corner = Orders.Corner();
        var ids = weights.Select(_ => Orders.Id("delivery")).ToArray();
        await Task.WhenAll(ids.Zip(weights, (id, weight) => Request(id).Submit(CommandId.New(), Orders.From(corner, weight: weight, owner: _owner))));

        // All have a mission before the first has ended its own: none is free for a second.
        var drones = await Task.WhenAll(ids.Select(_ => Drone(corner).Register()));
        foreach (var drone in drones) await Eventually.Get(() => drone.Report(), answer => answer.Mission is not null);
        await Task.WhenAll(drones.Select(drone => drone.Deliver(drone.Mission!.DeliveryId)));
        return ids;
    }

    private async Task Completed(params string[] ids)
    {
        foreach (var id in ids)
            await Eventually.Get(async () => await Request(id).Get(), request => request?.Status == RequestStatus.Completed, seconds: 60);
    }
}
