namespace DroneDelivery.FleetSimulator.Motion;

/// <summary>
/// The motion of a drone: vertical take-off to cruise altitude, the great circle at cruise airspeed in the wind, vertical descent.
/// Pure; the part of the flight follows from where the drone is, so it may be given another target at any moment. Any time step
/// gives the same flight in steady wind, because a step that ends a part goes on with the next.
/// </summary>
internal static class Flight
{
    // Positions closer than this are the same place, metres.
    private const double Tolerance = 1e-3;

    // Less energy than this moves nothing, watt-hours.
    private const double Nothing = 1e-9;

    /// <summary>Flies towards a target for at most so many seconds.</summary>
    public static FlightStep FlyTo(
        DroneCapabilities drone, double payload, FlightState state, GeoPoint target, WindVector wind, double seconds)
    {
        var power = drone.PowerWith(payload);
        var ground = Math.Max(0, target.Altitude);
        var level = Math.Max(drone.CruiseAltitude, ground);
        var (position, energy) = state;
        var left = seconds;
        while (left > 0)
        {
            var distance = position.DistanceTo(target);
            var reserve = energy - DescentEnergy(drone, power, position.Altitude);
            if (distance <= Tolerance)
            {
                var climb = ground - position.Altitude;
                if (climb == 0)
                    return new FlightStep(new FlightState(target with { Altitude = ground }, energy), seconds - left, FlightOutcome.Done);

                // Going down is always affordable; going up must leave enough to come down again.
                if (climb > 0 && reserve <= Nothing) return MustLand();
                var wanted = Math.Min(Math.Abs(climb) / drone.ClimbSpeed, left);
                var time = climb > 0 ? Math.Min(wanted, ClimbTime(power, reserve)) : wanted;
                position = target with { Altitude = Moved(position.Altitude, ground, drone.ClimbSpeed * time) };
                Spend(time);
            }
            else if (position.Altitude < level)
            {
                if (reserve <= Nothing) return MustLand();
                var time = Math.Min(Math.Min((level - position.Altitude) / drone.ClimbSpeed, left), ClimbTime(power, reserve));
                position = position with { Altitude = Moved(position.Altitude, level, drone.ClimbSpeed * time) };
                Spend(time);
            }
            else
            {
                if (reserve <= Nothing) return MustLand();
                var track = position.BearingTo(target);
                var speed = wind.GroundSpeed(drone.CruiseSpeed, track);
                var affordable = Math.Min(left, reserve * 3600 / power);
                var arrival = speed > 0 ? distance / speed : double.PositiveInfinity;
                var time = Math.Min(arrival, affordable);
                position = arrival <= affordable
                    ? target with { Altitude = position.Altitude }
                    : position.Destination(track, speed * time);
                Spend(time);
            }
        }

        return new FlightStep(new FlightState(position, energy), seconds, FlightOutcome.UnderWay);

        FlightStep MustLand() => new(new FlightState(position, energy), seconds - left, FlightOutcome.MustLand);

        void Spend(double time)
        {
            energy = Math.Max(0, energy - (power * time / 3600));
            // A remainder too small to move anything would never run out.
            left = left - time < 1e-9 ? 0 : left - time;
        }
    }

    /// <summary>Hovers on the spot for at most so many seconds; done when all of them were flown.</summary>
    public static FlightStep Hover(DroneCapabilities drone, double payload, FlightState state, double seconds)
    {
        var power = drone.PowerWith(payload);
        var reserve = state.Energy - DescentEnergy(drone, power, state.Position.Altitude);
        var time = Math.Clamp(reserve * 3600 / power, 0, seconds);
        var after = state with { Energy = Math.Max(0, state.Energy - (power * time / 3600)) };
        return new FlightStep(after, time, time < seconds ? FlightOutcome.MustLand : FlightOutcome.Done);
    }

    /// <summary>Comes down on the spot, on the last of the battery if need be.</summary>
    public static FlightStep Land(DroneCapabilities drone, double payload, FlightState state, double seconds)
    {
        var needed = Math.Max(0, state.Position.Altitude) / drone.ClimbSpeed;
        var time = Math.Min(needed, seconds);
        var altitude = time < needed ? state.Position.Altitude - (drone.ClimbSpeed * time) : 0;
        var energy = Math.Max(0, state.Energy - (drone.PowerWith(payload) * time / 3600));
        return new FlightStep(
            new FlightState(state.Position with { Altitude = altitude }, energy), time,
            altitude > 0 ? FlightOutcome.UnderWay : FlightOutcome.Done);
    }

    /// <summary>Energy to fly over ground between two points in still air, with climb and descent, watt-hours.</summary>
    public static double EnergyFor(DroneCapabilities drone, double payload, GeoPoint from, GeoPoint to)
    {
        var vertical = Math.Max(0, drone.CruiseAltitude - from.Altitude) + Math.Max(0, drone.CruiseAltitude - to.Altitude);
        var seconds = (vertical / drone.ClimbSpeed) + (from.DistanceTo(to) / drone.CruiseSpeed);
        return drone.PowerWith(payload) * seconds / 3600;
    }

    private static double DescentEnergy(DroneCapabilities drone, double power, double altitude) =>
        power * Math.Max(0, altitude) / drone.ClimbSpeed / 3600;

    // Climbing spends twice: on the way up, and later on the way down.
    private static double ClimbTime(double power, double reserve) => reserve * 3600 / power / 2;

    private static double Moved(double from, double to, double by) =>
        Math.Abs(to - from) <= by + 1e-9 ? to : from + (Math.Sign(to - from) * by);
}
