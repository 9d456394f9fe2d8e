using System.Text.Json.Serialization;
using DroneDelivery.Drones;
using DroneDelivery.Gateway.Http;
using Microsoft.AspNetCore.Mvc;

namespace DroneDelivery.Gateway.Resources;

/// <summary>A drone to register.</summary>
/// <param name="Model">Make and model.</param>
/// <param name="Home">Station it returns to.</param>
/// <param name="Capabilities">What it can do.</param>
internal sealed record DroneBody(string Model, Location Home, CapabilitiesResource Capabilities);

/// <summary>What a drone can do.</summary>
/// <param name="MaxPayload">Heaviest parcel, kilograms.</param>
/// <param name="MaxSize">Largest parcel.</param>
/// <param name="CruiseSpeed">Airspeed in level flight, m/s.</param>
/// <param name="ClimbSpeed">Climb and descent, m/s.</param>
/// <param name="CruiseAltitude">Altitude of level flight, metres above ground.</param>
/// <param name="Mass">Mass without parcel, kilograms.</param>
/// <param name="BatteryCapacity">Usable energy when full, watt-hours.</param>
/// <param name="CruisePower">Power in flight without parcel, watts.</param>
/// <param name="HandlingTime">Seconds to take or hand over a parcel.</param>
internal sealed record CapabilitiesResource(
    double MaxPayload,
    PackageSize MaxSize,
    double CruiseSpeed,
    double ClimbSpeed,
    double CruiseAltitude,
    double Mass,
    double BatteryCapacity,
    double CruisePower,
    double HandlingTime)
{
    public static CapabilitiesResource Of(DroneCapabilities c) => new(
        c.MaxPayload, c.MaxSize, c.CruiseSpeed, c.ClimbSpeed, c.CruiseAltitude, c.Mass, c.BatteryCapacity, c.CruisePower, c.HandlingTime);
}

/// <summary>A drone.</summary>
/// <param name="DroneId">Its id.</param>
/// <param name="Model">Make and model.</param>
/// <param name="Home">Station it returns to.</param>
/// <param name="Capabilities">What it can do.</param>
/// <param name="Position">Last known position; its home before the first report.</param>
/// <param name="Battery">Charge, 0 to 1.</param>
/// <param name="LastReport">When it last reported.</param>
/// <param name="Mission">Its mission, if any.</param>
internal sealed record DroneResource(
    string DroneId,
    string Model,
    Location Home,
    CapabilitiesResource Capabilities,
    Location Position,
    double Battery,
    DateTimeOffset? LastReport,
    MissionResource? Mission) : IVersioned
{
    [JsonIgnore]
    public string? Version { get; init; }

    public static DroneResource Of(DroneSnapshot drone) => new(
        drone.DroneId,
        drone.Registration.Model,
        Location.Of(drone.Registration.Home),
        CapabilitiesResource.Of(drone.Registration.Capabilities),
        Location.Of(drone.Position),
        drone.Battery,
        drone.LastReport,
        MissionResource.Of(drone.Mission))
    {
        Version = drone.Version,
    };
}

/// <summary>A mission as told to its drone.</summary>
/// <param name="DeliveryId">What it serves.</param>
/// <param name="Attempt">Its number; to be repeated in reports.</param>
/// <param name="Phase">Phase known so far.</param>
/// <param name="Pickup">Where to fetch the parcel.</param>
/// <param name="Dropoff">Where to bring it.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="LeaseUntil">Before pickup, a drone that heard nothing newer by then gives the mission up.</param>
internal sealed record MissionResource(
    string DeliveryId, int Attempt, MissionPhase Phase, Location Pickup, Location Dropoff, double Weight, DateTimeOffset LeaseUntil)
{
    public static MissionResource? Of(MissionOrder? mission) => mission is null ? null : new(
        mission.DeliveryId,
        mission.Attempt,
        mission.Phase,
        Location.Of(mission.Pickup),
        Location.Of(mission.Dropoff),
        mission.Weight,
        mission.LeaseUntil);
}

/// <summary>A report of a drone.</summary>
/// <param name="Boot">Number of the drone's boot; grows with each (Unix milliseconds serve well).</param>
/// <param name="Sequence">Number of the report in this boot; left out: the next one.</param>
/// <param name="Time">When, by the drone's clock.</param>
/// <param name="Position">Where; null or 0, 0: it has no fix. An altitude of null or -1000 is not known.</param>
/// <param name="Battery">Charge, 0 to 1; null or -1: not known.</param>
/// <param name="Mission">Progress of its mission, if it flies one.</param>
/// <param name="Trouble">What keeps it from flying on, if anything does.</param>
internal sealed record TelemetryBody(
    long Boot, long? Sequence, DateTimeOffset Time, Location? Position, double? Battery, ProgressResource? Mission, DroneTrouble? Trouble);

/// <summary>A line of many drones' reports.</summary>
/// <param name="DroneId">The drone.</param>
/// <param name="Boot">Number of the drone's boot; grows with each (Unix milliseconds serve well).</param>
/// <param name="Sequence">Number of the report in this boot; left out: the next one.</param>
/// <param name="Time">When, by the drone's clock.</param>
/// <param name="Position">Where; null or 0, 0: it has no fix. An altitude of null or -1000 is not known.</param>
/// <param name="Battery">Charge, 0 to 1; null or -1: not known.</param>
/// <param name="Mission">Progress of its mission, if it flies one.</param>
/// <param name="Trouble">What keeps it from flying on, if anything does.</param>
internal sealed record TelemetryLineBody(
    string DroneId, long Boot, long? Sequence, DateTimeOffset Time, Location? Position, double? Battery, ProgressResource? Mission, DroneTrouble? Trouble);

/// <summary>Progress of a mission as the drone sees it.</summary>
/// <param name="DeliveryId">What it serves.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="Phase">Phase reached.</param>
internal sealed record ProgressResource(string DeliveryId, int Attempt, MissionPhase Phase);

/// <summary>Answer to a report.</summary>
/// <param name="DroneId">The drone.</param>
/// <param name="Outcome">What became of the report.</param>
/// <param name="Mission">The mission the drone has now; null: none, so it drops any it thought it had and flies home.</param>
/// <param name="Doubt">What of the report is not believed, in words; left out: nothing.</param>
internal sealed record TelemetryResource(string DroneId, TelemetryOutcome Outcome, MissionResource? Mission, string? Doubt)
{
    public static TelemetryResource Of(string droneId, TelemetryAnswer answer) => new(droneId, answer.Outcome, MissionResource.Of(answer.Mission), answer.Doubt);
}

/// <summary>Answer to one line that was understood.</summary>
/// <param name="Line">Number of the line, from 1; empty lines count but get no answer.</param>
/// <param name="DroneId">The drone.</param>
/// <param name="Outcome">What became of the report.</param>
/// <param name="Mission">The mission the drone has now; null: none, so it drops any it thought it had and flies home.</param>
/// <param name="Doubt">What of the report is not believed, in words; left out: nothing.</param>
internal sealed record TelemetryLine(long Line, string DroneId, TelemetryOutcome Outcome, MissionResource? Mission, string? Doubt);

/// <summary>Answer to one line that was not taken in.</summary>
/// <param name="Line">Number of the line, from 1.</param>
/// <param name="Error">Why.</param>
internal sealed record TelemetryLineError(long Line, ProblemDetails Error);

/// <summary>A drone at a pickup asks for the parcel.</summary>
/// <param name="DeliveryId">Its mission's delivery.</param>
/// <param name="Attempt">Its mission's number.</param>
internal sealed record PickupBody(string DeliveryId, int Attempt);
