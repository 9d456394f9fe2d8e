using DroneDelivery.Invoicing;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;

namespace DroneDelivery.Cluster;

/// <summary>A real cluster under load and in trouble.</summary>
[Trait("Category", "Slow")]
public sealed class LongRunTests
{
    private const int UsualCases = 12;
    private const int RequestsOfCase = 6;
    private const int DronesOfCase = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Five_hundred_waiting_requests_and_fifty_drones_settle()
    {
        await using var fixture = new ClusterFixture();
        await fixture.InitializeAsync();
        var (corner, log) = (Orders.Corner(), new FlightLog());
        var ids = Enumerable.Range(0, 500).Select(_ => Orders.Id("delivery")).ToList();
        await Parallel.ForEachAsync(ids, Cancellation, async (id, _) =>
            Assert.Equal(CommandResult.Created, await Request(fixture, id).Submit(CommandId.New(), Orders.From(corner, owner: "crowd"))));
        var queue = fixture.Grains.GetGrain<IDispatchQueueGrain>(Navigation.SphericalGrid.Areas.KeyOf(corner.Destination(90, 1_000)));
        await Eventually.Get(async () => (await queue.List()).Count, waiting => waiting == ids.Count, seconds: 60);

        using var landing = new CancellationTokenSource();
        var flights = Enumerable.Range(0, 50).Select(number => new FlyingDrone(new TestDrone(fixture.Grains, Orders.Id("drone"), corner.Destination(number * 7, number * 10)), log).Fly(landing.Token)).ToList();
        foreach (var id in ids)
            await Eventually.Get(async () => (await Request(fixture, id).Get())?.Status, status => status == RequestStatus.Completed, seconds: 150);
        await landing.CancelAsync();
        await Task.WhenAll(flights);

        Assert.All(ids, id => Assert.Single(log.Pickups[id]));
        Assert.Empty(await queue.List());
        var ledger = await fixture.Grains.GetGrain<IOwnerLedgerGrain>(LedgerKey.Of("crowd", DateTimeOffset.UtcNow)).Get();
        Assert.Equal((500, 5_000m), (ledger.Deliveries, ledger.Weight));
    }

    [Fact]
    public async Task Random_cases_with_dying_silos_and_failing_stores_lose_and_double_nothing()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("LONG_RUN_SEED"), out var given) ? given : Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"LONG_RUN_SEED={seed}");
        var cases = int.TryParse(Environment.GetEnvironmentVariable("LONG_RUN_CASES"), out var wanted) ? wanted : UsualCases;
        await using var fixture = new ClusterFixture();
        await fixture.InitializeAsync();
        for (var number = 0; number < cases; number++)
        {
            try
            {
                await Run(fixture, new Random(seed + number));
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                Assert.Fail($"LONG_RUN_SEED={seed}, case {number}: {failure}");
            }
        }
    }

    private static async Task Run(ClusterFixture fixture, Random random)
    {
        var (corner, log, owner) = (Orders.Corner(), new FlightLog(), Orders.Id("owner"));
        var ids = Enumerable.Range(0, RequestsOfCase).Select(_ => Orders.Id("delivery")).ToList();
        var drones = Enumerable.Range(0, DronesOfCase).Select(_ => Orders.Id("drone")).ToList();
        var plans = ids.Select(id => (Id: id, Change: random.Next(6), After: random.Next(40))).ToList();
        using var landing = new CancellationTokenSource();
        var flights = drones.Select(id => new FlyingDrone(new TestDrone(fixture.Grains, id, corner), log).Fly(landing.Token)).ToList();
        var clients = plans.Select(plan => Client(fixture, plan.Id, Orders.From(corner, owner: owner, weight: 2), plan.Change, plan.After)).ToList();
        await Trouble(fixture, random, [.. ids.Select(id => (GrainStores.Requests, id)), .. ids.Select(id => (GrainStores.Deliveries, id)), .. drones.Select(id => (GrainStores.Drones, id))]);

        var cancelled = (await Task.WhenAll(clients)).Count(was => was);
        var ended = new List<(string Id, RequestStatus Status)>();
        foreach (var id in ids)
        {
            var request = await Eventually.Get(
                () => Patiently.Ask(async () => (await Request(fixture, id).Get())!, Cancellation), request => request?.Status is RequestStatus.Completed or RequestStatus.Cancelled, seconds: 90);
            ended.Add((id, request!.Status));
        }

        await landing.CancelAsync();
        await Task.WhenAll(flights);
        Assert.Equal(cancelled, ended.Count(request => request.Status == RequestStatus.Cancelled));
        foreach (var (id, status) in ended) await Check(fixture, log, id, status);

        var completed = ended.Count(request => request.Status == RequestStatus.Completed);
        var ledger = await Patiently.Ask(() => fixture.Grains.GetGrain<IOwnerLedgerGrain>(LedgerKey.Of(owner, DateTimeOffset.UtcNow)).Get().AsTask(), Cancellation);
        Assert.Equal((completed, 2m * completed), (ledger!.Deliveries, ledger.Weight));
    }

    private static async Task Check(ClusterFixture fixture, FlightLog log, string id, RequestStatus status)
    {
        var completed = status == RequestStatus.Completed;
        Assert.Equal(completed ? 1 : 0, log.Pickups.GetValueOrDefault(id)?.Distinct().Count() ?? 0);
        Assert.Equal(completed ? 1 : 0, log.Handovers.GetValueOrDefault(id)?.Distinct().Count() ?? 0);
        var history = await Patiently.Ask(async () => await fixture.Grains.GetGrain<IDeliveryGrain>(id).GetHistory() ?? [], Cancellation);
        Assert.Equal(Enumerable.Range(1, history!.Count), history.Select(entry => (int)entry.Sequence));
        if (completed) Assert.Equal(DeliveryStage.Completed, history[^1].Stage);
        var stage = completed ? DeliveryStage.Completed : DeliveryStage.Cancelled;
        await Eventually.Get(() => Task.FromResult(fixture.Index.Find(id)?.Stage), known => known == stage, seconds: 60);
    }

    /// <summary>Submits, repeating the command until it is answered, and perhaps changes its mind; true when it was cancelled.</summary>
    private static async Task<bool> Client(ClusterFixture fixture, string id, DeliveryOrder order, int change, int after)
    {
        var submit = CommandId.New();
        Assert.Equal(CommandResult.Created, await Patiently.Ask(() => Request(fixture, id).Submit(submit, order), Cancellation));
        if (change > 2) return false;

        using var wait = new PeriodicTimer(TimeSpan.FromMilliseconds(1 + (10 * after)));
        await wait.WaitForNextTickAsync(Cancellation);
        var command = CommandId.New();
        if (change > 0)
        {
            var place = new Place(null, order.Dropoff.Location.Destination(change * 90, 500));
            await Patiently.Ask(() => Request(fixture, id).Reschedule(command, new DeliveryChange(null, place, null, null, null)), Cancellation);
            return false;
        }

        return (await Patiently.Ask(() => Request(fixture, id).Cancel(command, "not wanted"), Cancellation))!.Succeeded;
    }

    /// <summary>Writes that fail, before or after they take effect, and in every third case a silo that dies and is replaced.</summary>
    private static async Task Trouble(ClusterFixture fixture, Random random, (string Store, string Key)[] documents)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var dies = random.Next(3) == 0 ? random.Next(30) : -1;
        for (var moment = 0; moment < 30; moment++)
        {
            var (store, key) = documents[random.Next(documents.Length)];
            fixture.Stores.FailNext(store, key, random.Next(2) == 0 ? FaultyStores.Fault.BeforeWrite : FaultyStores.Fault.AfterWrite);
            if (moment == dies)
            {
                await fixture.Cluster.KillSiloAsync(fixture.Cluster.Silos[random.Next(fixture.Cluster.Silos.Count)], Cancellation);
                await fixture.Cluster.StartAdditionalSiloAsync();
            }

            await pause.WaitForNextTickAsync(Cancellation);
        }
    }

    private static IDeliveryRequestGrain Request(ClusterFixture fixture, string id) => fixture.Grains.GetGrain<IDeliveryRequestGrain>(id);
}
