using DroneDelivery.Accounts;
using DroneDelivery.Drones;
using DroneDelivery.Invoicing;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;

namespace DroneDelivery.Cluster;

[Collection(ClusterFixture.Collection)]
public sealed class DeliveryPathTests(ClusterFixture cluster)
{
    private readonly GeoPoint _corner = Orders.Corner();
    private readonly string _id = Orders.Id("delivery");

    private IDeliveryRequestGrain Request => cluster.Grains.GetGrain<IDeliveryRequestGrain>(_id);

    private IDeliveryGrain Delivery => cluster.Grains.GetGrain<IDeliveryGrain>(_id);

    private TestDrone Drone() => new(cluster.Grains, Orders.Id("drone"), _corner);

    private Task<CommandResult> Submit(DeliveryOrder order) => Request.Submit(CommandId.New(), order);

    private async Task<DeliveryRequestSnapshot> Wait(RequestStatus status) =>
        (await Eventually.Get(async () => await Request.Get(), request => request?.Status == status))!;

    [Fact]
    public async Task Request_with_a_free_drone_ends_completed_with_gap_free_history()
    {
        var drone = await Drone().Register();

        Assert.Equal(CommandOutcome.Created, (await Submit(Orders.From(_corner))).Outcome);
        var scheduled = await Wait(RequestStatus.Scheduled);
        Assert.Equal(new Transport(drone.Id, 1), scheduled.Transport);
        await drone.Deliver(_id);
        await Wait(RequestStatus.Completed);

        var history = await Delivery.GetHistory();
        Assert.Equal(
            [DeliveryStage.Created, DeliveryStage.Created, DeliveryStage.HeadedToPickup, DeliveryStage.HeadedToDropoff, DeliveryStage.Completed],
            history!.Select(entry => entry.Stage));
        Assert.Equal([1, 2, 3, 4, 5], history!.Select(entry => entry.Sequence));
        Assert.Null((await drone.Grain.Get())!.Mission);
    }

    /// <summary>With the index, what a delivery costs at the store; each read and write is one request there. Reminders: one write for each shard ever.</summary>
    [Theory]
    [InlineData(true, 16)] // Owner and package are new.
    [InlineData(false, 13)] // The owner has sent this package before today.
    public async Task Completed_delivery_costs_a_known_number_of_store_requests(bool isFirst, int most)
    {
        var drone = await Drone().Register();
        var order = Orders.From(_corner);
        if (!isFirst)
        {
            var earlier = Orders.Id("delivery");
            await cluster.Grains.GetGrain<IDeliveryRequestGrain>(earlier).Submit(CommandId.New(), order);
            await drone.Deliver(earlier);
            await Eventually.Get(() => Task.FromResult(cluster.Index.Find(earlier)?.Stage), stage => stage == DeliveryStage.Completed);
        }

        string[] documents =
        [
            _id, drone.Id, order.PackageId, order.OwnerId, LedgerKey.Of(order.OwnerId, DateTimeOffset.UtcNow),
            GrainIdKeyExtensions.CreateIntegerKey(SupervisorShards.Of(Request.GetGrainId())).ToString()!,
        ];
        var before = documents.Sum(cluster.Stores.Requests);
        await Submit(order);
        await drone.Deliver(_id);
        await Wait(RequestStatus.Completed);
        await Eventually.Get(() => Task.FromResult(cluster.Index.Find(_id)?.Stage), stage => stage == DeliveryStage.Completed);

        Assert.InRange(documents.Sum(cluster.Stores.Requests) - before + cluster.Index.Upserts(_id), most - 2, most); // Stages that follow quickly share a row.
    }

    [Fact]
    public async Task Completed_delivery_costs_a_known_number_of_writes()
    {
        var drone = await Drone().Register();
        var before = cluster.Stores.Writes(GrainStores.Drones, drone.Id);
        var order = Orders.From(_corner);

        await Submit(order);
        await Wait(RequestStatus.Scheduled); // A parcel that is delivered before that is stored saves a write.
        await drone.Deliver(_id);
        await Wait(RequestStatus.Completed);

        Assert.Equal(3, cluster.Stores.Writes(GrainStores.Requests, _id));
        Assert.Equal(3, cluster.Stores.Writes(GrainStores.Deliveries, _id));
        Assert.Equal(1, cluster.Stores.Writes(GrainStores.Packages, order.PackageId));
        Assert.Equal(2, cluster.Stores.Writes(GrainStores.Drones, drone.Id) - before);
        Assert.Equal(0, cluster.Stores.Writes(GrainStores.Accounts, order.OwnerId));
        // One when the whole life takes less than a second, one for each stage when it takes its time.
        Assert.InRange(cluster.Index.Upserts(_id), 1, 3);
    }

    [Fact]
    public async Task Status_follows_the_position_that_the_drone_reports()
    {
        var drone = await Drone().Register();
        await Submit(Orders.From(_corner));
        var mission = await drone.TakeMission(_id);
        await Wait(RequestStatus.Scheduled); // Before that the delivery may not know of the mission.
        await drone.Report(MissionPhase.HeadedToPickup);

        var halfway = drone.Position.Destination(drone.Position.BearingTo(mission.Pickup), drone.Position.DistanceTo(mission.Pickup) / 2);
        var first = await Delivery.GetStatus();
        drone.Position = halfway;
        await drone.Report(MissionPhase.HeadedToPickup);
        var second = await Eventually.Get(async () => await Delivery.GetStatus(), status => status?.LastKnownLocation == halfway);

        Assert.Equal(DeliveryStage.HeadedToPickup, second!.Stage);
        Assert.True(first!.PickupEta < first.DeliveryEta && second.PickupEta < second.DeliveryEta);
    }

    [Fact]
    public async Task Request_without_a_drone_waits_and_says_why_until_one_comes()
    {
        await Submit(Orders.From(_corner));
        var waiting = await Wait(RequestStatus.Waiting);
        Assert.StartsWith("No drone that can carry it is free yet. It waits until ", waiting.Reason, StringComparison.Ordinal);
        Assert.Equal(SchedulingStep.Transport, waiting.Step);

        await Drone().Register();
        await Wait(RequestStatus.Scheduled);
    }

    [Fact]
    public async Task Drone_too_weak_is_passed_over()
    {
        var weak = await Drone().Register(maxPayload: 5);
        await Submit(Orders.From(_corner, weight: 10));
        await Wait(RequestStatus.Waiting);
        var strong = await Drone().Register(maxPayload: 20);

        Assert.Equal(strong.Id, (await Wait(RequestStatus.Scheduled)).Transport!.DroneId);
        Assert.Null((await weak.Grain.Get())!.Mission);
    }

    [Fact]
    public async Task Request_for_later_waits_for_its_pickup_time()
    {
        var drone = await Drone().Register();
        await Submit(Orders.From(_corner, pickupTime: DateTimeOffset.UtcNow.AddSeconds(3)));

        Assert.StartsWith("It is too early to send a drone; the search begins at ", (await Wait(RequestStatus.Waiting)).Reason, StringComparison.Ordinal);
        await drone.TakeMission(_id);
        var scheduled = await Wait(RequestStatus.Scheduled);
        Assert.True(scheduled.UpdatedAt >= scheduled.Order.PickupTime);
    }

    [Fact]
    public async Task Suspended_account_is_rejected_with_the_reason()
    {
        var order = Orders.From(_corner);
        await cluster.Grains.GetGrain<IAccountGrain>(order.OwnerId).SetStanding(CommandId.New(), AccountStanding.Suspended, "unpaid");
        await Submit(order);

        Assert.Equal($"The account '{order.OwnerId}' is suspended: unpaid.", (await Wait(RequestStatus.Rejected)).Reason);
        Assert.False((await Request.Cancel(CommandId.New(), "too late")).Succeeded);
    }

    [Fact]
    public async Task Package_of_another_account_is_rejected()
    {
        var package = Orders.Id("package");
        await cluster.Grains.GetGrain<IPackageGrain>(package).Put(CommandId.New(), "somebody", new PackageDetails(PackageSize.Small, 1, null));
        await Submit(Orders.From(_corner, package: package));

        Assert.Contains("belongs to another account", (await Wait(RequestStatus.Rejected)).Reason, StringComparison.Ordinal);
        Assert.Equal("somebody", (await cluster.Grains.GetGrain<IPackageGrain>(package).Get())!.OwnerId);
    }

    [Fact]
    public async Task Deadline_that_passes_while_waiting_rejects()
    {
        await Submit(Orders.From(_corner, deadline: DateTimeOffset.UtcNow.AddSeconds(2)));
        Assert.Equal("The deadline has passed.", (await Wait(RequestStatus.Rejected)).Reason);
    }

    [Fact]
    public async Task Same_submit_twice_has_one_effect_and_one_answer()
    {
        var (command, order) = (CommandId.New(), Orders.From(_corner));
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Request.Submit(command, order)));

        Assert.All(answers, answer => Assert.Equal(CommandResult.Created, answer));
        Assert.Equal(CommandResult.Exists, await Request.Submit(CommandId.New(), order));
    }

    [Fact]
    public async Task Cancel_before_a_drone_is_found_ends_the_request()
    {
        await Submit(Orders.From(_corner));
        await Wait(RequestStatus.Waiting);

        Assert.Equal(CommandResult.Done, await Request.Cancel(CommandId.New(), "changed my mind"));
        Assert.Equal(RequestStatus.Cancelled, (await Request.Get())!.Status);
        var drone = await Drone().Register();
        Assert.Null((await drone.Report()).Mission);
        Assert.Null(await Delivery.Get());
    }

    [Fact]
    public async Task Cancel_under_way_frees_the_drone_and_leaves_no_reservation()
    {
        var drone = await Drone().Register();
        await Submit(Orders.From(_corner));
        await drone.TakeMission(_id);
        await drone.Report(MissionPhase.HeadedToPickup);

        Assert.Equal(CommandResult.Done, await Request.Cancel(CommandId.New(), "changed my mind"));
        Assert.Null((await drone.Grain.Get())!.Mission);
        Assert.Equal(DeliveryStage.Cancelled, (await Delivery.GetStatus())!.Stage);
        Assert.Equal(CommandResult.Done, await Request.Cancel(CommandId.New(), "again"));
    }

    [Fact]
    public async Task Cancel_after_pickup_is_refused_and_the_delivery_goes_on()
    {
        var drone = await Drone().Register();
        await Submit(Orders.From(_corner));
        await drone.TakeMission(_id);
        Assert.True((await Eventually.Get(drone.AskForParcel, result => result.Succeeded)).Succeeded);

        var refused = await Request.Cancel(CommandId.New(), "too late");
        Assert.Equal((CommandOutcome.Conflict, "The drone has the parcel already."), (refused.Outcome, refused.Reason));
        Assert.Equal(CommandOutcome.Conflict, (await Request.Reschedule(CommandId.New(), new(null, null, null, null, null))).Outcome);
        await Eventually.Get(() => drone.Report(MissionPhase.Delivered), answer => answer.Mission is null);
        await Wait(RequestStatus.Completed);
    }

    [Fact]
    public async Task Reschedule_under_way_fences_the_old_mission_off()
    {
        var drone = await Drone().Register();
        await Submit(Orders.From(_corner));
        var old = await drone.TakeMission(_id);
        await Eventually.Get(
            async () =>
            {
                await drone.Report(MissionPhase.HeadedToPickup); // Not heard before the delivery exists.
                return await Delivery.GetStatus();
            },
            status => status?.Stage == DeliveryStage.HeadedToPickup);

        var dropoff = new Place(null, _corner.Destination(0, 2_000));
        Assert.Equal(CommandResult.Done, await Request.Reschedule(CommandId.New(), new(null, dropoff, null, null, null)));
        Assert.False((await drone.Grain.RequestPickup(CommandId.New(), old.DeliveryId, old.Attempt)).Succeeded);
        await Eventually.Get(() => drone.Report(), answer => answer.Mission?.Attempt > old.Attempt);
        await drone.Deliver(_id);

        await Wait(RequestStatus.Completed);
        var stages = (await Delivery.GetHistory())!.Select(entry => entry.Stage).ToList();
        Assert.Equal([DeliveryStage.Created, DeliveryStage.Created, DeliveryStage.HeadedToPickup, DeliveryStage.Rescheduled], stages[..4]);
        Assert.Equal(dropoff.Location, (await Delivery.Get())!.Status.LastKnownLocation);
        Assert.True((await Delivery.Get())!.Attempt > old.Attempt);
    }

    [Fact]
    public async Task Delivery_with_a_picture_wanted_completes_on_the_picture()
    {
        var drone = await Drone().Register();
        await Submit(Orders.From(_corner, confirmation: ConfirmationRequired.Picture));
        await drone.Deliver(_id);
        Assert.Equal(DeliveryStage.HeadedToDropoff, (await Delivery.GetStatus())!.Stage);

        var voice = new DeliveryConfirmation(ConfirmationRequired.Voice, DateTimeOffset.UtcNow, null, "blob");
        Assert.Equal("The sender asked for Picture, not Voice.", (await Request.Confirm(CommandId.New(), voice)).Reason);
        Assert.True((await Request.Confirm(CommandId.New(), voice with { Type = ConfirmationRequired.Picture })).Succeeded);
        await Wait(RequestStatus.Completed);
    }

    [Fact]
    public async Task Unknown_request_is_not_found()
    {
        Assert.Null(await Request.Get());
        Assert.Equal(CommandResult.NotFound, await Request.Cancel(CommandId.New(), "?"));
        Assert.Equal(CommandResult.NotFound, await Request.Reschedule(CommandId.New(), new(null, null, null, null, null)));
        Assert.Equal(CommandResult.NotFound, await Delivery.Complete(CommandId.New(), "?"));
    }
}
