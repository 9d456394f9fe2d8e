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

        await Task.WhenAll(drones.Select(Fly));
        foreach (var id in ids)
        {
            await Eventually.Get(
                async () => await Patiently(async () => await fixture.Grains.GetGrain<IDeliveryRequestGrain>(id).Get()),
                request => request?.Status == RequestStatus.Completed,
                seconds: 60);
            var history = (await fixture.Grains.GetGrain<IDeliveryGrain>(id).GetHistory())!;
            Assert.Equal(Enumerable.Range(1, history.Count), history.Select(entry => (int)entry.Sequence));
        }

        async Task Fly(TestDrone drone)
        {
            await Eventually.Get(
                async () =>
                {
                    if (dieAt == RequestStatus.Waiting) await Patiently(() => drone.Register());
                    return (await Patiently(() => drone.Report()))?.Mission;
                },
                mission => mission is not null,
                seconds: 60);
            var mission = drone.Mission!;
            await Eventually.Get(() => Patiently(drone.AskForParcel), result => result?.Succeeded == true, seconds: 60);
            drone.Position = mission.Dropoff;
            await Eventually.Get(
                () => Patiently(() => drone.Report(DroneDelivery.Drones.MissionPhase.Delivered)),
                answer => answer is not null && answer.Mission?.DeliveryId != mission.DeliveryId,
                seconds: 60);
        }

        // The client of a dying silo sees errors for a moment and asks again, as the gateway does.
        static async Task<T?> Patiently<T>(Func<Task<T>> call) where T : class?
        {
            try
            {
                return await call();
            }
            catch (Exception failure) when (failure is Orleans.Runtime.OrleansException or TimeoutException or Orleans.Storage.InconsistentStateException)
            {
                return null;
            }
        }
    }
}
