using CsCheck;
using DroneDelivery.FleetSimulator.Motion;

namespace DroneDelivery.FleetSimulator.Tests;

public sealed class FlightTests
{
    private static readonly Gen<(DroneCapabilities Drone, WindVector Wind, GeoPoint Origin, GeoPoint To, double Payload, double Step)> Flights =
        DroneGen.Capabilities.SelectMany(drone => Gen.Select(
            Gen.Const(drone), DroneGen.Wind(drone), DroneGen.Place, DroneGen.Place, Gen.Double[0, drone.MaxPayload], Gen.Double[0.01, 3]));

    [Fact]
    public void Flight_never_moves_faster_than_allowed() => Flights.Sample((drone, wind, origin, to, payload, step) =>
    {
        var slack = 1e-6 * drone.CruiseSpeed;
        foreach (var (before, after) in Steps(drone, wind, origin, to, payload, step, drone.BatteryCapacity))
        {
            var ground = before.Position.DistanceTo(after.Position);
            var climb = Math.Abs(before.Position.Altitude - after.Position.Altitude);
            Assert.True(ground <= ((drone.CruiseSpeed + wind.Speed) * step) + slack, $"{ground} m in {step} s");
            Assert.True(climb <= (drone.ClimbSpeed * step) + slack, $"{climb} m up in {step} s");
            Assert.InRange(after.Position.Altitude, 0, Math.Max(Math.Max(drone.CruiseAltitude, origin.Altitude), to.Altitude) + slack);
        }
    }, iter: 300);

    [Fact]
    public void Flight_with_enough_battery_arrives_exactly() => Flights.Sample((drone, wind, origin, to, payload, step) =>
    {
        var last = Steps(drone, wind, origin, to, payload, step, drone.BatteryCapacity * 10).Last();
        Assert.Equal(to, last.After.Position);
    }, iter: 300);

    [Fact]
    public void Flight_only_spends_energy_and_never_more_than_there_is() =>
        Gen.Select(Flights, Gen.Double[0, 1]).Sample((flight, charge) =>
        {
            var (drone, wind, origin, to, payload, step) = flight;
            var most = drone.PowerWith(payload) * step / 3600;
            foreach (var (before, after) in Steps(drone, wind, origin, to, payload, step, drone.BatteryCapacity * charge * charge))
            {
                Assert.InRange(after.Energy, 0, before.Energy);
                Assert.True(before.Energy - after.Energy <= most * (1 + 1e-9), "spent more than its power");
            }
        }, iter: 300);

    [Fact]
    public void Flight_that_runs_short_can_still_come_down() =>
        Gen.Select(Flights, Gen.Double[0.001, 0.2]).Sample((flight, charge) =>
        {
            var (drone, wind, origin, to, payload, step) = flight;
            var start = new FlightState(origin with { Altitude = 0 }, drone.BatteryCapacity * charge);
            var result = Fly(drone, payload, start, to, wind, step);
            if (result.Outcome == FlightOutcome.Done) return;

            Assert.Equal(FlightOutcome.MustLand, result.Outcome);
            var seconds = result.State.Position.Altitude / drone.ClimbSpeed;
            var needed = drone.PowerWith(payload) * seconds / 3600;
            Assert.True(result.State.Energy >= needed - 1e-6, $"{result.State.Energy} Wh left, {needed} Wh needed");
            var landed = Flight.Land(drone, payload, result.State, seconds + 1);
            Assert.Equal(FlightOutcome.Done, landed.Outcome);
            Assert.Equal(0, landed.State.Position.Altitude);
        }, iter: 300);

    [Fact]
    public void Flight_time_is_about_distance_by_speed() => Flights.Sample((drone, wind, origin, to, payload, step) =>
    {
        var start = origin with { Altitude = 0 };
        var target = to with { Altitude = 0 };
        var seconds = Fly(drone, payload, new FlightState(start, drone.BatteryCapacity * 10), target, wind, step).Elapsed;
        var distance = start.DistanceTo(target);
        var vertical = distance > 1e-3 ? 2 * drone.CruiseAltitude / drone.ClimbSpeed : 0;
        Assert.InRange(
            seconds,
            (vertical + (distance / (drone.CruiseSpeed + wind.Speed)) - 1e-3) * 0.999,
            (vertical + (distance / (drone.CruiseSpeed - wind.Speed)) + 1e-3) * 1.001);
    }, iter: 300);

    [Fact]
    public void Flight_does_not_depend_on_the_step() => Flights.Sample((drone, wind, origin, to, payload, step) =>
    {
        var start = new FlightState(origin, drone.BatteryCapacity * 10);
        var fine = Fly(drone, payload, start, to, wind, step);
        var coarse = Fly(drone, payload, start, to, wind, 1e6);
        // The track turns by the metre over a great circle, so the wind triangle differs a little.
        Assert.Equal(coarse.Elapsed, fine.Elapsed, coarse.Elapsed * 1e-3);
        Assert.Equal(coarse.State.Energy, fine.State.Energy, (start.Energy - coarse.State.Energy) * 1e-3);
    }, iter: 200);

    [Fact]
    public void Flight_in_no_time_changes_nothing() => Flights.Sample((drone, wind, origin, to, payload, _) =>
    {
        var start = new FlightState(origin, 1);
        Assert.Equal(start, Flight.FlyTo(drone, payload, start, to, wind, 0).State);
    });

    [Fact]
    public void Flight_redirected_at_any_moment_arrives() =>
        Gen.Select(Flights, DroneGen.Place, Gen.Double[0, 1]).Sample((flight, other, share) =>
        {
            var (drone, wind, origin, to, payload, step) = flight;
            var start = new FlightState(origin, drone.BatteryCapacity * 10);
            var whole = Fly(drone, payload, start, to, wind, 1e6).Elapsed;
            var part = Flight.FlyTo(drone, payload, start, to, wind, whole * share).State;
            Assert.Equal(other, Fly(drone, payload, part, other, wind, step).State.Position);
        }, iter: 200);

    [Fact]
    public void Hovering_costs_its_power()
    {
        var drone = DroneModel.Heron.Capabilities;
        var step = Flight.Hover(drone, 10, new FlightState(DroneGen.Center, 1000), 36);
        Assert.Equal(FlightOutcome.Done, step.Outcome);
        Assert.Equal(1000 - (drone.PowerWith(10) / 100), step.State.Energy, 9);
    }

    [Fact]
    public void Hovering_on_an_empty_battery_must_land()
    {
        var drone = DroneModel.Heron.Capabilities;
        var step = Flight.Hover(drone, 0, new FlightState(DroneGen.Center, 0), 30);
        Assert.Equal(FlightOutcome.MustLand, step.Outcome);
        Assert.Equal(0, step.State.Energy);
    }

    private static FlightStep Fly(
        DroneCapabilities drone, double payload, FlightState state, GeoPoint target, WindVector wind, double seconds)
    {
        var elapsed = 0.0;
        while (true)
        {
            var step = Flight.FlyTo(drone, payload, state, target, wind, seconds);
            (state, elapsed) = (step.State, elapsed + step.Elapsed);
            if (step.Outcome != FlightOutcome.UnderWay) return step with { Elapsed = elapsed };
        }
    }

    private static IEnumerable<(FlightState Before, FlightState After)> Steps(
        DroneCapabilities drone, WindVector wind, GeoPoint origin, GeoPoint to, double payload, double seconds, double energy)
    {
        var state = new FlightState(origin, energy);
        while (true)
        {
            var step = Flight.FlyTo(drone, payload, state, to, wind, seconds);
            yield return (state, step.State);
            state = step.State;
            if (step.Outcome != FlightOutcome.UnderWay) yield break;
        }
    }
}
