using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;

namespace DroneDelivery.Cluster;

/// <summary>Writes that fail before or after they took effect, repeated and stale messages.</summary>
[Collection(ClusterFixture.Collection)]
public sealed class FaultTests(ClusterFixture cluster)
{
    private readonly GeoPoint _corner = Orders.Corner();
    private readonly string _id = Orders.Id("delivery");

    private IDeliveryRequestGrain Request => cluster.Grains.GetGrain<IDeliveryRequestGrain>(_id);

    private IDeliveryGrain Delivery => cluster.Grains.GetGrain<IDeliveryGrain>(_id);

    private TestDrone Drone() => new(cluster.Grains, Orders.Id("drone"), _corner);

    private Task<DeliveryRequestSnapshot?> Ends(RequestStatus status) =>
        Eventually.Get(async () => await Request.Get(), request => request?.Status == status);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Submit_whose_write_fails_can_be_repeated_with_one_effect(bool tookEffect)
    {
        var (command, order) = (CommandId.New(), Orders.From(_corner));
        cluster.Stores.FailNext(GrainStores.Requests, _id, tookEffect ? FaultyStores.Fault.AfterWrite : FaultyStores.Fault.BeforeWrite);

        await Assert.ThrowsAnyAsync<Exception>(() => Request.Submit(command, order));
        Assert.Equal(tookEffect, await Request.Get() is not null);
        Assert.Equal(CommandResult.Created, await Request.Submit(command, order));
        await Ends(RequestStatus.Waiting);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Delivery_whose_first_write_fails_is_made_again_by_its_request(bool tookEffect)
    {
        var drone = await Drone().Register();
        await Request.Submit(CommandId.New(), Orders.From(_corner));
        await drone.TakeMission(_id);
        await Ends(RequestStatus.Scheduled);
        Assert.Equal(0, cluster.Stores.Writes(GrainStores.Deliveries, _id)); // It is stored with the first thing that happens.
        cluster.Stores.FailNext(GrainStores.Deliveries, _id, tookEffect ? FaultyStores.Fault.AfterWrite : FaultyStores.Fault.BeforeWrite);

        await Assert.ThrowsAnyAsync<Exception>(() => drone.Report(MissionPhase.HeadedToPickup));
        await drone.Deliver(_id);
        var request = await Ends(RequestStatus.Completed);
        Assert.Equal(1, request!.Transport!.Attempt);
        Assert.Equal([1, 2, 3, 4, 5], (await Delivery.GetHistory())!.Select(entry => entry.Sequence));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Category", "Slow")]
    public async Task Commitment_whose_write_fails_is_finished_by_the_supervisor(bool tookEffect)
    {
        await Request.Submit(CommandId.New(), Orders.From(_corner));
        await Ends(RequestStatus.Waiting);
        cluster.Stores.FailNext(GrainStores.Requests, _id, tookEffect ? FaultyStores.Fault.AfterWrite : FaultyStores.Fault.BeforeWrite);

        var drone = await Drone().Register();
        await drone.Deliver(_id);
        await Ends(RequestStatus.Completed);
        Assert.Equal([1, 2, 3, 4, 5], (await Delivery.GetHistory())!.Select(entry => entry.Sequence));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reservation_whose_write_fails_leaves_one_mission(bool tookEffect)
    {
        var drone = await Drone().Register();
        cluster.Stores.FailNext(GrainStores.Drones, drone.Id, tookEffect ? FaultyStores.Fault.AfterWrite : FaultyStores.Fault.BeforeWrite);

        await Request.Submit(CommandId.New(), Orders.From(_corner));
        await drone.Deliver(_id);
        await Ends(RequestStatus.Completed);
        Assert.Null((await drone.Grain.Get())!.Mission);
    }

    [Fact]
    public async Task Handover_report_whose_write_fails_is_taken_in_on_repetition()
    {
        var drone = await Drone().Register();
        await Request.Submit(CommandId.New(), Orders.From(_corner));
        await drone.TakeMission(_id);
        await drone.Report(MissionPhase.HeadedToPickup);
        await Eventually.Get(drone.AskForParcel, result => result.Succeeded);
        await drone.Report(MissionPhase.HeadedToDropoff);
        cluster.Stores.FailNext(GrainStores.Deliveries, _id, FaultyStores.Fault.BeforeWrite);

        await Assert.ThrowsAnyAsync<Exception>(() => drone.Report(MissionPhase.Delivered));
        Assert.Equal(DeliveryStage.HeadedToDropoff, (await Delivery.GetStatus())!.Stage);
        await Eventually.Get(() => drone.Report(MissionPhase.Delivered), answer => answer.Mission is null);
        await Ends(RequestStatus.Completed);
    }

    [Fact]
    public async Task Cancel_whose_answer_is_lost_gets_the_same_answer_again()
    {
        var drone = await Drone().Register();
        await Request.Submit(CommandId.New(), Orders.From(_corner));
        await drone.TakeMission(_id);
        await Ends(RequestStatus.Scheduled); // The drone has its mission before the request has stored that, and that write must not meet the fault.
        var command = CommandId.New();
        cluster.Stores.FailNext(GrainStores.Requests, _id, FaultyStores.Fault.AfterWrite);

        await Assert.ThrowsAnyAsync<Exception>(() => Request.Cancel(command, "no longer wanted"));
        Assert.Equal(CommandResult.Done, await Request.Cancel(command, "no longer wanted"));
        await Eventually.Get(async () => await drone.Grain.Get(), snapshot => snapshot!.Mission is null);
        Assert.Equal(DeliveryStage.Cancelled, (await Delivery.GetStatus())!.Stage);
    }

    [Fact]
    public async Task Two_requests_and_one_drone_make_one_mission()
    {
        var other = Orders.Id("delivery");
        await Task.WhenAll(
            Request.Submit(CommandId.New(), Orders.From(_corner)),
            cluster.Grains.GetGrain<IDeliveryRequestGrain>(other).Submit(CommandId.New(), Orders.From(_corner)));
        var drone = await Drone().Register();

        var mission = await Eventually.Get(() => drone.Report(), answer => answer.Mission is not null);
        var second = mission.Mission!.DeliveryId == _id ? other : _id;
        await drone.Deliver(mission.Mission.DeliveryId);
        await drone.Deliver(second);
        Assert.Equal(1, (await cluster.Grains.GetGrain<IDeliveryGrain>(second).Get())!.Status.Stage == DeliveryStage.Completed ? 1 : 0);
    }

    [Fact]
    public async Task Late_offer_of_a_mission_taken_back_is_refused()
    {
        var drone = await Drone().Register();
        var offer = new MissionOffer(_id, 1, _corner, _corner.Destination(0, 500), 1, PackageSize.Small, null);
        await drone.Grain.Release(CommandId.New(), _id, 1);

        var late = await drone.Grain.Reserve(CommandId.New(), offer);
        Assert.Equal((false, "The mission was taken back."), (late.Accepted, late.Reason));
        Assert.True((await drone.Grain.Reserve(CommandId.New(), offer with { Attempt = 2 })).Accepted);
        Assert.Equal("The drone has another mission.", (await drone.Grain.Reserve(CommandId.New(), offer with { DeliveryId = "other" })).Reason);
    }

    [Fact]
    public async Task Fifty_reservations_at_once_are_won_by_one()
    {
        var drone = await Drone().Register();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(number => drone.Grain.Reserve(
            CommandId.New(), new MissionOffer($"{_id}-{number}", 1, _corner, _corner.Destination(0, 500), 1, PackageSize.Small, null))));
        Assert.Single(answers, answer => answer.Accepted);
    }

    [Fact]
    public async Task Parcel_is_handed_to_the_valid_mission_only()
    {
        var drone = await Drone().Register();
        await Request.Submit(CommandId.New(), Orders.From(_corner));
        var mission = await drone.TakeMission(_id);
        await Ends(RequestStatus.Scheduled); // Before that the delivery may not know of the mission.

        Assert.Equal(CommandOutcome.Conflict, (await Delivery.AuthorizePickup(CommandId.New(), "other-drone", mission.Attempt, _corner)).Outcome);
        Assert.Equal(CommandOutcome.Conflict, (await Delivery.AuthorizePickup(CommandId.New(), drone.Id, mission.Attempt + 1, _corner)).Outcome);
        Assert.Equal(CommandOutcome.Conflict, (await Delivery.Report(new MissionReport(
            drone.Id, mission.Attempt, MissionPhase.HeadedToDropoff, _corner, DateTimeOffset.UtcNow, new MissionEta(null, DateTimeOffset.UtcNow)))).Outcome);
        Assert.Equal(DeliveryStage.Created, (await Delivery.GetStatus())!.Stage);
        Assert.True((await drone.AskForParcel()).Succeeded);
    }

    [Fact]
    public async Task Reports_out_of_order_too_old_or_ahead_change_nothing()
    {
        var drone = await Drone().Register();
        var now = DateTimeOffset.UtcNow;
        var elsewhere = _corner.Destination(0, 1_000);
        TelemetryReport At(long boot, long sequence, DateTimeOffset time) => new(boot, sequence, time, elsewhere, 0.5, null);

        Assert.Equal(TelemetryOutcome.TooLate, (await drone.Grain.Report(At(1, 50, now.AddMinutes(-6)))).Outcome);
        Assert.Equal(TelemetryOutcome.TooEarly, (await drone.Grain.Report(At(1, 50, now.AddMinutes(1)))).Outcome);
        Assert.Equal(TelemetryOutcome.Superseded, (await drone.Grain.Report(At(1, 1, now.AddMinutes(-1)))).Outcome);
        Assert.Equal(TelemetryOutcome.Superseded, (await drone.Grain.Report(At(0, 99, now.AddMinutes(-1)))).Outcome);
        Assert.Equal(_corner, (await drone.Grain.Get())!.Position);
        Assert.Equal(TelemetryOutcome.Accepted, (await drone.Grain.Report(At(2, 1, now))).Outcome);
        Assert.Equal(elsewhere, (await drone.Grain.Get())!.Position);
        Assert.Equal(TelemetryOutcome.UnknownDrone, (await cluster.Grains.GetGrain<IDroneGrain>(Orders.Id("nobody")).Report(At(1, 1, now))).Outcome);
    }

    [Fact]
    public async Task Drone_that_loses_its_mission_before_pickup_is_replaced()
    {
        var drone = await Drone().Register();
        await Request.Submit(CommandId.New(), Orders.From(_corner));
        var mission = await drone.TakeMission(_id);
        await drone.Grain.Release(CommandId.New(), _id, mission.Attempt);
        drone.Battery = 0.01;
        await drone.Report();

        var other = await Drone().Register();
        await other.Deliver(_id);
        var request = await Ends(RequestStatus.Completed);
        Assert.Equal(new Transport(other.Id, 2), request!.Transport);
    }
}
