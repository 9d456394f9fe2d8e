using CsCheck;
using DroneDelivery.Drones;
using DroneDelivery.Navigation;

namespace DroneDelivery.Domain;

public sealed class FlightTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Load_raises_power() =>
        Gen.Select(Generators.Capabilities, Gen.Double[0.1, 50]).Sample((drone, payload) =>
        {
            Assert.Equal(drone.CruisePower, Flight.Power(drone, 0), 1e-9);
            Assert.True(Flight.Power(drone, payload) > Flight.Power(drone, payload / 2));
        });

    [Fact]
    public void Power_with_a_load_of_its_own_mass_is_two_to_the_one_and_a_half()
    {
        var drone = new DroneCapabilities(10, PackageSize.Large, 15, 4, 80, 8, 500, 1_000, 30);
        Assert.Equal(2_828.427, Flight.Power(drone, 8), 0.001);
    }

    [Fact]
    public void Tailwind_helps_headwind_hinders_crosswind_costs()
    {
        var drone = new DroneCapabilities(10, PackageSize.Large, 15, 4, 80, 8, 500, 1_000, 30);
        Assert.Equal(20, Flight.GroundSpeed(drone, 90, new Wind(5, 0)), 1e-9);
        Assert.Equal(10, Flight.GroundSpeed(drone, 270, new Wind(5, 0)), 1e-9);
        Assert.Equal(12, Flight.GroundSpeed(drone, 0, new Wind(9, 0)), 1e-9); // 15² = 12² + 9²
        Assert.Equal(0, Flight.GroundSpeed(drone, 0, new Wind(16, 0)));
    }

    [Fact]
    public void Leg_without_wind_is_climb_cruise_and_descent()
    {
        var drone = new DroneCapabilities(10, PackageSize.Large, 10, 4, 80, 8, 500, 1_000, 30);
        var start = new GeoPoint(47, -122);
        Assert.Equal(20 + 100 + 20, Flight.LegTime(drone, start, start.Destination(45, 1_000), Wind.Calm), 0.001);
        Assert.Equal(0, Flight.LegTime(drone, start, start, Wind.Calm));
    }

    [Fact]
    public void Leg_against_a_wind_too_strong_never_ends_and_no_drone_is_chosen_for_it()
    {
        var drone = new DroneRegistration("m", new GeoPoint(47, -122), new DroneCapabilities(10, PackageSize.Large, 10, 4, 80, 8, 500, 1_000, 30));
        var errand = new Errand(drone.Home.Destination(0, 500), drone.Home.Destination(0, 900), 1, PackageSize.Small, null);
        Assert.Equal(double.PositiveInfinity, Flight.LegTime(drone.Capabilities, drone.Home, errand.Pickup, new Wind(0, -11)));
        Assert.NotNull(DroneChoice.Objection(drone, drone.Home, 1, errand, Now, 0.2, new Wind(0, -11), Sky.Clear, out _));
    }

    [Fact]
    public void Eta_shrinks_as_the_drone_comes_nearer() =>
        Gen.Select(Generators.Capabilities, Generators.Point, Generators.Bearing, Gen.Double[1_000, 50_000], Gen.Double[0.1, 0.9]).Sample(
            (drone, start, bearing, distance, part) =>
            {
                var (pickup, dropoff) = (start.Destination(bearing, distance), start.Destination(bearing + 90, distance));
                var cruise = start with { Altitude = drone.CruiseAltitude };
                var near = cruise.Destination(cruise.BearingTo(pickup), cruise.DistanceTo(pickup) * part);
                var far = Flight.Eta(drone, MissionPhase.HeadedToPickup, cruise, pickup, dropoff, Now, Wind.Calm);
                var closer = Flight.Eta(drone, MissionPhase.HeadedToPickup, near, pickup, dropoff, Now, Wind.Calm);
                Assert.True(closer.Pickup < far.Pickup && closer.Dropoff < far.Dropoff);
                Assert.True(far.Pickup <= far.Dropoff);
            });

    [Fact]
    public void Chosen_drone_can_and_no_other_is_sooner() =>
        Gen.Select(
                Gen.Select(Generators.Capabilities, Gen.Double[0, 1], Generators.Bearing, Gen.Double[0, 20_000]).Array[0, 12],
                Gen.Double[0.1, 40], Gen.Int[0, 3_600])
            .Sample((fleet, weight, seconds) =>
            {
                var home = new GeoPoint(47, -122);
                var errand = new Errand(
                    home.Destination(10, 3_000), home.Destination(100, 5_000), weight, PackageSize.Medium, seconds == 0 ? null : Now.AddSeconds(seconds));
                var drones = fleet.Select((drone, index) => new FreeDrone(
                    $"d{index}", 1, home.Destination(drone.Item3, drone.Item4), drone.Item2, new DroneRegistration("m", home, drone.Item1))).ToList();

                var best = DroneChoice.Best(drones, errand, Now, 0.2, Wind.Calm, Sky.Clear);
                var able = drones.Where(drone => Plan(drone) is not null).ToList();
                Assert.Equal(able.Count > 0, best is not null);
                if (best is null) return;
                Assert.Contains(best, able);
                Assert.True(weight <= best.Registration.Capabilities.MaxPayload);
                Assert.All(able, other => Assert.True(Plan(other)!.Value.PickupSeconds >= Plan(best)!.Value.PickupSeconds));

                FlightPlan? Plan(FreeDrone drone) => DroneChoice.Objection(
                    drone.Registration, drone.Position, drone.Battery, errand, Now, 0.2, Wind.Calm, Sky.Clear, out var plan) is null ? plan : null;
            });

    [Fact]
    public void Drone_keeps_its_reserve() =>
        Gen.Select(Generators.Capabilities, Gen.Double[0, 1], Gen.Double[0, 30_000]).Sample((capabilities, battery, distance) =>
        {
            var drone = new DroneRegistration("m", new GeoPoint(47, -122), capabilities);
            var errand = new Errand(drone.Home.Destination(0, distance), drone.Home.Destination(0, distance / 2), 1, PackageSize.Small, null);
            if (DroneChoice.Objection(drone, drone.Home, battery, errand, Now, 0.2, Wind.Calm, Sky.Clear, out var plan) is null)
                Assert.True((battery * capabilities.BatteryCapacity) - plan.Energy >= (0.2 * capabilities.BatteryCapacity) - 1e-9);
        });
}
