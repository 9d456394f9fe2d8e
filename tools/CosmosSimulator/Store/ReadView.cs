namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>What a read sees: what a replica has that lags. The default sees everything.</summary>
/// <param name="Lag">How far the replica lags.</param>
/// <param name="AtLeast">The write that the replica must have, by its number, as the client's session token says.</param>
internal readonly record struct ReadView(TimeSpan Lag, long AtLeast)
{
    /// <summary>The last write that it sees.</summary>
    public long Position(ReplicaHistory history) => Math.Max(history.Position(Lag), Math.Min(AtLeast, history.Last));
}
