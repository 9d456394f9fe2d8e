namespace DroneDelivery.Processes;

/// <summary>The store of a cluster under test, which its processes find by settings and tests look into.</summary>
internal abstract class ClusterStore : IAsyncDisposable
{
    /// <summary>Names the store to a silo, a gateway or a client on this machine.</summary>
    public abstract IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>How many requests for deliveries it holds.</summary>
    public abstract Task<long> StoredRequestsAsync();

    /// <summary>Whether the cluster counts the silo as a member.</summary>
    public abstract Task<bool> IsMemberAsync(SiloProcess silo);

    /// <summary>The containers of which documents hold this text, once for each; in local mode they are those that the grains' states would have.</summary>
    public abstract Task<IReadOnlyList<string>> FindAsync(string text);

    public abstract ValueTask DisposeAsync();
}
