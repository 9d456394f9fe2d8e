namespace DroneDelivery.Drones;

/// <summary>What a drone can do, as its maker states it.</summary>
/// <param name="MaxPayload">Heaviest parcel, kilograms.</param>
/// <param name="MaxSize">Largest parcel.</param>
/// <param name="CruiseSpeed">Airspeed in level flight, m/s.</param>
/// <param name="ClimbSpeed">Climb and descent, m/s.</param>
/// <param name="CruiseAltitude">Altitude of level flight, metres above ground.</param>
/// <param name="Mass">Mass without parcel, kilograms.</param>
/// <param name="BatteryCapacity">Usable energy when full, watt-hours.</param>
/// <param name="CruisePower">Power in flight without parcel, watts.</param>
/// <param name="HandlingTime">Seconds to take or hand over a parcel.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.DroneCapabilities")]
public sealed record DroneCapabilities(
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
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>A drone's registration.</summary>
/// <param name="Model">Make and model.</param>
/// <param name="Home">Station it returns to.</param>
/// <param name="Capabilities">What it can do.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.DroneRegistration")]
public sealed record DroneRegistration(string Model, GeoPoint Home, DroneCapabilities Capabilities)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>Phase of a mission; it only grows.</summary>
public enum MissionPhase
{
    /// <summary>Reserved; the drone has not taken off for it.</summary>
    Assigned = 0,
    /// <summary>On the way to the pickup.</summary>
    HeadedToPickup = 1,
    /// <summary>At the pickup, asking for the parcel.</summary>
    AtPickup = 2,
    /// <summary>Has the parcel, on the way to the dropoff.</summary>
    HeadedToDropoff = 3,
    /// <summary>Handed over.</summary>
    Delivered = 4,
}

/// <summary>A mission offered to a drone.</summary>
/// <param name="DeliveryId">What it serves.</param>
/// <param name="Attempt">Its number for that delivery.</param>
/// <param name="Pickup">Where to fetch the parcel.</param>
/// <param name="Dropoff">Where to bring it.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="Size">Size class.</param>
/// <param name="Deadline">Latest handover; null: none.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.MissionOffer")]
public sealed record MissionOffer(
    string DeliveryId, int Attempt, GeoPoint Pickup, GeoPoint Dropoff, double Weight, PackageSize Size, DateTimeOffset? Deadline)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>Expected times of a mission.</summary>
/// <param name="Pickup">Parcel taken; null once it was.</param>
/// <param name="Dropoff">Parcel handed over.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.MissionEta")]
public sealed record MissionEta(DateTimeOffset? Pickup, DateTimeOffset Dropoff);

/// <summary>Answer to an offer.</summary>
/// <param name="Accepted">Whether the drone is committed.</param>
/// <param name="Reason">Why not.</param>
/// <param name="Position">Where the drone is.</param>
/// <param name="Eta">Expected times, when accepted.</param>
/// <param name="Speed">Fastest speed over ground at which the drone is believed to move, m/s; 0: not known, as in answers of earlier builds.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.ReserveResult")]
public sealed record ReserveResult(bool Accepted, string? Reason, GeoPoint Position, MissionEta? Eta, double Speed = 0);

/// <summary>One report of a drone.</summary>
/// <param name="Boot">Number of the drone's boot; grows with each (Unix milliseconds serve well).</param>
/// <param name="Sequence">Number of the report in this boot; null: the next one.</param>
/// <param name="Time">When, by the drone's clock.</param>
/// <param name="Position">Where.</param>
/// <param name="Battery">Charge, 0 to 1.</param>
/// <param name="Mission">Progress of its mission, if it flies one.</param>
/// <param name="Trouble">What keeps it from flying on, if anything does.</param>
/// <param name="Gaps">What of it the drone does not know; the values say nothing then.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.TelemetryReport")]
public sealed record TelemetryReport(
    long Boot, long? Sequence, DateTimeOffset Time, GeoPoint Position, double Battery, MissionProgress? Mission, DroneTrouble? Trouble = null,
    TelemetryGaps Gaps = TelemetryGaps.None);

/// <summary>What a drone does not know of itself.</summary>
[Flags]
public enum TelemetryGaps
{
    /// <summary>Nothing is missing.</summary>
    None = 0,
    /// <summary>It has no fix.</summary>
    Position = 1,
    /// <summary>It does not know how high it is.</summary>
    Altitude = 2,
    /// <summary>It does not know its charge.</summary>
    Battery = 4,
}

/// <summary>What keeps a drone from flying its mission.</summary>
public enum DroneTrouble
{
    /// <summary>The charge does not suffice any more.</summary>
    LowBattery = 0,
    /// <summary>It will not fly the mission it was given.</summary>
    RefusedMission = 1,
    /// <summary>It came down where it should not.</summary>
    UnplannedLanding = 2,
}

/// <summary>What a drone tells the request that it served.</summary>
/// <param name="DroneId">The drone.</param>
/// <param name="Kind">What happened.</param>
/// <param name="DeliveryId">Delivery of the mission.</param>
/// <param name="Attempt">Number of the mission.</param>
/// <param name="Time">When.</param>
/// <param name="Detail">What happened, in words.</param>
/// <param name="IsDoubt">Whether the drone has the mission, but what it says of it is not believed.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.DroneEvent")]
public sealed record DroneEvent(
    string DroneId, DroneEventKind Kind, string DeliveryId, int Attempt, DateTimeOffset Time, string Detail, bool IsDoubt = false)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>Kinds of <see cref="DroneEvent"/>.</summary>
public enum DroneEventKind
{
    /// <summary>The mission ended before pickup; another drone has to be found.</summary>
    MissionDropped = 0,
    /// <summary>The drone has the parcel and cannot go on.</summary>
    TroubleWithParcel = 1,
    /// <summary>The drone went on reporting a mission that it had been told it does not have any more; as a doubt: it asked for a parcel elsewhere.</summary>
    StaleReport = 2,
    /// <summary>The drone says that it carries, or handed over, the parcel of a mission that it does not have; as a doubt: it cannot have handed it over.</summary>
    StrayParcel = 3,
    /// <summary>A transport partner, which is a carrier too, decided on an order or gave it up before pickup.</summary>
    CarrierAnswered = 4,
}

/// <summary>Progress of a mission as the drone sees it.</summary>
/// <param name="DeliveryId">What it serves.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="Phase">Phase reached.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.MissionProgress")]
public sealed record MissionProgress(string DeliveryId, int Attempt, MissionPhase Phase);

/// <summary>What became of a report.</summary>
public enum TelemetryOutcome
{
    /// <summary>Taken in.</summary>
    Accepted = 0,
    /// <summary>A newer one is known, or its counters leap further than can be; ignored.</summary>
    Superseded = 1,
    /// <summary>More than five minutes old; dropped.</summary>
    TooLate = 2,
    /// <summary>More than thirty seconds ahead; dropped.</summary>
    TooEarly = 3,
    /// <summary>The drone is not registered.</summary>
    UnknownDrone = 4,
}

/// <summary>Answer to a report.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Mission">The mission the drone has now; null: none, so it drops any it thought it had and flies home.</param>
/// <param name="Doubt">What of the report is not believed, in words; null: nothing.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.TelemetryAnswer")]
public sealed record TelemetryAnswer(TelemetryOutcome Outcome, MissionOrder? Mission, string? Doubt = null);

/// <summary>A mission as told to the drone.</summary>
/// <param name="DeliveryId">What it serves.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="Phase">Phase known so far.</param>
/// <param name="Pickup">Where to fetch the parcel.</param>
/// <param name="Dropoff">Where to bring it.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="LeaseUntil">Before pickup, a drone that heard nothing newer by then gives the mission up.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.MissionOrder")]
public sealed record MissionOrder(
    string DeliveryId, int Attempt, MissionPhase Phase, GeoPoint Pickup, GeoPoint Dropoff, double Weight, DateTimeOffset LeaseUntil);

/// <summary>A drone as read.</summary>
/// <param name="DroneId">Its id.</param>
/// <param name="Registration">Home and capabilities.</param>
/// <param name="Position">Last known position; its home before the first report.</param>
/// <param name="Battery">Charge, 0 to 1.</param>
/// <param name="LastReport">When it last reported; null: never.</param>
/// <param name="Mission">Its mission, if any.</param>
/// <param name="HeardAt">When it was last heard, by our clock; the start of the grain counts too.</param>
/// <param name="Maintenance">Why it takes no missions; null: it is in service.</param>
/// <param name="Trouble">What keeps it from flying its mission on, if anything does.</param>
/// <param name="Alarms">What is wrong with its reports; null or empty: nothing.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.DroneSnapshot")]
public sealed record DroneSnapshot(
    string DroneId,
    DroneRegistration Registration,
    GeoPoint Position,
    double Battery,
    DateTimeOffset? LastReport,
    MissionOrder? Mission,
    DateTimeOffset HeardAt,
    string? Maintenance = null,
    DroneTrouble? Trouble = null,
    IReadOnlyList<DroneAlarm>? Alarms = null)
{
    /// <summary>Version of its registration; see <see cref="Precondition"/>.</summary>
    public string Version => VersionOf(Registration);

    /// <summary>Version of a registration; see <see cref="Precondition"/>.</summary>
    public static string VersionOf(DroneRegistration registration) => Precondition.VersionOf("d", registration);
}

/// <summary>Something wrong with the reports of a drone, for operators.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Since">Since when.</param>
/// <param name="Detail">The same in words.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Drones.DroneAlarm")]
public sealed record DroneAlarm(DroneAlarmKind Kind, DateTimeOffset Since, string Detail);

/// <summary>Kinds of <see cref="DroneAlarm"/>.</summary>
public enum DroneAlarmKind
{
    /// <summary>The drone reports, but none of its reports is taken in.</summary>
    ReportsIgnored = 0,
    /// <summary>Its reports carry no position that can be believed.</summary>
    PositionUnknown = 1,
}
