namespace DroneDelivery.Drones;

/// <summary>Stored form of a drone. Positions between checkpoints live in the grain's memory.</summary>
internal sealed record DroneState
{
    public DroneRegistration? Registration { get; init; }
    public MissionOffer? Mission { get; init; }

    /// <summary>Missions taken back last, so that a late offer of one of them is refused.</summary>
    public IReadOnlyList<MissionKey> Released { get; init; } = [];
    public Sighting? LastSighting { get; init; }
    public CommandLog Commands { get; init; } = new();

    public DroneState WithReleased(MissionKey mission) => this with { Released = [.. Released.TakeLast(7), mission] };
}

/// <summary>Names one mission.</summary>
internal sealed record MissionKey(string DeliveryId, int Attempt);

/// <summary>What a drone last reported.</summary>
internal sealed record Sighting(long Boot, long Sequence, DateTimeOffset Time, GeoPoint Position, double Battery)
{
    /// <summary>Whether it is newer than another: a later boot, or the same boot and a higher sequence.</summary>
    public bool Follows(Sighting? other) =>
        other is null || Boot > other.Boot || (Boot == other.Boot && Sequence > other.Sequence);
}
