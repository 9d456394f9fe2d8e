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
    IOptions<SchedulingOptions> options, FlightReserve reserve, NoFlyZones zones, TimeProvider time, ILogger<DispatchQueueGrain> logger) : Grain, IDispatchQueueGrain
{
    private const int FreeRefusals = 2;

    private readonly Dictionary<string, DispatchTicket> _tickets = [];
    private readonly HashSet<string> _offered = [];

    // What requests were told of why they wait.
    private readonly Dictionary<string, string> _held = [];

    // Requests that drones refused, or that could not be asked.
    private readonly Dictionary<string, Refusals> _refusals = [];

    // Requests of which the fleet could carry any at best, with the ticket and the version of what was known of the fleet.
    private readonly Dictionary<string, (DispatchTicket Ticket, int Version)> _possible = [];
    private readonly FleetView _fleet = new(options.Value, time);
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

    private double Reserve => reserve.OfCapacity;

    private TicketOrder Order() => new(time.GetUtcNow(), options.Value.AgeingBound);

    private void MatchSoon() => _timer!.Change(TimeSpan.Zero, options.Value.QueueInterval);

    private async Task Match(CancellationToken cancellationToken)
    {
        if (_matching || _tickets.Count == _offered.Count) return;
        _matching = true;
        try
        {
            // All of them, however many: a batch would let those that no drone can carry stand before the others for ever.
            var now = time.GetUtcNow();
            var idle = _tickets.Values.Where(ticket => !_offered.Contains(ticket.DeliveryId) && !IsPaused(ticket, now));
            DispatchTicket[] waiting = [.. idle.Order(Order())];
            var sky = new Sky(zones, await GrainFactory.GetGrain<IWeatherGrain>(0).Get());
            var (drones, complete) = await FindDrones(waiting);
            var matched = 0;
            var left = new List<DispatchTicket>();
            foreach (var ticket in waiting)
            {
                if (drones.Count > 0 && ++matched % options.Value.QueueBatch == 0) await Task.Yield();
                if (!_tickets.ContainsKey(ticket.DeliveryId)) continue;
                var errand = new Errand(ticket.Pickup, ticket.Dropoff, ticket.Weight, ticket.Size, ticket.Deadline);
                if (sky.Obstacle(ticket.Pickup, ticket.Dropoff) is { } obstacle) HoldBack(ticket, obstacle);
                else if (DroneChoice.Best(Willing(drones, ticket, now), errand, now, Reserve, Wind.Calm, sky) is { } drone)
                {
                    drones.Remove(drone.DroneId);
                    _offered.Add(ticket.DeliveryId);
                    _ = Offer(ticket, drone);
                }
                else left.Add(ticket);
            }

            if (left.Count > 0) await Explain(left, complete);
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

    /// <summary>Tells those for which no drone is free whether any could ever carry them.</summary>
    private async Task Explain(List<DispatchTicket> left, bool complete)
    {
        if (_fleet.IsDue) _ = AskFleet(); // A slow answer holds up nobody.
        if (!_fleet.IsAsked) return;
        var judged = 0;
        foreach (var ticket in left.Where(ticket => _tickets.GetValueOrDefault(ticket.DeliveryId) == ticket))
        {
            if (_fleet.Reach is { } reach && _possible.GetValueOrDefault(ticket.DeliveryId) != (ticket, _fleet.Version))
            {
                if (++judged % options.Value.QueueBatch == 0) await Task.Yield();
                _possible[ticket.DeliveryId] = (ticket, _fleet.Version);
                if (reach.Objection(ticket, options.Value.MaxRange, Reserve) is { } never)
                {
                    _ = Refuse(ticket, never);
                    continue;
                }
            }

            if (complete && !_offered.Contains(ticket.DeliveryId)) HoldBack(ticket, "No drone that can carry it is free yet.");
        }
    }

    private async Task AskFleet()
    {
        try
        {
            if (await _fleet.Refresh(GrainFactory)) MatchSoon();
        }
        catch (Exception failure)
        {
            LogFleetUnknown(failure, this.GetPrimaryKeyString());
            MatchSoon();
        }
    }

    private async Task Refuse(DispatchTicket ticket, string reason)
    {
        _offered.Add(ticket.DeliveryId);
        try
        {
            var refused = await GrainFactory.GetGrain<IDeliveryRequestGrain>(ticket.DeliveryId).Refuse(ticket, reason);
            if (refused && _tickets.GetValueOrDefault(ticket.DeliveryId) == ticket) Remove(ticket.DeliveryId);
        }
        catch (Exception failure)
        {
            LogRefusalFailed(failure, ticket.DeliveryId);
            _possible.Remove(ticket.DeliveryId);
        }
        finally
        {
            _offered.Remove(ticket.DeliveryId);
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

    private bool IsPaused(DispatchTicket ticket, DateTimeOffset now) =>
        ticket.NotBefore > now || _refusals.GetValueOrDefault(ticket.DeliveryId)?.PausedUntil > now;

    /// <summary>Drones that have not refused it lately.</summary>
    private IEnumerable<FreeDrone> Willing(Dictionary<string, FreeDrone> drones, DispatchTicket ticket, DateTimeOffset now) =>
        _refusals.TryGetValue(ticket.DeliveryId, out var refusals)
            ? drones.Values.Where(drone => !(refusals.Until.GetValueOrDefault(drone.DroneId) > now))
            : drones.Values;

    /// <summary>The next drone is asked at once, or after a growing pause when many refused or the request could not be asked.</summary>
    /// <param name="ticket">The request.</param>
    /// <param name="drone">Who refused, and is passed over for a while; null: it was not the drone.</param>
    private void Refused(DispatchTicket ticket, FreeDrone? drone)
    {
        var now = time.GetUtcNow();
        if (!_refusals.TryGetValue(ticket.DeliveryId, out var refusals)) _refusals.Add(ticket.DeliveryId, refusals = new Refusals());
        foreach (var id in refusals.Until.Where(entry => entry.Value <= now).Select(entry => entry.Key).ToList()) refusals.Until.Remove(id);
        if (drone is not null) refusals.Until[drone.DroneId] = now + options.Value.RefusalPause;
        _held.Remove(ticket.DeliveryId); // It has been scheduling meanwhile, and hears again that it waits.
        var pauses = ++refusals.Count - FreeRefusals;
        if (pauses > 0)
            refusals.PausedUntil = now + Retry.Delay(this.GetGrainId(), pauses, options.Value.FirstRetry, options.Value.LastRetry);
    }

    private async Task Offer(DispatchTicket ticket, FreeDrone drone)
    {
        bool? refused = null;
        try
        {
            var cell = GrainFactory.GetGrain<IAirspaceCellGrain>(SphericalGrid.Cells.KeyOf(drone.Position));
            if (!await cell.Claim(drone.DroneId, ticket.DeliveryId))
            {
                refused = false; // Another queue was faster, and nobody was asked.
                return;
            }

            refused = await GrainFactory.GetGrain<IDeliveryRequestGrain>(ticket.DeliveryId).Assign(drone.DroneId) is AssignResult.DroneUnavailable;
            // A ticket replaced meanwhile is another wish: it stays.
            if (refused == false && _tickets.GetValueOrDefault(ticket.DeliveryId) == ticket) Remove(ticket.DeliveryId);
        }
        catch (Exception failure)
        {
            LogOfferFailed(failure, drone.DroneId, ticket.DeliveryId); // The ticket stays and is tried again.
        }
        finally
        {
            _offered.Remove(ticket.DeliveryId);
            if (refused != false && _tickets.ContainsKey(ticket.DeliveryId)) Refused(ticket, refused == true ? drone : null);
        }
    }

    private void Remove(string deliveryId)
    {
        _tickets.Remove(deliveryId);
        _held.Remove(deliveryId);
        _refusals.Remove(deliveryId);
        _possible.Remove(deliveryId);
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

    /// <summary>What drones said of one request.</summary>
    private sealed class Refusals
    {
        public int Count { get; set; }

        /// <summary>Until when no drone is offered.</summary>
        public DateTimeOffset PausedUntil { get; set; }

        /// <summary>Until when the drones that refused are passed over.</summary>
        public Dictionary<string, DateTimeOffset> Until { get; } = [];
    }

    [LoggerMessage(LogLevel.Warning, "Queue {Area} could not look for drones; trying again.")]
    private partial void LogMatchFailed(Exception failure, string area);

    [LoggerMessage(LogLevel.Warning, "Queue {Area} could not ask what the fleet can do; requests that no drone can carry wait like others.")]
    private partial void LogFleetUnknown(Exception failure, string area);

    [LoggerMessage(LogLevel.Warning, "Request {DeliveryId} could not be told that no drone can carry it; trying again.")]
    private partial void LogRefusalFailed(Exception failure, string deliveryId);

    [LoggerMessage(LogLevel.Warning, "Drone {DroneId} could not be offered to {DeliveryId}; trying again.")]
    private partial void LogOfferFailed(Exception failure, string droneId, string deliveryId);

    [LoggerMessage(LogLevel.Warning, "Request {DeliveryId} could not be told that it waits; trying again.")]
    private partial void LogHoldFailed(Exception failure, string deliveryId);
}
