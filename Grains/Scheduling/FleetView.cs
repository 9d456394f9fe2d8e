using DroneDelivery.Drones;
using DroneDelivery.Navigation;

namespace DroneDelivery.Scheduling;

/// <summary>
/// What is known of the whole fleet, asked for now and then. It says nothing while any of it is unknown, no drone has registered at all, or new kinds of drones
/// have registered lately: nothing may be called impossible that is not.
/// </summary>
internal sealed class FleetView(SchedulingOptions options, TimeProvider time)
{
    private readonly FleetPart?[] _parts = new FleetPart?[FleetShards.Count];
    private DateTimeOffset _askedAt = DateTimeOffset.MinValue;
    private bool _asking;

    /// <summary>What the fleet could do at best; null: not known.</summary>
    public FleetReach? Reach { get; private set; }

    /// <summary>Grows with every change of <see cref="Reach"/>.</summary>
    public int Version { get; private set; }

    /// <summary>Whether it is time to ask.</summary>
    public bool IsDue => options.FleetRefresh > TimeSpan.Zero && !_asking && time.GetUtcNow() - _askedAt >= options.FleetRefresh;

    /// <summary>Whether there was an answer yet, or it is known that none can be had.</summary>
    public bool IsAsked { get; private set; } = options.FleetRefresh == TimeSpan.Zero;

    /// <summary>Asks again; true when what is known has changed.</summary>
    public async Task<bool> Refresh(IGrainFactory grains)
    {
        var first = !IsAsked;
        (_asking, _askedAt) = (true, time.GetUtcNow());
        try
        {
            return await Ask(grains) || first;
        }
        finally
        {
            (_asking, IsAsked) = (false, true);
        }
    }

    private async Task<bool> Ask(IGrainFactory grains)
    {
        var answers = await Task.WhenAll(_parts.Select((part, shard) => grains.GetGrain<IFleetGrain>(shard).Describe(part?.Version ?? 0).AsTask()));
        var changed = false;
        for (var shard = 0; shard < answers.Length; shard++)
        {
            changed |= answers[shard].Version != _parts[shard]?.Version;
            _parts[shard] = answers[shard].Kinds is null ? answers[shard] with { Kinds = _parts[shard]?.Kinds } : answers[shard];
        }

        var known = _parts.All(part => part is { Unknown: 0, Kinds: not null }) && _parts.Any(part => part!.Kinds!.Count > 0)
            && time.GetUtcNow() - _parts.Max(part => part!.ChangedAt) >= options.FleetSettling;
        if (known == (Reach is not null) && !changed) return false;
        Reach = known ? new FleetReach([.. _parts.SelectMany(part => part!.Kinds!).Distinct()]) : null;
        Version++;
        return true;
    }
}
