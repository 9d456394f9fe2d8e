using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace DroneDelivery.Scheduling;

/// <summary>How full the supervisor shards of this silo are, for whoever reads the meter <c>DroneDelivery.Scheduling</c>: a full one takes no more orders.</summary>
internal sealed class SupervisionMetrics
{
    private readonly ConcurrentDictionary<long, double> _shards = new();

    public SupervisionMetrics(IMeterFactory meters) => meters.Create("DroneDelivery.Scheduling").CreateObservableGauge(
        "dronedelivery.supervision.fullest", () => _shards.IsEmpty ? 0 : _shards.Values.Max(), "1", "Share of its capacity that the fullest shard of this silo has taken.");

    /// <summary>Notes how full a shard is, from 0 to 1.</summary>
    public void Note(long shard, double share) => _shards[shard] = share;

    /// <summary>The shard has gone from this silo.</summary>
    public void Forget(long shard) => _shards.TryRemove(shard, out _);
}
