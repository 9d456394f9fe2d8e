namespace DroneDelivery.Drones;

/// <summary>Stored form of a drone. Positions between checkpoints live in the grain's memory.</summary>
internal sealed record DroneState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Most events that wait for their requests.</summary>
    public const int OutboxCapacity = 32;

    private const int EndedCapacity = 64;
    private const int EndedAlwaysKept = 8;

    // Longer than a request whose silo died takes to come back with an offer that it had made.
    private static readonly TimeSpan EndedKeptFor = TimeSpan.FromHours(1);

    public DroneRegistration? Registration { get; init; }
    public MissionOffer? Mission { get; init; }

    /// <summary>Missions ended last, so that a late offer of one of them is refused.</summary>
    public IReadOnlyList<MissionKey> Released { get; init; } = [];
    public Sighting? LastSighting { get; init; }

    /// <summary>Until when reports from before its counters began anew may still come; null: they never began anew.</summary>
    public DateTimeOffset? AnewUntil { get; init; }

    /// <summary>Where and when the drone was last seen before its mission; null in documents of earlier builds.</summary>
    public MissionStart? Start { get; init; }

    /// <summary>What keeps the drone from flying its mission on while it has the parcel.</summary>
    public DroneTrouble? Trouble { get; init; }

    /// <summary>Why it takes no missions; null: it is in service.</summary>
    public string? Maintenance { get; init; }

    /// <summary>Events for requests that may not have taken them in yet.</summary>
    public IReadOnlyList<DroneEvent> Outbox { get; init; } = [];

    /// <summary>Hashes of the keys it may sign in with, the newest last.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];
    public CommandLog Commands { get; init; } = new();

    /// <summary>With a key more; of the older ones the last stays.</summary>
    public DroneState WithKey(string keyHash) => this with { Keys = [.. Keys.Except([keyHash]).TakeLast(1), keyHash] };

    /// <summary>Whether the drone has this mission.</summary>
    public bool Holds(string deliveryId, int attempt) => Mission is { } mission && mission.DeliveryId == deliveryId && mission.Attempt == attempt;

    /// <summary>How this mission ended, if it ended lately.</summary>
    public MissionKey? Ended(string deliveryId, int attempt) => Released.FirstOrDefault(key => key.DeliveryId == deliveryId && key.Attempt == attempt);

    /// <summary>Ends a mission, whether the drone has it or it was only under way.</summary>
    public DroneState WithEnded(MissionKey mission) => this with
    {
        Mission = Holds(mission.DeliveryId, mission.Attempt) ? null : Mission,
        Start = Holds(mission.DeliveryId, mission.Attempt) ? null : Start,
        Trouble = Holds(mission.DeliveryId, mission.Attempt) ? null : Trouble,
        Released = [.. Released.TakeLast(EndedCapacity - 1), mission],
    };

    /// <summary>Adds an event; the outbox is cut when it is stored, where those that were handed on leave it.</summary>
    public DroneState WithEvent(DroneEvent occurred) => this with { Outbox = [.. Outbox, occurred] };

    /// <summary>As it is stored: of the missions that ended the last few, and as many more as ended lately; of the events those that were not handed on.</summary>
    public DroneState ToStore(IReadOnlySet<DroneEvent> handedOn, DateTimeOffset now)
    {
        var ended = Released.Select(key => key.At is null ? key with { At = now } : key).ToList();
        return this with
        {
            Released = [.. ended.Where((key, number) => number >= ended.Count - EndedAlwaysKept || now - key.At < EndedKeptFor)],
            Outbox = [.. Outbox.Where(occurred => !handedOn.Contains(occurred)).Take(OutboxCapacity)],
        };
    }
}

/// <summary>Names one mission that ended.</summary>
/// <param name="DeliveryId">What it served.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="Delivered">Whether it ended with the handover.</param>
/// <param name="At">When; null until it is stored, and in what earlier builds wrote.</param>
internal sealed record MissionKey(string DeliveryId, int Attempt, bool Delivered = false, DateTimeOffset? At = null)
{
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>From where a leg of a mission began.</summary>
/// <param name="From">Where.</param>
/// <param name="Since">When, by the service's clock.</param>
internal sealed record MissionStart(GeoPoint From, DateTimeOffset Since)
{
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>What a drone last reported.</summary>
/// <param name="Boot">Number of the boot; -1: its counters begin anew.</param>
/// <param name="Sequence">Number of the report; -1: the same.</param>
/// <param name="Time">When, by the drone's clock.</param>
/// <param name="Position">Last position believed.</param>
/// <param name="Battery">Last charge known.</param>
internal sealed record Sighting(long Boot, long Sequence, DateTimeOffset Time, GeoPoint Position, double Battery)
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>The same with counters that begin anew.</summary>
    public Sighting WithoutCounters() => this with { Boot = -1, Sequence = -1 };

    /// <summary>Whether its counters are newer than another's: a later boot, or the same boot and a higher sequence.</summary>
    /// <param name="other">The last one taken in.</param>
    /// <param name="isAnew">Whether the counters began anew not long ago, so that reports from before may still come. They can be lower or higher: times decide.</param>
    public bool Follows(Sighting? other, bool isAnew)
    {
        if (other is null || other.Boot < 0) return true;
        if (Boot == other.Boot && Sequence > other.Sequence) return true;
        return isAnew && Time != other.Time ? Time > other.Time : Boot > other.Boot;
    }
}
