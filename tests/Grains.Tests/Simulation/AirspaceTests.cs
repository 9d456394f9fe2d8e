using DroneDelivery.Drones;
using DroneDelivery.Navigation;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Simulation;

/// <summary>Dispatch honours no-fly zones and weather holds.</summary>
public sealed class AirspaceTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly GeoPoint Pickup = new(10.025, 20.025);

    [Fact]
    public void Delivery_whose_way_crosses_a_zone_is_offered_to_no_drone()
    {
        var cluster = new ScriptedCluster(zones: Square(Pickup.Destination(90, 150), 50));
        cluster.Register();
        cluster.Submit(cluster.Order());
        cluster.Pass(Minute, "drone");
        Assert.Equal(
            (RequestStatus.Waiting, $"The way crosses the no-fly zone 'zone 1'. It waits until {cluster.Now + (4 * Minute):u}."),
            (cluster.Get().Status, cluster.Get().Reason));
        Assert.Null(cluster.Do(cluster.Drone().Get())!.Mission);
        cluster.Pass(6 * Minute, "drone");
        Assert.Equal(RequestStatus.Rejected, cluster.Get().Status);
    }

    [Fact]
    public void Drone_whose_way_to_the_pickup_crosses_a_zone_is_passed_over_for_one_farther_away()
    {
        var (near, far) = (Pickup.Destination(270, 200), Pickup.Destination(0, 600));
        var cluster = new ScriptedCluster(zones: Square(Pickup.Destination(270, 100), 30));
        cluster.Register("near", at: near);
        cluster.Register("far", at: far);
        cluster.Submit(cluster.Order());
        cluster.Pass(Minute / 6);
        Assert.Equal("far", cluster.Get().Transport?.DroneId);
    }

    [Fact]
    public void Drone_refuses_a_mission_through_a_zone_by_itself()
    {
        var cluster = new ScriptedCluster(zones: Square(Pickup.Destination(90, 150), 50));
        cluster.Register();
        var offer = new MissionOffer("delivery", 1, Pickup, Pickup.Destination(90, 300), 1, PackageSize.Small, null);
        Assert.Equal("The way crosses the no-fly zone 'zone 1'.", cluster.Do(cluster.Drone().Reserve(cluster.Command(), offer)).Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Held_delivery_waits_says_why_and_flies_when_the_hold_is_lifted(bool everywhere)
    {
        var cluster = new ScriptedCluster();
        var weather = cluster.Grains.GetGrain<IWeatherGrain>(0);
        var until = cluster.Now.AddHours(1);
        Assert.Equal(CommandResult.Created, cluster.Do(weather.Set(new WeatherHold("storm", "Storm.", until, everywhere ? null : Pickup, 1_000))));
        cluster.Register();
        cluster.Submit(cluster.Order());
        cluster.Pass(Minute, "drone");
        Assert.Equal(RequestStatus.Waiting, cluster.Get().Status);
        Assert.StartsWith($"No drone flies here until {until:u}: Storm. It waits until ", cluster.Get().Reason, StringComparison.Ordinal);

        cluster.Cluster.Kill(SimulatedCluster.Id<IWeatherGrain>(0)); // Holds outlive their silo.
        cluster.Pass(Minute / 6, "drone");
        Assert.Equal(RequestStatus.Waiting, cluster.Get().Status);
        Assert.Equal(CommandResult.Done, cluster.Do(weather.Lift("storm")));
        Assert.Equal(CommandResult.NotFound, cluster.Do(weather.Lift("storm")));
        cluster.Pass(Minute / 6, "drone");
        Assert.Equal(RequestStatus.Scheduled, cluster.Get().Status);
    }

    [Fact]
    public void Hold_elsewhere_holds_nobody_and_flights_under_way_go_on()
    {
        var cluster = new ScriptedCluster();
        var weather = cluster.Grains.GetGrain<IWeatherGrain>(0);
        cluster.Do(weather.Set(new WeatherHold("elsewhere", "Fog.", cluster.Now.AddHours(1), Pickup.Destination(0, 50_000), 1_000)));
        cluster.Load();
        cluster.Do(weather.Set(new WeatherHold("storm", "Storm.", cluster.Now.AddHours(1))));
        cluster.Report(phase: MissionPhase.Delivered);
        Assert.Equal(RequestStatus.Completed, cluster.Get().Status);
    }

    [Fact]
    public void Hold_ends_by_itself()
    {
        var cluster = new ScriptedCluster();
        var weather = cluster.Grains.GetGrain<IWeatherGrain>(0);
        cluster.Do(weather.Set(new WeatherHold("gust", "Gusts.", cluster.Now + Minute)));
        Assert.Equal(CommandOutcome.Conflict, cluster.Do(weather.Set(new WeatherHold("past", "Gusts.", cluster.Now))).Outcome);
        cluster.Register();
        cluster.Submit(cluster.Order());
        cluster.Pass(Minute / 2, "drone");
        Assert.Equal(RequestStatus.Waiting, cluster.Get().Status);
        cluster.Pass(Minute, "drone");
        Assert.Equal(RequestStatus.Scheduled, cluster.Get().Status);
        Assert.Empty(cluster.Do(weather.Get()));
    }

    [Fact]
    public void Fleet_knows_every_drone_once_and_in_order()
    {
        var cluster = new ScriptedCluster();
        foreach (var id in (string[])["b", "a", "c", "a"]) cluster.Register(id);
        var known = Enumerable.Range(0, FleetShards.Count).SelectMany(shard => cluster.Do(cluster.Grains.GetGrain<IFleetGrain>(shard).List(null, 10))).Order();
        Assert.Equal(["a", "b", "c"], known);
        var fleet = cluster.Grains.GetGrain<IFleetGrain>(0);
        foreach (var id in (string[])["m", "k", "z", "k"]) cluster.Do(Added(fleet.Add(id)));
        Assert.Equal(["m", "z"], cluster.Do(fleet.List("l", 10)).Where(id => id.Length == 1 && id[0] > 'c'));
        Assert.Equal(["z"], cluster.Do(fleet.List("m", 1)));

        static async Task<bool> Added(Task adding)
        {
            await adding;
            return true;
        }
    }

    private static NoFlyZones Square(GeoPoint centre, double half)
    {
        GeoPoint[] corners = [centre.Destination(45, half), centre.Destination(135, half), centre.Destination(225, half), centre.Destination(315, half), centre.Destination(45, half)];
        return NoFlyZones.Parse(FormattableString.Invariant($$"""{"type":"Polygon","coordinates":[[{{string.Join(',', corners.Select(c => FormattableString.Invariant($"[{c.Longitude},{c.Latitude}]")))}}]]}"""));
    }
}
