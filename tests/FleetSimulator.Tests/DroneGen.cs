using CsCheck;
using DroneDelivery.FleetSimulator.Motion;

namespace DroneDelivery.FleetSimulator.Tests;

/// <summary>Anything a drone may meet.</summary>
internal static class DroneGen
{
    public static readonly GeoPoint Center = new(47.64, -122.14);

    public static readonly Gen<double> SpeedUp = Gen.OneOf(Gen.Const(1.0), Gen.Const(10.0), Gen.Const(60.0), Gen.Const(400.0));

    public static readonly Gen<DroneCapabilities> Capabilities =
        Gen.Select(Gen.Int[0, DroneModel.All.Count - 1].Select(i => DroneModel.All[i]), SpeedUp).Select((model, speedUp) => model.Capabilities.Faster(speedUp));

    public static readonly Gen<GeoPoint> Place =
        Gen.Select(Gen.Double[0, 360], Gen.Double[0, 8000], Gen.OneOf(Gen.Const(0.0), Gen.Const(25.0), Gen.Const(120.0)))
            .Select((bearing, distance, altitude) => Center.Destination(bearing, distance) with { Altitude = altitude });

    /// <summary>Wind in proportion to the speed-up, as weather makes it.</summary>
    public static Gen<WindVector> Wind(DroneCapabilities drone) =>
        Gen.Select(Gen.Double[0, 2 * Math.PI], Gen.Double[0, Weather.MaxSpeed])
            .Select((direction, speed) =>
            {
                var scaled = speed * drone.CruiseSpeed / DroneModel.Heron.Capabilities.CruiseSpeed;
                return new WindVector(Math.Sin(direction) * scaled, Math.Cos(direction) * scaled);
            });
}
