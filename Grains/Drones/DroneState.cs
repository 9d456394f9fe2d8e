namespace DroneDelivery.Drones;

/// <summary>Stored form of a drone. Positions between checkpoints live in the grain's memory.</summary>
internal sealed record DroneState
{
    private const int EndedCapacity = 8;
    private const int OutboxCapacity = 32;

    public DroneRegistration? Registration { get; init; }
    public MissionOffer? Mission { get; init; }

    /// <summary>Missions ended last, so that a late offer of one of them is refused.</summary>
    public IReadOnlyList<MissionKey> Released { get; init; } = [];
    public Sighting? LastSighting { get; init; }

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
        Trouble = Holds(mission.DeliveryId, mission.Attempt) ? null : Trouble,
        Released = [.. Released.TakeLast(EndedCapacity - 1), mission],
    };

    public DroneState WithEvent(DroneEvent occurred) => this with { Outbox = [.. Outbox.TakeLast(OutboxCapacity - 1), occurred] };
}

/// <summary>Names one mission that ended.</summary>
/// <param name="DeliveryId">What it served.</param>
/// <param name="Attempt">Its number.</param>
/// <param name="Delivered">Whether it ended with the handover.</param>
internal sealed record MissionKey(string DeliveryId, int Attempt, bool Delivered = false);

/// <summary>What a drone last reported.</summary>
internal sealed record Sighting(long Boot, long Sequence, DateTimeOffset Time, GeoPoint Position, double Battery)
{
    /// <summary>Whether it is newer than another: a later boot, or the same boot and a higher sequence.</summary>
    public bool Follows(Sighting? other) =>
        other is null || Boot > other.Boot || (Boot == other.Boot && Sequence > other.Sequence);
}
