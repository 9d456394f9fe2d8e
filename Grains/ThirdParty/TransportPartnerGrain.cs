using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace DroneDelivery.ThirdParty;

/// <summary>
/// Reentrant, so that a slow partner holds up one order and not all; writes of concurrent calls are grouped. Whoever asks after an
/// order, as the requests do, brings it back to life.
/// </summary>
[GrainType("transport-partner"), Reentrant]
internal sealed partial class TransportPartnerGrain(
    [PersistentState("partner", GrainStores.ThirdParty)] IPersistentState<PartnerState> store,
    ITransportPartner partner,
    IOptions<ThirdPartyOptions> options,
    TimeProvider time,
    ILogger<TransportPartnerGrain> logger) : GroupCommitGrain<PartnerState>(store), ITransportPartnerGrain
{
    private const int Concurrency = 8;

    private readonly ThirdPartyOptions _options = options.Value;
    private readonly Dictionary<string, Contact> _contacts = [];
    private IGrainTimer? _timer;
    private bool _isFull;

    private Dictionary<string, PartnerOrderState> Orders => State.Orders;

    private string Carrier => Carriers.OfPartner(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        foreach (var (key, order) in Orders) _contacts[key] = new Contact(time.GetUtcNow(), PartnerOrderState.BytesOf(key, order.Order));
        _timer = this.RegisterGrainTimer(
            Tick, new GrainTimerCreationOptions(TimeSpan.Zero, _options.Interval) { Interleave = true, KeepAlive = true });
    }

    public async Task<PartnerOrderSnapshot> Book(PartnerOrder order)
    {
        var (key, now) = (Key(order.DeliveryId, order.Attempt), time.GetUtcNow());
        if (!Orders.ContainsKey(key))
        {
            if (Orders.Values.Count(known => !known.IsOver) >= _options.MaxOrders || !HasRoomFor(PartnerOrderState.BytesOf(key, order)))
            {
                if (!_isFull) LogFull(this.GetPrimaryKeyString(), Orders.Count);
                _isFull = true;
                return new(order.DeliveryId, order.Attempt, PartnerStatus.Refused, "It has too many orders already.", false, null, null, now, now);
            }

            _isFull = false;
            Remember(key, new PartnerOrderState { Order = order, AskedAt = now, Since = now });
        }

        // Stored before it is asked: what was asked must be known after a crash.
        await _contacts[key].Stored;
        if (Orders[key].Status == PartnerStatus.Asked) await Talk(key);
        return Snapshot(key)!;
    }

    public async Task<CommandResult> Cancel(string deliveryId, int attempt)
    {
        var (key, now) = (Key(deliveryId, attempt), time.GetUtcNow());
        if (!Orders.ContainsKey(key)) Remember(key, new PartnerOrderState { Status = PartnerStatus.Cancelled, Handed = PartnerStatus.Cancelled, AskedAt = now, Since = now });
        await _contacts[key].Stored;
        if (_contacts[key].Talk is { } talk) await talk;
        if (!Orders[key].IsOver && !Orders[key].HasParcel)
        {
            var known = Orders[key];
            await Take(await partner.Cancel(known.Order!, known.AskedAt, CancellationToken.None));
        }

        if (Orders[key].HasParcel) return CommandResult.Conflict("The partner has the parcel already.");
        return Orders[key].IsOver ? CommandResult.Done : throw new PartnerException($"Partner {this.GetPrimaryKeyString()} did not cancel {key}.");
    }

    public async Task<CommandResult> Notice(PartnerReport report)
    {
        if (Orders.GetValueOrDefault(Key(report.DeliveryId, report.Attempt))?.Order is null) return CommandResult.NotFound;
        await Take(report);
        return CommandResult.Done;
    }

    public async ValueTask<PartnerOrderSnapshot?> Get(string deliveryId, int attempt)
    {
        await Verify();
        return Snapshot(Key(deliveryId, attempt));
    }

    public async ValueTask<IReadOnlyList<PartnerOrderSnapshot>> List()
    {
        await Verify();
        return [.. Orders.Where(entry => !entry.Value.IsOver).OrderBy(entry => entry.Value.AskedAt).Select(entry => Snapshot(entry.Key)!)];
    }

    private static string Key(string deliveryId, int attempt) => FormattableString.Invariant($"{deliveryId}/{attempt}");

    private void Remember(string key, PartnerOrderState order)
    {
        Orders.Add(key, order);
        _contacts[key] = new Contact(time.GetUtcNow(), PartnerOrderState.BytesOf(key, order.Order)) { Stored = Commit() };
    }

    /// <summary>Whether the document has room; orders that are over are forgotten for it before their time, the oldest first.</summary>
    private bool HasRoomFor(int bytes)
    {
        bytes += _contacts.Values.Sum(contact => contact.Bytes);
        if (bytes <= PartnerState.Capacity) return true;
        foreach (var key in Orders.Where(entry => entry.Value.IsOver && entry.Value.Handed == entry.Value.Status).OrderBy(entry => entry.Value.Since).Select(entry => entry.Key).ToList())
        {
            if (bytes <= PartnerState.Capacity) break;
            bytes -= _contacts[key].Bytes;
            Forget(key);
        }

        return bytes <= PartnerState.Capacity;
    }

    private void Forget(string key)
    {
        Orders.Remove(key); // Leaves the document with its next write.
        _contacts.Remove(key);
    }

    /// <summary>Calls the partner about an order; calls that come meanwhile share the answer. A failure is written down with the time of the next try.</summary>
    private Task Talk(string key)
    {
        var contact = _contacts[key];
        if (contact.Talk is { IsCompleted: false } running) return running;
        return contact.Talk = Run();

        async Task Run()
        {
            var known = Orders[key];
            try
            {
                var report = known.Status == PartnerStatus.Asked
                    ? await partner.Book(known.Order!, known.AskedAt, CancellationToken.None)
                    : await partner.Find(known.Order!, known.AskedAt, CancellationToken.None);
                contact.Failures = 0;
                await Take(report ?? new(known.Order!.DeliveryId, known.Order.Attempt, PartnerStatus.Failed, time.GetUtcNow(), Reason: "The partner does not know the order any more."));
            }
            catch (Exception failure)
            {
                contact.Failures++;
                contact.Due = time.GetUtcNow() + Retry.Delay(this.GetGrainId(), contact.Failures, _options.Interval, _options.LastRetry);
                if (contact.Failures == 1) LogUnreachable(failure, this.GetPrimaryKeyString(), key, contact.Failures);
            }
        }
    }

    private async Task Take(PartnerReport report)
    {
        var (key, now) = (Key(report.DeliveryId, report.Attempt), time.GetUtcNow());
        var (known, contact) = (Orders[key], _contacts[key]);
        (contact.HeardAt, contact.Due) = (now, now + _options.PollInterval);
        var next = known.With(report, now);
        if (report.Position is { } position && !next.IsOver && next.DeliveryEta is { } eta)
        {
            var update = new PositionUpdate(Carrier, report.Attempt, position, report.Time, new MissionEta(next.HasParcel ? null : next.PickupEta, eta));
            GrainFactory.GetGrain<IDeliveryGrain>(report.DeliveryId).Track(update).AsTask().Ignore();
        }

        if (next == known) return;
        Orders[key] = next;
        if (next.Status == known.Status) return; // Times alone are stored with the next status.
        (contact.HandAt, contact.Tries) = (contact.HandAt == DateTimeOffset.MaxValue ? contact.HandAt : now, 0);
        await Commit();
        _timer!.Change(TimeSpan.Zero, _options.Interval);
    }

    private Task Tick(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var key in Orders.Where(entry => entry.Value.IsOver && entry.Value.Handed == entry.Value.Status && now - entry.Value.Since > _options.Memory).Select(entry => entry.Key).ToList())
        {
            Forget(key);
        }

        foreach (var (key, order) in Orders)
        {
            var contact = _contacts[key];
            if (order.Handed != order.Status && contact.HandAt <= now) _ = HandOn(key, contact);
        }

        var free = Concurrency - _contacts.Values.Count(contact => contact.Talk is { IsCompleted: false });
        foreach (var key in Orders.Where(entry => !entry.Value.IsOver && IsDue(_contacts[entry.Key], now)).OrderBy(entry => _contacts[entry.Key].Due).Select(entry => entry.Key).Take(free).ToList())
            Talk(key).Ignore();
        return Task.CompletedTask;
    }

    private static bool IsDue(Contact contact, DateTimeOffset now) =>
        contact.Due <= now && contact.Stored.IsCompletedSuccessfully && contact.Talk is not { IsCompleted: false };

    /// <summary>Tells the delivery and the request what is stored, from a timer that lets calls in between, so that no call waits in a circle.</summary>
    private async Task HandOn(string key, Contact contact)
    {
        contact.HandAt = DateTimeOffset.MaxValue;
        var order = Orders[key];
        try
        {
            if (!await HandOn(order)) return;
            Orders[key] = Orders[key] with { Handed = order.Status };
            await Commit();
        }
        catch (Exception failure)
        {
            if (contact.Tries == 0) LogNotHandedOn(failure, this.GetPrimaryKeyString(), key);
        }
        finally
        {
            contact.Tries = Orders[key].Handed == order.Status ? 0 : contact.Tries + 1;
            contact.HandAt = time.GetUtcNow() + (contact.Tries == 0 ? TimeSpan.Zero : Retry.Delay(this.GetGrainId(), contact.Tries, _options.Interval, _options.LastRetry));
        }
    }

    private async Task<bool> HandOn(PartnerOrderState order)
    {
        var (asked, kind) = (order.Order!, DroneEventKind.CarrierAnswered);
        var delivery = GrainFactory.GetGrain<IDeliveryGrain>(asked.DeliveryId);
        var result = CommandResult.Done;
        if (order.Status == PartnerStatus.HeadedToPickup)
        {
            result = await delivery.Report(Mission(order, MissionPhase.HeadedToPickup, asked.Pickup));
        }
        else if (order.HasParcel)
        {
            result = await delivery.AuthorizePickup(new CommandId($"{asked.DeliveryId}/mission/{asked.Attempt}/pickup"), Carrier, asked.Attempt, asked.Pickup.Location);
            if (result.Succeeded && order.Status == PartnerStatus.Delivered)
                result = await delivery.Report(Mission(order, MissionPhase.Delivered, asked.Dropoff));
            if (order.Status == PartnerStatus.Failed) kind = DroneEventKind.TroubleWithParcel;
            if (!result.Succeeded && result.Outcome != CommandOutcome.NotFound && await delivery.GetStage() != DeliveryStage.Completed) kind = DroneEventKind.StrayParcel;
        }

        if (kind != DroneEventKind.CarrierAnswered || order.Status is not (PartnerStatus.HeadedToPickup or PartnerStatus.PickedUp or PartnerStatus.Delivered) || result.Outcome == CommandOutcome.NotFound)
        {
            var detail = kind == DroneEventKind.StrayParcel ? $"The partner says {order.Status} on an order that is void." : $"The partner says {order.Status}. {order.Reason}".TrimEnd();
            await GrainFactory.GetGrain<IDeliveryRequestGrain>(asked.DeliveryId).Hear(new DroneEvent(Carrier, kind, asked.DeliveryId, asked.Attempt, order.Since, detail));
        }

        return result.Outcome != CommandOutcome.NotFound; // Not made yet: the request has been told, and it is said again.
    }

    private MissionReport Mission(PartnerOrderState order, MissionPhase phase, Place place) => new(
        Carrier, order.Order!.Attempt, phase, place.Location, order.Since, new MissionEta(order.HasParcel ? null : order.PickupEta, order.DeliveryEta ?? order.Since));

    private PartnerOrderSnapshot? Snapshot(string key) => !Orders.TryGetValue(key, out var order) ? null : new(
        key[..key.LastIndexOf('/')],
        int.Parse(key[(key.LastIndexOf('/') + 1)..], System.Globalization.CultureInfo.InvariantCulture),
        order.Status, order.Reason, order.HasParcel, order.PickupEta, order.DeliveryEta, order.AskedAt, _contacts[key].HeardAt);

    /// <summary>What is known of the talk about one order; memory only.</summary>
    private sealed class Contact(DateTimeOffset now, int bytes)
    {
        /// <summary>Bytes of the order in the document, at most.</summary>
        public int Bytes => bytes;

        public Task Stored { get; init; } = Task.CompletedTask;

        public DateTimeOffset HeardAt { get; set; } = now;

        /// <summary>When the partner is called again.</summary>
        public DateTimeOffset Due { get; set; } = now;

        public int Failures { get; set; }

        /// <summary>The last call.</summary>
        public Task? Talk { get; set; }

        /// <summary>When what it said is handed on; far away while it is.</summary>
        public DateTimeOffset HandAt { get; set; } = now;

        /// <summary>How often in a row that failed.</summary>
        public int Tries { get; set; }
    }

    [LoggerMessage(LogLevel.Warning, "Partner {PartnerId} could not be asked about order {Order}; trying again ({Failures} failure).")]
    private partial void LogUnreachable(Exception failure, string partnerId, string order, int failures);

    [LoggerMessage(LogLevel.Warning, "What partner {PartnerId} said of order {Order} could not be handed on; trying again.")]
    private partial void LogNotHandedOn(Exception failure, string partnerId, string order);

    [LoggerMessage(LogLevel.Error, "Partner {PartnerId} has {Count} orders; no more are given to it.")]
    private partial void LogFull(string partnerId, int count);
}
