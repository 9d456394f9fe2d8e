using CsCheck;
using DroneDelivery.Drones;

namespace DroneDelivery.Domain;

internal static class Generators
{
    /// <summary>Points where drones fly: not within sight of the poles.</summary>
    public static Gen<GeoPoint> Point { get; } = Gen.Select(Gen.Double[-80, 80], Gen.Double[-180, 179.999], (lat, lon) => new GeoPoint(lat, lon));

    public static Gen<double> Bearing { get; } = Gen.Double[0, 359.99];

    public static Gen<DroneCapabilities> Capabilities { get; } = Gen.Select(
        Gen.Double[1, 50], Gen.Double[5, 1_000], Gen.Double[1, 50], Gen.Double[20, 500], Gen.Double[2, 50], Gen.Double[100, 5_000], Gen.Double[100, 5_000], Gen.Double[0, 120],
        (payload, cruise, climb, altitude, mass, capacity, power, handling) =>
            new DroneCapabilities(payload, PackageSize.Large, cruise, climb, altitude, mass, capacity, power, handling));
}
