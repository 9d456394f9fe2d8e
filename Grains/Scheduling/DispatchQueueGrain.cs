using DroneDelivery.Drones;
using DroneDelivery.Navigation;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace DroneDelivery.Scheduling;

/// <summary>
/// Matches all who wait with all who are free in one pass: asks the cells once, then serves the tickets in order.
/// Reentrant, so that requests it calls may call it.
/// </summary>
[GrainType("dispatch-queue"), Reentrant]
internal sealed partial class DispatchQueueGrain(
    IOptions<SchedulingOptions> options, NoFlyZones zones, TimeProvider time, ILogger<DispatchQueueGrain> logger) : Grain, IDispatchQueueGrain
{
    private readonly Dictionary<string, DispatchTicket> _tickets = [];
    private readonly HashSet<string> _offered = [];

    // What requests were told of why they wait.
    private readonly Dictionary<string, string> _held = [];
    private IGrainTimer? _timer;
    private bool _matching;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _timer = this.RegisterGrainTimer(
            Match, new GrainTimerCreationOptions(options.Value.QueueInterval, options.Value.QueueInterval) { Interleave = true });
        return Task.CompletedTask;
    }

    public Task Enqueue(DispatchTicket ticket)
    {
        _tickets[ticket.DeliveryId] = ticket;
        MatchSoon();
        return Task.CompletedTask;
    }

    public Task Withdraw(string deliveryId)
    {
        Remove(deliveryId);
        return Task.CompletedTask;
    }

    public ValueTask DroneFreed()
    {
        if (_tickets.Count > 0) MatchSoon();
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<DispatchTicket>> List() =>
        ValueTask.FromResult<IReadOnlyList<DispatchTicket>>([.. _tickets.Values.Order(Order())]);

    private TicketOrder Order() => new(time.GetUtcNow(), options.Value.AgeingBound);

    private void MatchSoon() => _timer!.Change(TimeSpan.Zero, options.Value.QueueInterval);

    private async Task Match(CancellationToken cancellationToken)
    {
        if (_matching || _tickets.Count == _offered.Count) return;
        _matching = true;
        try
        {
            // All of them, however many: a batch would let those that no drone can carry stand before the others for ever.
            DispatchTicket[] waiting = [.. _tickets.Values.Where(ticket => !_offered.Contains(ticket.DeliveryId)).Order(Order())];
            var sky = new Sky(zones, await GrainFactory.GetGrain<IWeatherGrain>(0).Get());
            var (drones, complete) = await FindDrones(waiting);
            var matched = 0;
            foreach (var ticket in waiting)
            {
                if (drones.Count > 0 && ++matched % options.Value.QueueBatch == 0) await Task.Yield();
                if (!_tickets.ContainsKey(ticket.DeliveryId)) continue;
                var errand = new Errand(ticket.Pickup, ticket.Dropoff, ticket.Weight, ticket.Size, ticket.Deadline);
                if (sky.Obstacle(ticket.Pickup, ticket.Dropoff) is { } obstacle) HoldBack(ticket, obstacle);
                else if (DroneChoice.Best(drones.Values, errand, time.GetUtcNow(), options.Value.BatteryReserve, Wind.Calm, sky) is { } drone)
                {
                    drones.Remove(drone.DroneId);
                    _offered.Add(ticket.DeliveryId);
                    _ = Offer(ticket, drone);
                }
                else if (complete)
                {
                    HoldBack(ticket, "No drone that can carry it is free yet.");
                }
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogMatchFailed(failure, this.GetPrimaryKeyString());
        }
        finally
        {
            _matching = false;
        }
    }

    /// <summary>The free drones around all pickups, and whether every cell knows all of its drones.</summary>
    private async Task<(Dictionary<string, FreeDrone> Drones, bool Complete)> FindDrones(IEnumerable<DispatchTicket> waiting)
    {
        var cells = waiting
            .Select(ticket => ticket.Pickup).DistinctBy(SphericalGrid.Cells.KeyOf)
            .SelectMany(pickup => SphericalGrid.Cells.Within(pickup, options.Value.MaxRange))
            .ToHashSet();
        var answers = await Task.WhenAll(cells.Select(cell => GrainFactory.GetGrain<IAirspaceCellGrain>(cell).Search().AsTask()));
        var drones = new Dictionary<string, FreeDrone>();
        foreach (var drone in answers.SelectMany(answer => answer.Drones))
            if (!drones.TryGetValue(drone.DroneId, out var known) || drone.Version > known.Version) drones[drone.DroneId] = drone;
        return (drones, answers.All(answer => !answer.WarmingUp));
    }

    private async Task Offer(DispatchTicket ticket, FreeDrone drone)
    {
        try
        {
            var cell = GrainFactory.GetGrain<IAirspaceCellGrain>(SphericalGrid.Cells.KeyOf(drone.Position));
            var result = await cell.Claim(drone.DroneId, ticket.DeliveryId)
                ? await GrainFactory.GetGrain<IDeliveryRequestGrain>(ticket.DeliveryId).Assign(drone.DroneId)
                : AssignResult.DroneUnavailable;
            // A ticket replaced meanwhile is another wish: it stays.
            if (result is not AssignResult.DroneUnavailable && _tickets.GetValueOrDefault(ticket.DeliveryId) == ticket) Remove(ticket.DeliveryId);
        }
        catch (Exception failure)
        {
            LogOfferFailed(failure, drone.DroneId, ticket.DeliveryId); // The ticket stays and is tried again.
        }
        finally
        {
            _offered.Remove(ticket.DeliveryId);
        }
    }

    private void Remove(string deliveryId)
    {
        _tickets.Remove(deliveryId);
        _held.Remove(deliveryId);
    }

    private void HoldBack(DispatchTicket ticket, string reason)
    {
        if (_held.GetValueOrDefault(ticket.DeliveryId) == reason) return;
        _held[ticket.DeliveryId] = reason;
        _ = Hold(ticket.DeliveryId, reason);
    }

    private async Task Hold(string deliveryId, string reason)
    {
        try
        {
            await GrainFactory.GetGrain<IDeliveryRequestGrain>(deliveryId).Hold(reason);
        }
        catch (Exception failure)
        {
            LogHoldFailed(failure, deliveryId);
            _held.Remove(deliveryId);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Area} could not look for drones; trying again.")]
    private partial void LogMatchFailed(Exception failure, string area);

    [LoggerMessage(LogLevel.Warning, "Drone {DroneId} could not be offered to {DeliveryId}; trying again.")]
    private partial void LogOfferFailed(Exception failure, string droneId, string deliveryId);

    [LoggerMessage(LogLevel.Warning, "Request {DeliveryId} could not be told that it waits; trying again.")]
    private partial void LogHoldFailed(Exception failure, string deliveryId);
}
