using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Cluster;

/// <summary>A silo dies in the middle; each test has a cluster of its own.</summary>
public sealed class SiloCrashTests
{
    [Theory]
    [InlineData(RequestStatus.Waiting)]
    [InlineData(RequestStatus.Scheduled)]
    public async Task Deliveries_go_on_after_a_silo_dies(RequestStatus dieAt)
    {
        await using var fixture = new ClusterFixture();
        await fixture.InitializeAsync();
        var corner = Orders.Corner();
        var ids = Enumerable.Range(0, 8).Select(_ => Orders.Id("delivery")).ToList();
        await Task.WhenAll(ids.Select(id => fixture.Grains.GetGrain<IDeliveryRequestGrain>(id).Submit(CommandId.New(), Orders.From(corner))));
        var drones = ids.Select(_ => new TestDrone(fixture.Grains, Orders.Id("drone"), corner)).ToList();
        if (dieAt == RequestStatus.Scheduled) await Task.WhenAll(drones.Select(drone => drone.Register()));
        foreach (var id in ids)
            await Eventually.Get(async () => await fixture.Grains.GetGrain<IDeliveryRequestGrain>(id).Get(), request => request!.Status == dieAt);

        await fixture.Cluster.KillSiloAsync(fixture.Cluster.Silos[1], TestContext.Current.CancellationToken);

        // Whoever has landed may get the next delivery before another drone has reported: each flies on until all have arrived.
        var log = new FlightLog();
        using var landing = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var flights = drones.Select(drone => new FlyingDrone(drone, log).Fly(landing.Token)).ToList();
        foreach (var id in ids)
        {
            await Eventually.Get(
                () => Patiently.Ask(async () => (await fixture.Grains.GetGrain<IDeliveryRequestGrain>(id).Get())!, landing.Token),
                request => request?.Status == RequestStatus.Completed,
                seconds: 60);
            var history = (await fixture.Grains.GetGrain<IDeliveryGrain>(id).GetHistory())!;
            Assert.Equal(Enumerable.Range(1, history.Count), history.Select(entry => (int)entry.Sequence));
            Assert.Single(log.Pickups[id]);
        }

        await landing.CancelAsync();
        await Task.WhenAll(flights);
    }
}
