using DroneDelivery.Drones;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using Orleans.Core.Internal;

namespace DroneDelivery.Cluster;

/// <summary>A client may repeat what made a thing long after, when its command log has forgotten it.</summary>
[Collection(ClusterFixture.Collection)]
public sealed class RepetitionTests(ClusterFixture cluster)
{
    private static readonly CommandId Command = new("body-a");

    [Fact]
    public async Task Submission_is_known_again_after_many_other_commands()
    {
        var request = cluster.Grains.GetGrain<IDeliveryRequestGrain>(Orders.Id("delivery"));
        var order = Orders.From(Orders.Corner(), pickupTime: DateTimeOffset.UtcNow.AddHours(1));
        Assert.Equal(CommandResult.Created, await request.Submit(Command, order));
        for (var i = 0; i <= CommandLog.Capacity; i++) await request.Reschedule(CommandId.New(), new DeliveryChange(null, null, null, $"text {i}", null));

        Assert.Equal(CommandResult.Created, await request.Submit(Command, order));
        Assert.Equal(CommandResult.Exists, await request.Submit(new CommandId("body-b"), order));
        Assert.Equal($"text {CommandLog.Capacity}", (await request.Get())!.Order.DeadlineText);
    }

    [Fact]
    public async Task Notification_and_confirmation_by_key_are_known_again_by_a_new_activation_after_many_others()
    {
        var corner = Orders.Corner();
        var drone = await new TestDrone(cluster.Grains, Orders.Id("drone"), corner).Register();
        var id = Orders.Id("delivery");
        var (request, delivery) = (cluster.Grains.GetGrain<IDeliveryRequestGrain>(id), cluster.Grains.GetGrain<IDeliveryGrain>(id));
        await request.Submit(CommandId.New(), Orders.From(corner));
        drone.Position = (await drone.TakeMission(id)).Pickup;
        await drone.Report(MissionPhase.AtPickup);
        await Eventually.Get(drone.AskForParcel, result => result.Succeeded);
        var (ann, ben) = (new NotificationRequest("ann@example.org", null), new NotificationRequest("ben@example.org", null));
        var given = new DeliveryConfirmation(ConfirmationRequired.Voice, DateTimeOffset.UtcNow, null, null);
        var (notify, confirm, again) = (CommandId.OfKey("n", "1"), CommandId.OfKey("c", "1"), CommandId.OfKey("again", "1"));

        Assert.Equal(CommandResult.Done, await delivery.NotifyMe(notify, ann));
        Assert.Equal(CommandResult.Done, await request.Confirm(confirm, given));
        Assert.Equal(CommandResult.Done, await request.Confirm(again, given)); // Nothing new, but its key is taken.
        for (var i = 0; i < CommandLog.Capacity; i++) await delivery.NotifyMe(CommandId.New(), new($"somebody-{i}@example.org", null));
        await delivery.AsReference<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);

        Assert.Equal([CommandResult.Done, CommandResult.Exists], [await delivery.NotifyMe(notify, ann), await delivery.NotifyMe(CommandId.OfKey("n", "2"), ben)]);
        Assert.Equal([CommandResult.Done, CommandResult.Exists], [await request.Confirm(confirm, given), await request.Confirm(CommandId.OfKey("c", "2"), given)]);
        Assert.Equal([CommandResult.Done, CommandResult.Exists], [await request.Confirm(again, given), await request.Confirm(CommandId.OfKey("again", "2"), given)]);
        Assert.Equal(CommandResult.Done, await delivery.NotifyMe(CommandId.OfKey("m", "1"), ben));
    }

    [Fact]
    public async Task What_a_client_asked_by_key_is_remembered_with_its_time()
    {
        var request = cluster.Grains.GetGrain<IDeliveryRequestGrain>(Orders.Id("delivery"));
        var asked = CommandId.OfKey("k", "1");
        Assert.Equal(CommandResult.NotFound, (await request.Remember(asked)).Result);
        await request.Submit(CommandId.New(), Orders.From(Orders.Corner(), pickupTime: DateTimeOffset.UtcNow.AddHours(1)));

        var first = await request.Remember(asked);
        await request.AsReference<IGrainManagementExtension>().DeactivateOnIdle(TestContext.Current.CancellationToken);

        Assert.Equal(CommandResult.Done, first.Result);
        Assert.Equal(first, await request.Remember(asked));
        Assert.Equal(CommandResult.Exists, (await request.Remember(CommandId.OfKey("k", "2"))).Result);
    }

    [Fact]
    public async Task Drone_knows_its_last_two_keys_until_they_are_revoked_also_before_it_is_registered()
    {
        var drone = cluster.Grains.GetGrain<IDroneGrain>(Orders.Id("drone"));
        foreach (var key in new[] { "a", "b", "c" }) await drone.AddKey(CommandId.New(), key);
        Assert.Equal((false, true, true), (await drone.HasKey("a"), await drone.HasKey("b"), await drone.HasKey("c")));
        Assert.Null(await drone.Get());

        Assert.Equal(CommandResult.Done, await drone.RevokeKeys(CommandId.New()));
        Assert.False(await drone.HasKey("c"));
        Assert.Equal(CommandResult.NotFound, await drone.RevokeKeys(CommandId.New()));
    }

    [Fact]
    public async Task Package_that_was_made_is_known_again_after_many_changes()
    {
        var package = cluster.Grains.GetGrain<IPackageGrain>(Orders.Id("package"));
        Assert.Equal(CommandResult.Created, await package.Make(Command, "me", new PackageDetails(PackageSize.Small, 1, null)));
        for (var i = 0; i <= CommandLog.Capacity; i++) await package.Put(CommandId.New(), "me", new PackageDetails(PackageSize.Small, 2 + i, null));

        Assert.Equal(CommandResult.Created, await package.Make(Command, "me", new PackageDetails(PackageSize.Small, 1, null)));
        Assert.Equal(CommandResult.Exists, await package.Make(new CommandId("body-b"), "me", new PackageDetails(PackageSize.Small, 1, null)));
        Assert.Equal(2 + CommandLog.Capacity, (await package.Get())!.Details.Weight);
    }
}
