namespace DroneDelivery.Scheduling;

/// <summary>Spreads requests over supervisor shards.</summary>
internal static class SupervisorShards
{
    /// <summary>Number of shards; stored shards depend on it, so it never changes.</summary>
    public const int Count = 64;

    /// <summary>The shard of a request, by Orleans' uniform hash: the same in every process and version.</summary>
    public static int Of(GrainId request) => (int)(request.GetUniformHashCode() % Count);
}
