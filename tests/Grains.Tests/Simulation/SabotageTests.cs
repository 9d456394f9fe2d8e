using DroneDelivery.Accounts;
using DroneDelivery.Notifications;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.ThirdParty;

namespace DroneDelivery.Simulation;

/// <summary>Tests of the tests: for each invariant a deliberately broken system, which the random runs have to find out.</summary>
public sealed class SabotageTests
{
    private const int Cases = 4_000;
    private const int Seed = 20_260_101;

    [Fact]
    public void Supervisor_that_forgets_what_it_watches_is_found() => Finds("1:", world =>
        world.Cluster.Stores.Corrupt = state => state is SupervisorState shard ? shard with { Open = [] } : state);

    [Fact]
    public void Pickup_that_the_delivery_does_not_decide_is_found() => Finds("2:", world =>
        world.Cluster.Intercept = call =>
        {
            if (call.Method.Name != nameof(IDeliveryGrain.AuthorizePickup)) return false;
            call.Succeed(CommandResult.Done);
            return true;
        });

    [Fact]
    public void Tracking_event_that_gets_lost_is_found() => Finds("3:", world =>
        world.Cluster.Stores.Corrupt = state => state is DeliveryState { Events.Count: > 2 } delivery ? delivery with { Events = [.. delivery.Events.Skip(1)] } : state);

    [Fact]
    public void Compensation_that_is_not_persisted_is_found() => Finds("4:", world =>
    {
        // Accounts count while they have limits. A drone ends a void mission by itself, an account does not.
        foreach (var client in world.Clients)
            SimulatedWorld.Watch(world.Cluster.Grains.GetGrain<IAccountGrain>(client.Order.OwnerId).SetLimits(new CommandId("limits"), new AccountLimits(10, null)));
        world.Cluster.RunAll();
        world.Cluster.Stores.Corrupt = state => state is DeliveryRequestState request ? request with { Undo = [], Counted = request.Status.IsFinal() ? false : request.Counted } : state;
    });

    [Fact]
    [Trait("Category", "Slow")]
    public void Calling_off_that_the_partner_never_hears_of_is_found() => Finds("4:", world =>
    {
        // Without drones, and asked at once, the partner has more to do.
        world.PartnerSoon = true;
        foreach (var drone in world.Fleet) SimulatedWorld.Watch(drone.Grain.SetMaintenance(new CommandId("away"), "away"));
        world.Cluster.RunAll();
        world.Cluster.Intercept = call =>
        {
            if (call.Interface != typeof(ITransportPartnerGrain) || call.Method.Name != nameof(ITransportPartnerGrain.Cancel)) return false;
            call.Succeed(CommandResult.Done);
            return true;
        };
    });

    [Fact]
    public void First_write_that_does_not_look_whether_there_is_one_is_found() => Finds("7:", world => world.Cluster.Stores.ChecksFirst = false);

    [Fact]
    public void Completion_that_a_crash_keeps_from_the_ledger_is_found() => Finds("5:", world =>
        world.Cluster.Stores.Corrupt = state => state is DeliveryState delivery ? delivery with { Handed = delivery.Handed with { Ledger = long.MaxValue } } : state);

    [Fact]
    public void Change_that_a_crash_keeps_from_the_index_is_found() => Finds("8:", world =>
        world.Cluster.Stores.Corrupt = state => state is DeliveryState delivery ? delivery with { Handed = delivery.Handed with { Index = long.MaxValue } } : state);

    [Fact]
    public void Event_that_is_told_and_not_stored_is_found() => Finds("told:", world =>
        world.Cluster.Stores.Corrupt = state => state is DeliveryState { Stage: DeliveryStage.Created or DeliveryStage.HeadedToPickup, Plan: not null } ? new DeliveryState() : state);

    [Fact]
    public void Package_that_anybody_may_take_is_found() => Finds("6:", world =>
        world.Cluster.Intercept = call =>
        {
            if (call.Method.Name == nameof(IPackageGrain.Put) && world.Cluster.Stores.Find<PackageState>(call.Target) is { } package) call.Arguments[1] = package.OwnerId;
            return false;
        });

    [Fact]
    public void Command_that_is_not_remembered_is_found() => Finds("7:", world =>
        world.Cluster.Stores.Corrupt = state => state is DeliveryRequestState request ? request with { Commands = new() } : state);

    [Fact]
    public void Event_that_a_crash_keeps_from_the_owner_is_found() => Finds("9:", world =>
        world.Cluster.Stores.Corrupt = state => state is DeliveryState delivery ? delivery with { Handed = delivery.Handed with { Notices = long.MaxValue } } : state);

    [Fact]
    [Trait("Category", "Slow")]
    public void Queue_that_a_crash_empties_is_found() => Finds("9:", world =>
        world.Cluster.Stores.Corrupt = state => state is SubscriptionState subscription ? subscription with { Queue = [] } : state);

    [Fact]
    [Trait("Category", "Slow")]
    public void Delivery_that_does_not_let_its_request_speak_first_is_found() => Finds("9:", world =>
        world.Cluster.Intercept = call =>
        {
            if (call.Method.Name != nameof(IDeliveryRequestGrain.AnnounceBefore)) return false;
            call.Succeed(true);
            return true;
        });

    [Fact]
    public void Positions_that_are_believed_without_bound_are_found() => Finds("10 place:", world =>
    {
        var drones = world.Cluster.Drones;
        (drones.SpeedTolerance, drones.PlaceTolerance) = (1e6, 1e6);
    });

    [Fact]
    public void Handovers_that_are_believed_too_soon_are_found() => Finds("10 place:", world => world.Cluster.Drones.SpeedTolerance = 1e6);

    [Fact]
    public void Counters_that_are_believed_without_bound_are_found() => Finds("10 heard:", world =>
    {
        var drones = world.Cluster.Drones;
        (drones.SequenceLeap, drones.BootLeap) = (long.MaxValue, long.MaxValue);
    });

    private static void Finds(string invariant, Action<SimulatedWorld> sabotage)
    {
        var random = new Random(Seed);
        for (var number = 0; number < Cases; number++)
        {
            var choices = Enumerable.Range(0, 250).Select(_ => random.Next(1 << 20)).ToList();
            var world = new SimulatedWorld { HasOutages = false, Listening = invariant == "9:", Lying = invariant.StartsWith("10", StringComparison.Ordinal), PartnerSoon = false };
            sabotage(world);
            try
            {
                world.Run(choices);
            }
            catch (InvariantException found) when (found.Message.StartsWith(invariant, StringComparison.Ordinal))
            {
                return;
            }
            catch (Exception other) when (other is InvariantException or InvalidOperationException or NullReferenceException)
            {
                // Something else broke first; go on.
            }
        }

        Assert.Fail($"The sabotage was not found in {Cases} cases.");
    }
}
