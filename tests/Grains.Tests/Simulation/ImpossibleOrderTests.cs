using DroneDelivery.Drones;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.ThirdParty;

namespace DroneDelivery.Simulation;

/// <summary>What no drone of the fleet can ever carry is told at once; what is only busy waits, and says until when.</summary>
public sealed class ImpossibleOrderTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly GeoPoint Station = new(10.03, 20.03);

    // Lifts 12 kg and flies some 20 km.
    private static readonly DroneCapabilities Small = new(12, PackageSize.Medium, 20, 5, 60, 8, 900, 900, 20);

    public static TheoryData<double, PackageSize, double, double, string> Impossible { get; } = new()
    {
        { 100, PackageSize.Small, 0, 3_000, "No drone can carry it: it weighs 100 kg, and the strongest lifts 12 kg." },
        { 1, PackageSize.Large, 0, 3_000, "No drone can carry it: it is Large, and the largest that a drone takes is Medium." },
        { 1, PackageSize.Small, 8_000_000, 3_000, "No drone can carry it: the nearest that could is stationed 8000 km from the pickup." },
        { 1, PackageSize.Small, 0, 500_000, "No drone can carry it: the way of 500 km and home again is beyond the range of all." },
    };

    [Theory, MemberData(nameof(Impossible))]
    public void Order_that_no_drone_can_ever_carry_is_rejected_at_once(double weight, PackageSize size, double away, double way, string reason)
    {
        var cluster = Settled();
        cluster.Submit(Order(cluster, weight, size, away, way));
        cluster.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal((RequestStatus.Rejected, reason), (cluster.Get().Status, cluster.Get().Reason));
        Assert.Equal(DeliveryStage.Cancelled, cluster.Row()!.Stage);
        cluster.Pass(Minute);
        Assert.Empty(cluster.Supervised());
    }

    [Fact]
    public void Partner_is_asked_at_once_for_what_no_drone_can_ever_carry()
    {
        var cluster = Settled(options => options.PartnerId = "acme");
        cluster.Submit(Order(cluster, 100, PackageSize.Small, 0, 3_000));
        cluster.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(PartnerStatus.Asked, Assert.Single(cluster.Cluster.Partner.Orders).Status);
        Assert.Equal(new Transport("partner/acme", 1), cluster.Get().Transport);
    }

    [Fact]
    public void Order_that_is_changed_to_what_no_drone_can_carry_is_rejected_then()
    {
        var cluster = Settled();
        cluster.Do(cluster.Drone().SetMaintenance(cluster.Command(), "so that it waits"));
        cluster.Submit(Order(cluster, 1, PackageSize.Small, 0, 3_000));
        cluster.Pass(Minute, "drone");
        Assert.Equal(RequestStatus.Waiting, cluster.Get().Status);
        var far = new Place(null, Station.Destination(90, 500_000));
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Reschedule(cluster.Command(), new DeliveryChange(null, far, null, null, null))));
        cluster.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(RequestStatus.Rejected, cluster.Get().Status);
    }

    [Theory]
    [InlineData(0)] // In maintenance.
    [InlineData(1)] // Silent.
    [InlineData(2)] // Nearly empty.
    [InlineData(3)] // Away on another mission.
    public void Order_for_which_all_drones_are_only_busy_waits_and_says_until_when(int how)
    {
        var cluster = Settled(options => options.MaximumWait = 60 * Minute);
        if (how == 0) cluster.Do(cluster.Drone().SetMaintenance(cluster.Command(), "propeller"));
        if (how == 2) cluster.Report(battery: 0.21);
        if (how == 3) cluster.Submit(Order(cluster, 1, PackageSize.Small, 0, 3_000), "first");
        cluster.Pass(Minute, how is 1 or 2 ? [] : ["drone"]);
        var order = Order(cluster, 12, PackageSize.Medium, 0, 3_000);
        var since = cluster.Now;
        cluster.Submit(order);
        cluster.Pass(2 * Minute, how is 1 or 2 ? [] : ["drone"]);
        Assert.Equal((RequestStatus.Waiting, $"No drone that can carry it is free yet. It waits until {since + (60 * Minute):u}."), (cluster.Get().Status, cluster.Get().Reason));
    }

    [Fact]
    public void Partner_that_will_be_asked_is_named_while_an_order_waits()
    {
        var cluster = Settled(options => options.PartnerId = "acme");
        cluster.Do(cluster.Drone().SetMaintenance(cluster.Command(), "propeller"));
        var since = cluster.Now;
        cluster.Submit(Order(cluster, 1, PackageSize.Small, 0, 3_000));
        cluster.Pass(Minute, "drone");
        Assert.Equal($"No drone that can carry it is free yet. It waits until {since + (5 * Minute):u}; then partner acme is asked.", cluster.Get().Reason);
    }

    [Fact]
    public void Fleet_of_which_nothing_is_known_yet_makes_nothing_impossible()
    {
        var cluster = new ScriptedCluster();
        cluster.Submit(Order(cluster, 100, PackageSize.Small, 0, 3_000));
        cluster.Pass(Minute);
        Assert.Equal(RequestStatus.Waiting, cluster.Get().Status);

        // The weakest of the fleet registers first; the order could be carried by one that is yet to come.
        Register(cluster, "weak");
        cluster.Pass(Minute / 2);
        Assert.Equal(RequestStatus.Waiting, cluster.Get().Status);
        cluster.Register("strong");
        cluster.Pass(Minute, "strong");
        Assert.Equal(("strong", RequestStatus.Scheduled), (cluster.Get().Transport?.DroneId, cluster.Get().Status));
    }

    [Fact]
    public void Drones_that_an_earlier_build_took_in_are_asked_what_they_can_do_before_anything_is_impossible()
    {
        var cluster = Settled();
        var fleet = SimulatedCluster.Id<IFleetGrain>(FleetShards.Of(SimulatedCluster.Id<IDroneGrain>("drone")));
        var known = cluster.Do(cluster.Grains.GetGrain<IFleetGrain>(FleetShards.Of(SimulatedCluster.Id<IDroneGrain>("drone"))).Describe(0));
        Assert.Equal(FleetKind.Of(new DroneRegistration("", Station, Small)), Assert.Single(known.Kinds!));

        cluster.Cluster.Stores.Corrupt = state => state is FleetState shard ? new FleetState { Drones = shard.Drones } : state;
        Register(cluster, Same("drone")); // The shard is stored as an earlier build would.
        cluster.Cluster.Stores.Corrupt = null;
        cluster.Cluster.Kill(fleet);
        cluster.Submit(Order(cluster, 100, PackageSize.Small, 0, 3_000));
        cluster.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(RequestStatus.Waiting, cluster.Get().Status);
        cluster.Pass(2 * Minute);
        Assert.Equal(RequestStatus.Rejected, cluster.Get().Status);
    }

    [Fact]
    public void Registration_costs_the_fleet_one_write_and_a_repetition_none()
    {
        var cluster = new ScriptedCluster();
        var shard = SimulatedCluster.Id<IFleetGrain>(FleetShards.Of(SimulatedCluster.Id<IDroneGrain>("drone")));
        var writes = 0;
        cluster.Cluster.Stores.Written = (id, _, _) => writes += id == shard ? 1 : 0;
        Register(cluster, "drone");
        Assert.Equal(1, writes);
        Register(cluster, "drone");
        Assert.Equal(1, writes);
        cluster.Register(); // It can do more now.
        Assert.Equal(2, writes);
        Assert.Equal(100, Assert.Single(cluster.Cluster.Stores.Find<FleetState>(shard)!.KindsInUse()).Capabilities.MaxPayload);
    }

    /// <summary>A fleet of one small drone, known for a while.</summary>
    private static ScriptedCluster Settled(Action<SchedulingOptions>? change = null)
    {
        var cluster = new ScriptedCluster(change);
        Register(cluster, "drone");
        cluster.Report();
        cluster.Pass(2 * Minute, "drone");
        return cluster;
    }

    private static void Register(ScriptedCluster cluster, string drone) =>
        cluster.Do(cluster.Drone(drone).Register(cluster.Command(), new DroneRegistration("small", Station, Small)));

    /// <summary>Another drone of the same shard of the fleet.</summary>
    private static string Same(string drone) => Enumerable.Range(0, 1_000).Select(number => $"drone-{number}")
        .First(id => FleetShards.Of(SimulatedCluster.Id<IDroneGrain>(id)) == FleetShards.Of(SimulatedCluster.Id<IDroneGrain>(drone)));

    private static DeliveryOrder Order(ScriptedCluster cluster, double weight, PackageSize size, double away, double way)
    {
        var pickup = Station.Destination(45, away);
        return cluster.Order() with
        {
            Package = new PackageDetails(size, weight, null),
            Pickup = new Place(null, pickup),
            Dropoff = new Place(null, pickup.Destination(90, way)),
        };
    }
}
