using DroneDelivery.Packages;
using DroneDelivery.Scheduling;

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
    public async Task Drone_knows_its_last_two_keys_until_they_are_revoked_also_before_it_is_registered()
    {
        var drone = cluster.Grains.GetGrain<Drones.IDroneGrain>(Orders.Id("drone"));
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
