using DroneDelivery.Accounts;
using DroneDelivery.Drones;
using DroneDelivery.Queries;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;

namespace DroneDelivery.Cluster;

/// <summary>What the grains tell the delivery index. Each test has a cluster of its own, for the index can be away.</summary>
public sealed class DeliveryIndexTests : IAsyncLifetime
{
    private readonly ClusterFixture _cluster = new();
    private readonly GeoPoint _corner = Orders.Corner();
    private readonly string _id = Orders.Id("delivery");

    private IDeliveryRequestGrain Request => _cluster.Grains.GetGrain<IDeliveryRequestGrain>(_id);

    private IDeliveryGrain Delivery => _cluster.Grains.GetGrain<IDeliveryGrain>(_id);

    public ValueTask InitializeAsync() => _cluster.InitializeAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Index_follows_a_delivery_from_its_request_to_its_end()
    {
        var order = Orders.From(_corner);
        await Request.Submit(CommandId.New(), order);
        var accepted = await Indexed(DeliveryStage.Created);
        Assert.Equal((order.OwnerId, (await Request.Get())!.AcceptedAt), (accepted.OwnerId, accepted.RequestedAt));

        var drone = await Drone().Register();
        var mission = await drone.TakeMission(_id);
        await Eventually.Get(
            async () =>
            {
                await drone.Report(MissionPhase.HeadedToPickup); // Not heard before the delivery exists.
                return _cluster.Index.Find(_id);
            },
            row => row?.Stage == DeliveryStage.HeadedToPickup);
        drone.Position = mission.Pickup;
        await Eventually.Get(drone.AskForParcel, result => result.Succeeded);
        await Indexed(DeliveryStage.HeadedToDropoff);
        await drone.Deliver(_id);

        var completed = await Indexed(DeliveryStage.Completed);
        Assert.Equal((order.OwnerId, accepted.RequestedAt), (completed.OwnerId, completed.RequestedAt));
        Assert.Equal((await Delivery.GetHistory())![^1].Time, completed.ChangedAt);
        Assert.Equal(4, _cluster.Index.Upserts(_id));
    }

    [Fact]
    public async Task Request_that_ends_without_a_delivery_is_indexed_as_cancelled()
    {
        var order = Orders.From(_corner);
        await _cluster.Grains.GetGrain<IAccountGrain>(order.OwnerId).SetStanding(CommandId.New(), AccountStanding.Suspended, "unpaid");
        await Request.Submit(CommandId.New(), order);
        await Indexed(DeliveryStage.Cancelled);

        var other = Orders.Id("delivery");
        var cancelled = _cluster.Grains.GetGrain<IDeliveryRequestGrain>(other);
        await cancelled.Submit(CommandId.New(), Orders.From(_corner));
        await cancelled.Cancel(CommandId.New(), "no longer wanted");
        await Eventually.Get(() => Task.FromResult(_cluster.Index.Find(other)), row => row?.Stage == DeliveryStage.Cancelled);
        await Unsupervised(_id, other);
    }

    [Fact]
    public async Task Delivery_cancelled_under_way_is_indexed_as_cancelled()
    {
        var drone = await Drone().Register();
        await Request.Submit(CommandId.New(), Orders.From(_corner));
        await drone.TakeMission(_id);
        await Request.Cancel(CommandId.New(), "no longer wanted");

        await Indexed(DeliveryStage.Cancelled);
        await Unsupervised(_id);
    }

    [Fact]
    public async Task Nothing_is_settled_before_the_index_has_it()
    {
        _cluster.Index.Away = true;
        var drone = await Drone().Register();
        var cancelled = Orders.Id("delivery");
        await _cluster.Grains.GetGrain<IDeliveryRequestGrain>(cancelled).Submit(CommandId.New(), Orders.From(Orders.Corner()));
        Assert.Equal(CommandResult.Done, await _cluster.Grains.GetGrain<IDeliveryRequestGrain>(cancelled).Cancel(CommandId.New(), "no longer wanted"));
        await Request.Submit(CommandId.New(), Orders.From(_corner));
        await drone.Deliver(_id);

        // Past the next look of the supervisor, which must not settle it either.
        var delivered = DateTimeOffset.UtcNow;
        await Eventually.Get(() => Task.FromResult(DateTimeOffset.UtcNow), now => now > delivered.AddSeconds(3));
        Assert.Equal(DeliveryStage.Completed, (await Delivery.GetStatus())!.Stage);
        Assert.Equal(RequestStatus.Scheduled, (await Request.Get())!.Status);
        Assert.Superset(new HashSet<string> { _id, cancelled }, await Supervised());

        _cluster.Index.Away = false;
        await Eventually.Get(async () => await Request.Get(), request => request!.Status == RequestStatus.Completed);
        await Indexed(DeliveryStage.Completed);
        await Eventually.Get(() => Task.FromResult(_cluster.Index.Find(cancelled)), row => row?.Stage == DeliveryStage.Cancelled);
        await Unsupervised(_id, cancelled);
    }

    [Fact]
    public async Task Silos_that_die_before_handing_on_are_made_up_for()
    {
        var ids = Enumerable.Range(0, 6).Select(_ => Orders.Id("delivery")).ToList();
        var cancelled = Enumerable.Range(0, 6).Select(_ => Orders.Id("delivery")).ToList();
        var order = Orders.From(_corner);
        foreach (var id in ids) await _cluster.Grains.GetGrain<IDeliveryRequestGrain>(id).Submit(CommandId.New(), order);
        _cluster.Index.Away = true;
        var drones = await Task.WhenAll(ids.Select(_ => Drone().Register()));
        foreach (var drone in drones) await Eventually.Get(() => drone.Report(), answer => answer.Mission is not null);
        await Task.WhenAll(drones.Select(drone => drone.Deliver(drone.Mission!.DeliveryId)));
        foreach (var id in cancelled)
        {
            var request = _cluster.Grains.GetGrain<IDeliveryRequestGrain>(id);
            await request.Submit(CommandId.New(), Orders.From(Orders.Corner()));
            await request.Cancel(CommandId.New(), "no longer wanted");
        }

        await _cluster.Cluster.KillSiloAsync(_cluster.Cluster.Silos[1], TestContext.Current.CancellationToken);
        _cluster.Index.Away = false;

        foreach (var id in ids)
            await Eventually.Get(() => Task.FromResult(_cluster.Index.Find(id)), row => row?.Stage == DeliveryStage.Completed, seconds: 60);
        foreach (var id in cancelled)
            await Eventually.Get(() => Task.FromResult(_cluster.Index.Find(id)), row => row?.Stage == DeliveryStage.Cancelled, seconds: 60);
    }

    [Fact]
    public async Task Completed_delivery_woken_again_hands_on_once_more_and_then_never()
    {
        var drone = await Drone().Register();
        await Request.Submit(CommandId.New(), Orders.From(_corner));
        await drone.Deliver(_id);
        await Indexed(DeliveryStage.Completed);
        await Unsupervised(_id);
        var (upserts, writes) = (_cluster.Index.Upserts(_id), _cluster.Stores.Writes(GrainStores.Deliveries, _id));

        await Reactivate();
        await Eventually.Get(() => Task.FromResult(_cluster.Stores.Writes(GrainStores.Deliveries, _id)), count => count == writes + 1);
        Assert.Equal(upserts + 1, _cluster.Index.Upserts(_id));

        await Reactivate();
        Assert.Equal((upserts + 1, writes + 1), (_cluster.Index.Upserts(_id), _cluster.Stores.Writes(GrainStores.Deliveries, _id)));
    }

    private TestDrone Drone() => new(_cluster.Grains, Orders.Id("drone"), _corner);

    private async Task<DeliveryIndexEntry> Indexed(DeliveryStage stage) =>
        (await Eventually.Get(() => Task.FromResult(_cluster.Index.Find(_id)), row => row?.Stage == stage))!;

    private async Task<HashSet<string>> Supervised()
    {
        var shards = Enumerable.Range(0, SupervisorShards.Count).Select(shard => _cluster.Grains.GetGrain<ISupervisorGrain>(shard).List().AsTask());
        return [.. (await Task.WhenAll(shards)).SelectMany(shard => shard).Select(request => request.DeliveryId)];
    }

    private Task Unsupervised(params string[] ids) => Eventually.Get(Supervised, supervised => !supervised.Overlaps(ids));

    /// <summary>Ends every activation and wakes the delivery again.</summary>
    private async Task Reactivate()
    {
        var management = _cluster.Grains.GetGrain<IManagementGrain>(0);
        await management.ForceActivationCollection(TimeSpan.Zero);
        Assert.Equal(DeliveryStage.Completed, (await Delivery.GetStatus())!.Stage);

        // A turn that is queued behind whatever the activation has begun with.
        await Delivery.Wake();
    }
}
