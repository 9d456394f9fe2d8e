using DroneDelivery.Accounts;
using DroneDelivery.Drones;
using DroneDelivery.Invoicing;
using DroneDelivery.Notifications;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.ThirdParty;

namespace DroneDelivery.Simulation;

/// <summary>The invariants of the design, written out a second time and asserted over what is stored, answered and carried.</summary>
internal sealed class Invariants(SimulatedWorld world)
{
    // Written out from the specification: what may follow a status.
    private static readonly Dictionary<RequestStatus, RequestStatus[]> Statuses = new()
    {
        [RequestStatus.Accepted] = [RequestStatus.Scheduling, RequestStatus.Waiting, RequestStatus.Rejected, RequestStatus.Cancelled, RequestStatus.DeadLettered],
        // What is stored next to Scheduling can be what follows Scheduled, which is not stored by itself.
        [RequestStatus.Scheduling] = [RequestStatus.Waiting, RequestStatus.Scheduled, RequestStatus.Rejected, RequestStatus.Cancelled, RequestStatus.DeadLettered, RequestStatus.Incident, RequestStatus.Completed],
        [RequestStatus.Waiting] = [RequestStatus.Scheduling, RequestStatus.Scheduled, RequestStatus.Rejected, RequestStatus.Cancelled, RequestStatus.DeadLettered],
        [RequestStatus.Scheduled] = [RequestStatus.Scheduling, RequestStatus.Incident, RequestStatus.Completed, RequestStatus.Cancelled, RequestStatus.DeadLettered],
        [RequestStatus.DeadLettered] = [RequestStatus.Scheduling, RequestStatus.Failed, RequestStatus.Cancelled],
        [RequestStatus.Incident] = [RequestStatus.Scheduled, RequestStatus.Completed, RequestStatus.Failed, RequestStatus.Cancelled, RequestStatus.DeadLettered],
        [RequestStatus.Rejected] = [],
        [RequestStatus.Cancelled] = [],
        [RequestStatus.Completed] = [],
        [RequestStatus.Failed] = [],
    };

    private readonly Dictionary<string, HashSet<(string Drone, int Attempt)>> _pickups = [];
    private readonly Dictionary<string, int> _handovers = [];
    private readonly Dictionary<(string DeliveryId, long Number), TrackingEvent> _told = [];
    private readonly Dictionary<(GrainId Grain, CommandId Command), CommandResult> _succeeded = [];
    private readonly Dictionary<string, (object By, GeoPoint Place, DateTimeOffset At)> _seen = [];

    /// <summary>No drone flies from a pickup to its dropoff in less.</summary>
    public static TimeSpan TooSoon { get; } = TimeSpan.FromSeconds(0.1);

    private SimulatedStores Stores => world.Cluster.Stores;

    /// <summary>Whether every request has ended or stands where operators see it, and nothing is left to do.</summary>
    public bool IsAtRest => world.Clients.All(client => Request(client) switch
    {
        null => !client.WasAccepted,
        { Status: RequestStatus.DeadLettered } request => IsPoisoned(request) && Flagged(client, RequestFlag.DeadLetter),
        var request => request.Status.IsFinal() && (request.Flag is not { } flag || Flagged(client, flag)),
    }) && world.Fleet.All(drone => drone.LastOutcome is null or TelemetryOutcome.Accepted) && world.Clients.All(client => Untold(client) is null && Unheard(client) is null) && Stores.All<PartnerState>().All(partner => partner.State.Orders.Values.All(order => order.Handed == order.Status || Find(order.Order!.DeliveryId)?.Status is RequestStatus.DeadLettered))
        && Stores.All<DroneState>().All(drone => drone.State.Mission is null || Find(drone.State.Mission.DeliveryId)?.Status is RequestStatus.DeadLettered);

    /// <summary>After every write: moves along the tables, gap-free events.</summary>
    public static void Check(GrainId id, object? before, object after)
    {
        switch (after)
        {
            case DeliveryRequestState { Archived: true }:
                Require(before is DeliveryRequestState { Status: var status } && status.IsFinal(), $"10: {id} was archived before its end.");
                break;
            case DeliveryState { Archived: true }:
                break;
            case DeliveryRequestState request:
                var from = (before as DeliveryRequestState)?.Status ?? RequestStatus.Accepted;
                Require(from == request.Status || Statuses[from].Contains(request.Status), $"3: {id} went from {from} to {request.Status}.");
                Require(before is null || request.LastAttempt >= ((DeliveryRequestState)before).LastAttempt, $"2: attempts of {id} went back.");
                break;
            case DeliveryState delivery:
                CheckEvents(id, before as DeliveryState, delivery);
                break;
            case PackageState package:
                Require(before is null || ((PackageState)before).OwnerId == package.OwnerId, $"6: {id} changed its owner.");
                break;
        }
    }

    /// <summary>After every write: no parcel is handed over by what a drone says that is not there, nor by one that cannot be there yet.</summary>
    public void CheckPlaces(GrainId id, object? before, object after)
    {
        if (after is not DeliveryState { DroneId: { } carrier, HandedOverAt: not null, Archived: not true, Events: [.., { Location: { } place }] } delivery) return;
        if ((before as DeliveryState)?.HandedOverAt is not null || world.Fleet.FirstOrDefault(drone => drone.Id == carrier) is not { } drone) return;
        if (_handovers.ContainsKey(id.Key.ToString()!)) return;
        Require(place.DistanceTo(delivery.Plan!.Dropoff.Location) < 100, $"10 place: {carrier} was believed that it handed {id} over {place.DistanceTo(delivery.Plan.Dropoff.Location)} m from the dropoff.");
        Require(world.Cluster.Time.Now - drone.AskedAt >= TooSoon, $"10 place: {carrier} was believed that it handed {id} over as soon as it had the parcel.");
    }

    /// <summary>A drone grain answered: it gives no parcel to a drone that it has just seen elsewhere.</summary>
    public void Told(SimulatedCluster.Call call, object? result)
    {
        var droneId = call.Target.Key.ToString()!;
        if (call.Arguments is [TelemetryReport report] && result is TelemetryAnswer { Outcome: TelemetryOutcome.Accepted, Doubt: null })
        {
            if (report.Position != default) _seen[droneId] = (call.Executor!, report.Position, world.Cluster.Time.Now);
            return;
        }

        if (call.Method.Name != nameof(IDroneGrain.RequestPickup) || result is not CommandResult { Succeeded: true }) return;
        var (deliveryId, attempt) = ((string)call.Arguments[1]!, (int)call.Arguments[2]!);
        if (!world.Fleet.Single(drone => drone.Id == droneId).AskedThere.Add((deliveryId, attempt)) || !_seen.TryGetValue(droneId, out var seen) || seen.By != call.Executor) return;
        var pickup = world.Clients.Single(client => client.Id == deliveryId).Order.Pickup.Location;
        Require(seen.Place.DistanceTo(pickup) < 100 || world.Cluster.Time.Now > seen.At, $"10 place: {droneId} got the parcel of {deliveryId} and was {seen.Place.DistanceTo(pickup)} m away.");
    }

    /// <summary>A drone took a parcel.</summary>
    public void PickedUp(string deliveryId, string drone, int attempt)
    {
        if (!_pickups.TryGetValue(deliveryId, out var pickups)) _pickups.Add(deliveryId, pickups = []);
        pickups.Add((drone, attempt));
        Require(pickups.Count == 1, $"2: the parcel of {deliveryId} was picked up twice: {string.Join(", ", pickups)}.");
    }

    /// <summary>A drone handed a parcel over.</summary>
    public void HandedOver(string deliveryId) => _handovers[deliveryId] = _handovers.GetValueOrDefault(deliveryId) + 1;

    /// <summary>A client was told what happened to its delivery.</summary>
    public void Told(string deliveryId, IReadOnlyList<TrackingEvent> history)
    {
        Require(history.Select(entry => entry.Sequence).SequenceEqual(Enumerable.Range(1, history.Count).Select(number => (long)number)), $"told: events of {deliveryId} have gaps.");
        foreach (var entry in history)
        {
            if (!_told.TryAdd((deliveryId, entry.Sequence), entry))
                Require(_told[(deliveryId, entry.Sequence)] == entry, $"told: the client of {deliveryId} heard {_told[(deliveryId, entry.Sequence)]}, then {entry}.");
        }
    }

    /// <summary>A request told its supervisor that nothing is left to do: nobody looks after it and its delivery any more.</summary>
    public void Left(string deliveryId)
    {
        var client = world.Clients.Single(client => client.Id == deliveryId);
        // Not stored yet: its client was told nothing, and registers it again.
        if (Request(client) is not { Archived: not true } request || (request.Status == RequestStatus.Accepted && !client.WasAccepted)) return;
        Require(request.Status.IsFinal(), $"1: {deliveryId} left its supervisor as {request.Status}.");
        if (Untold(client) is { } untold) throw new InvariantException($"{untold} It has left its supervisor.");
    }

    /// <summary>A request answers a client's command: one that has succeeded is answered the same whenever it comes again. An old life may not know of it yet.</summary>
    public void Answered(SimulatedCluster.Call call, object? result)
    {
        if (call.Interface != typeof(IDeliveryRequestGrain) || world.Cluster.Strays.Contains(call.Executor!)) return;
        if (call.Arguments is not [CommandId command, ..] || result is not CommandResult { Outcome: not CommandOutcome.Busy } answer) return;
        if (_succeeded.TryGetValue((call.Target, command), out var first))
            Require(answer == first, $"7: {command} of {call.Target} was answered {first} and then {answer}.");
        else if (answer.Succeeded) _succeeded.Add((call.Target, command), answer);
    }

    /// <summary>When all is at rest.</summary>
    public void CheckEnd()
    {
        foreach (var client in world.Clients)
        {
            CheckEnd(client);
            CheckAnswersAndEffects(client);
        }

        foreach (var drone in world.Fleet)
            Require(drone.LastOutcome is null or TelemetryOutcome.Accepted, $"10 heard: {drone.Id} is not heard any more: {drone.LastOutcome}.");

        foreach (var (id, drone) in Stores.All<DroneState>())
        {
            if (drone.Mission is not { } mission) continue;
            Require(!Find(mission.DeliveryId)!.Status.IsFinal(), $"4: {id} still has the mission of {mission.DeliveryId}, which has ended.");
        }

        foreach (var order in world.Cluster.Partner.Orders)
        {
            if (Find(order.DeliveryId) is not { Status: RequestStatus.Cancelled or RequestStatus.Rejected or RequestStatus.Failed } ended) continue;
            Require(order.Status is not (PartnerStatus.Asked or PartnerStatus.Accepted or PartnerStatus.HeadedToPickup), $"4: {ended.Status}, but the partner has {order}.");
        }

        foreach (var (id, account) in Stores.All<AccountState>())
            Require(account.Open.Keys.All(delivery => Find(delivery)?.Status.IsFinal() != true), $"4: {id} still counts a request that has ended.");

        foreach (var (id, ledger) in Stores.All<LedgerState>())
        {
            var weight = ledger.Deliveries.Sum(delivery => (decimal)world.Clients.Single(client => client.Id == delivery).Order.Package.Weight);
            Require(ledger.Weight == weight, $"5: {id} counts {ledger.Weight} kg of {weight} kg.");
        }
    }

    private void CheckEnd(SimulatedClient client)
    {
        var request = Request(client);
        Require(!client.WasAccepted || request is not null, $"1: {client.Id} was accepted and is gone.");
        if (request is null) return;

        var delivery = Stores.Find<DeliveryState>(SimulatedCluster.Id<IDeliveryGrain>(client.Id));
        var known = $"{client.Id} is {request.Status} ({request.Reason}), its delivery {delivery?.Stage}, drone {delivery?.DroneId}, attempt {delivery?.Attempt}, of {request.Transport}.";
        Require(request.Status.IsFinal() || request.Status is RequestStatus.DeadLettered or RequestStatus.Incident, $"1: {known}");
        Require(request.Status != RequestStatus.DeadLettered || IsPoisoned(request), $"1: no poison, but {known}");
        if (request.Flag is { } flag) Require(Flagged(client, flag), $"1: operators do not see that {known}");
        if (request.Status == RequestStatus.Completed)
        {
            Require(delivery?.Stage == DeliveryStage.Completed, $"3: {known}");
            Require(client.ResolvedByHand || _handovers.GetValueOrDefault(client.Id) == 1, $"1: completed, but handed over {_handovers.GetValueOrDefault(client.Id)} times: {known}");
        }

        if (request.Status is RequestStatus.Cancelled or RequestStatus.Rejected)
        {
            Require(delivery is null || delivery.Stage == DeliveryStage.Cancelled, $"3: {known}");
            Require(!_pickups.ContainsKey(client.Id), $"2: its parcel was picked up, but {known}");
        }

        if (delivery?.Plan is not null)
        {
            var told = _told.Where(entry => entry.Key.DeliveryId == client.Id).Select(entry => entry.Value).OrderBy(entry => entry.Sequence).ToList();
            Require(told.SequenceEqual(delivery.Events.Take(told.Count)), $"told: the client heard {string.Join(", ", told)}, but {known}");
        }

        if (Untold(client) is { } untold) throw new InvariantException($"{untold} {known}");
        if (Unheard(client) is { } unheard) throw new InvariantException($"{unheard} {known}");
        if (client.WasCancelled) Require(request.Status == RequestStatus.Cancelled, $"7: cancelled, but {known}");
        if (request.Status.IsFinal() && request.Status != RequestStatus.Completed)
            Require(delivery?.DroneId is null, $"4: {known}");
        var package = Stores.Find<PackageState>(SimulatedCluster.Id<IPackageGrain>(client.Order.PackageId));
        if (request.Status == RequestStatus.Completed) Require(package?.OwnerId == client.Order.OwnerId, $"6: somebody else's package: {known}");
    }

    /// <summary>What the ledger or the index does not know of a request and its delivery, if anything.</summary>
    private string? Untold(SimulatedClient client)
    {
        if (Request(client) is not { } request) return null;
        var delivery = Stores.Find<DeliveryState>(SimulatedCluster.Id<IDeliveryGrain>(client.Id));
        var counted = Stores.All<LedgerState>().Sum(ledger => ledger.State.Deliveries.Count(counted => counted == client.Id));
        if (counted != (delivery?.Stage == DeliveryStage.Completed ? 1 : 0)) return $"5: {client.Id} is {delivery?.Stage} and counts {counted} times.";

        var stage = delivery is { Plan: not null } ? delivery.Stage : request.Status.IsFinal() ? DeliveryStage.Cancelled : DeliveryStage.Created;
        var row = world.Cluster.Index.Find(client.Id);
        return row?.Stage == stage && row.OwnerId == client.Order.OwnerId ? null : $"8: {client.Id} is {stage}, but its row says {row}.";
    }

    /// <summary>What did not reach the owner's webhook, or not in order, if anything. An event may come again; what counts is when it came first.</summary>
    private string? Unheard(SimulatedClient client)
    {
        if (world.Listening != true || Request(client) is not { } request) return null;
        var events = Stores.Find<DeliveryState>(SimulatedCluster.Id<IDeliveryGrain>(client.Id))?.Events ?? [];
        // The first, that it was asked for, the request tells.
        var flown = events.Where((entry, number) => number > 0 && (number == 1 || events[number - 1].Stage != entry.Stage) && entry.Stage != DeliveryStage.Cancelled)
            .Select(entry => DeliveryNotice.SequenceOf(entry.Sequence));
        var heard = (world.Cluster.Receivers.Received.GetValueOrDefault(client.Order.OwnerId) ?? []).Where(notice => notice.DeliveryId == client.Id)
            .DistinctBy(notice => notice.Id).ToList();
        var told = string.Join(", ", heard.Select(notice => $"{notice.Kind} {notice.Sequence}"));
        if (!Heard(flying: true).SequenceEqual(flown)) return $"9: the owner of {client.Id} heard {told}; the delivery went {string.Join(", ", events.Select(entry => entry.Stage))}.";
        if (!Heard(flying: false).SequenceEqual(Enumerable.Range(1, (int)request.LastNotice).Select(number => DeliveryNotice.SequenceOf(number))))
            return $"9: the owner of {client.Id} heard {told}; its request has {request.LastNotice} notices.";
        if (heard[0].Kind != NoticeKind.DeliveryRequested) return $"9: the owner of {client.Id} heard {told}, the request not first.";
        var end = heard.FindIndex(notice => notice.Kind is NoticeKind.DeliveryCompleted or NoticeKind.DeliveryCancelled or NoticeKind.DeliveryRejected or NoticeKind.DeliveryFailed);
        return !request.Status.IsFinal() || end == heard.Count - 1 ? null : $"9: the owner of {client.Id} heard {told}, the end not last.";

        IEnumerable<string> Heard(bool flying) => heard.Where(notice => notice.Kind >= NoticeKind.DeliveryCreated == flying).Select(notice => notice.Sequence);
    }

    private void CheckAnswersAndEffects(SimulatedClient client)
    {
        var done = client.Answers.Count(entry => entry.Key.Value.StartsWith("reschedule", StringComparison.Ordinal) && entry.Value.Any(answer => answer.Succeeded));
        if (Request(client) is not { } request) return;
        Require(request.Revision >= done && request.Revision <= client.Reschedules, $"7: {client.Id} was changed {request.Revision} times by {done} to {client.Reschedules} commands.");
    }

    /// <summary>Whether it is a dead letter with good reason: people have to do something.</summary>
    private static bool IsPoisoned(DeliveryRequestState request) => request.Reason?.Contains("The document is poison.", StringComparison.Ordinal) == true;

    private bool Flagged(SimulatedClient client, RequestFlag flag) =>
        Stores.Find<SupervisorState>(SimulatedCluster.Id<ISupervisorGrain>(client.Shard))?.Flags.GetValueOrDefault(client.Id)?.Flag == flag;

    private static void CheckEvents(GrainId id, DeliveryState? before, DeliveryState after)
    {
        var known = before?.Events ?? [];
        Require(after.Events.Select(entry => entry.Sequence).SequenceEqual(Enumerable.Range(1, after.Events.Count).Select(number => (long)number)), $"3: events of {id} have gaps.");
        Require(after.Events.Take(known.Count).SequenceEqual(known), $"3: events of {id} were rewritten.");
        for (var number = 1; number < after.Events.Count; number++)
        {
            var (from, to) = (after.Events[number - 1].Stage, after.Events[number].Stage);
            Require(from == to || (from, to) switch
            {
                (DeliveryStage.Created or DeliveryStage.Rescheduled, DeliveryStage.HeadedToPickup) => true,
                (DeliveryStage.Created or DeliveryStage.HeadedToPickup, DeliveryStage.Rescheduled) => true,
                (DeliveryStage.Created or DeliveryStage.Rescheduled or DeliveryStage.HeadedToPickup, DeliveryStage.Cancelled) => true,
                (DeliveryStage.HeadedToPickup, DeliveryStage.HeadedToDropoff) => true,
                (DeliveryStage.HeadedToDropoff, DeliveryStage.Completed) => true,
                _ => false,
            }, $"3: {id} went from {from} to {to}.");
        }
    }

    private DeliveryRequestState? Request(SimulatedClient client) => Find(client.Id);

    private DeliveryRequestState? Find(string deliveryId) => Stores.Find<DeliveryRequestState>(SimulatedCluster.Id<IDeliveryRequestGrain>(deliveryId));

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new InvariantException(otherwise);
    }
}
