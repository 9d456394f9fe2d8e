using DroneDelivery.Drones;

namespace DroneDelivery.Gateway.Input;

/// <summary>Reads what drones and ground stations send.</summary>
internal static class DroneInput
{
    // Simulated fleets are sped up sixtyfold by registering faster drones.
    private const double MaxSpeed = 10_000;
    private const double MaxMass = 10_000;
    private const double MaxEnergy = 1e9;
    private const double MaxHandlingTime = 86_400;
    private const int MaxModelLength = 128;

    // What MAVLink sends for "unknown", as stations pass it on: -1 (as a part also -0.01), -1000 m, and INT32_MAX in units of 1e-7 degrees.
    private const double UnknownCharge = -1;
    private const double UnknownPercent = -0.01;
    private const double UnknownAltitude = -1_000;
    private const double UnknownDegrees = 214.7483647;

    /// <summary>Reads the body of <c>PUT /api/drones/{id}</c>.</summary>
    public static DroneRegistration ReadRegistration(JsonFields body)
    {
        var capabilities = body.RequiredObject("capabilities");
        return new DroneRegistration(
            body.Text("model", MaxModelLength) ?? "",
            body.RequiredPoint("home"),
            new DroneCapabilities(
                capabilities.RequiredPositive("maxPayload", Packages.PackageDetails.MaxWeight),
                capabilities.RequiredChoice<PackageSize>("maxSize"),
                capabilities.RequiredPositive("cruiseSpeed", MaxSpeed),
                capabilities.RequiredPositive("climbSpeed", MaxSpeed),
                capabilities.RequiredPositive("cruiseAltitude", GeoPoint.MaxAltitude),
                capabilities.RequiredPositive("mass", MaxMass),
                capabilities.RequiredPositive("batteryCapacity", MaxEnergy),
                capabilities.RequiredPositive("cruisePower", MaxEnergy),
                capabilities.RequiredPositive("handlingTime", MaxHandlingTime)));
    }

    /// <summary>Reads a report.</summary>
    public static TelemetryReport ReadReport(JsonFields body)
    {
        var gaps = TelemetryGaps.None;
        var battery = 1.0;
        if (body.IsUnknown("battery", UnknownCharge, UnknownPercent)) gaps |= TelemetryGaps.Battery;
        else if (body.Has("battery")) battery = body.Number("battery", 0, 1) ?? 1;
        else body.Missing("battery");
        var position = ReadPosition(body, ref gaps);
        return new TelemetryReport(
            body.RequiredWhole("boot", 0, long.MaxValue),
            body.Whole("sequence", 0, long.MaxValue),
            body.RequiredTime("time"),
            position,
            battery,
            body.Object("mission") is { } mission
                ? new MissionProgress(mission.RequiredId("deliveryId"), ReadAttempt(mission), mission.RequiredChoice<MissionPhase>("phase"))
                : null,
            body.Choice<DroneTrouble>("trouble"),
            gaps);
    }

    private static GeoPoint ReadPosition(JsonFields body, ref TelemetryGaps gaps)
    {
        if (body.IsUnknown("position"))
        {
            gaps |= TelemetryGaps.Position;
            return default;
        }

        var position = body.RequiredObject("position");
        if (position.IsUnknown("latitude", UnknownDegrees) || position.IsUnknown("longitude", UnknownDegrees))
        {
            gaps |= TelemetryGaps.Position;
            return default;
        }

        if (position.IsUnknown("altitude", UnknownAltitude)) gaps |= TelemetryGaps.Altitude;
        return position.ReadPoint(withAltitude: !gaps.HasFlag(TelemetryGaps.Altitude)) ?? default;
    }

    /// <summary>Reads a line of many drones' reports.</summary>
    public static LineInput ReadLine(JsonFields body) => new(body.RequiredId("droneId"), ReadReport(body));

    /// <summary>Reads the body of <c>POST /api/drones/{id}/pickup</c>.</summary>
    public static PickupInput ReadPickup(JsonFields body) => new(body.RequiredId("deliveryId"), ReadAttempt(body));

    private static int ReadAttempt(JsonFields body) => (int)body.RequiredWhole("attempt", 0, int.MaxValue);

    /// <summary>One line.</summary>
    public sealed record LineInput(string DroneId, TelemetryReport Report);

    /// <summary>A drone at a pickup.</summary>
    public sealed record PickupInput(string DeliveryId, int Attempt);
}
