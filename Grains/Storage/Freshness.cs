namespace DroneDelivery.Storage;

/// <summary>For how long an activation answers from memory without having heard of its store: so long can one of two lives of a grain be behind the other.</summary>
internal static class Freshness
{
    /// <summary>The bound. A delivery that flies for ten minutes and is watched pays for it with a read or two.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);
}
