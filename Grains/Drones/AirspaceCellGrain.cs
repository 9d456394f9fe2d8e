using DroneDelivery.Navigation;
using DroneDelivery.Scheduling;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Drones;

[GrainType("airspace-cell")]
internal sealed class AirspaceCellGrain(IOptions<DroneOptions> options, TimeProvider time) : Grain, IAirspaceCellGrain
{
    private readonly Dictionary<string, Entry> _drones = [];
    private DateTimeOffset _warmAt;

    private sealed record Entry(FreeDrone Drone, DateTimeOffset SeenAt, string? ClaimedFor, DateTimeOffset ClaimedUntil);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _warmAt = time.GetUtcNow() + (1.5 * options.Value.CellRefresh);
        return Task.CompletedTask;
    }

    public ValueTask Enter(FreeDrone drone)
    {
        var known = _drones.GetValueOrDefault(drone.DroneId);
        if (known is not null && drone.Version < known.Drone.Version) return ValueTask.CompletedTask;

        _drones[drone.DroneId] = known is null
            ? new Entry(drone, time.GetUtcNow(), null, default)
            : known with { Drone = drone, SeenAt = time.GetUtcNow() };
        if (known is null)
            GrainFactory.GetGrain<IDispatchQueueGrain>(SphericalGrid.Areas.KeyOf(drone.Position)).DroneFreed().AsTask().Ignore();
        return ValueTask.CompletedTask;
    }

    public ValueTask Leave(string droneId, long version)
    {
        if (_drones.TryGetValue(droneId, out var known) && version >= known.Drone.Version) _drones.Remove(droneId);
        return ValueTask.CompletedTask;
    }

    public ValueTask<CellAnswer> Search()
    {
        var now = time.GetUtcNow();
        foreach (var (id, entry) in _drones)
            if (now - entry.SeenAt > 3 * options.Value.CellRefresh) _drones.Remove(id);

        FreeDrone[] free = [.. _drones.Values.Where(entry => entry.ClaimedUntil <= now).Select(entry => entry.Drone)];
        return ValueTask.FromResult(new CellAnswer(now < _warmAt, free));
    }

    public ValueTask<bool> Claim(string droneId, string deliveryId)
    {
        var now = time.GetUtcNow();
        if (!_drones.TryGetValue(droneId, out var entry)) return ValueTask.FromResult(false);
        if (entry.ClaimedUntil > now && entry.ClaimedFor != deliveryId) return ValueTask.FromResult(false);

        _drones[droneId] = entry with { ClaimedFor = deliveryId, ClaimedUntil = now + options.Value.Claim };
        return ValueTask.FromResult(true);
    }
}
