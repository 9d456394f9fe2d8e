using System.Collections.Concurrent;
using DroneDelivery.Accounts;
using DroneDelivery.Archiving;
using DroneDelivery.Drones;
using DroneDelivery.Erasure;
using DroneDelivery.Invoicing;
using DroneDelivery.Notifications;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.ThirdParty;

namespace DroneDelivery.Gateway.Tests.Fakes;

/// <summary>
/// What the stand-in grains remember; outlives silos, as a store would. The stand-ins honour the contracts, also that a
/// repeated command has the effect of one. A package tagged <c>drone:X</c> is given to drone X at once, others wait.
/// </summary>
internal sealed class World
{
    public const string DroneTag = "drone:";

    public ConcurrentDictionary<string, DeliveryRequestSnapshot> Requests { get; } = new();

    public ConcurrentDictionary<string, DeliverySnapshot> Deliveries { get; } = new();

    /// <summary>Histories told by a test; without one a delivery has a single event.</summary>
    public ConcurrentDictionary<string, IReadOnlyList<TrackingEvent>> Histories { get; } = new();

    public ConcurrentDictionary<string, PackageSnapshot> Packages { get; } = new();

    public ConcurrentDictionary<string, DroneSnapshot> Drones { get; } = new();

    public ConcurrentDictionary<string, string[]> DroneKeys { get; } = new();

    public ConcurrentDictionary<string, (long Boot, long Sequence)> Reports { get; } = new();

    public ConcurrentDictionary<string, AccountSnapshot> Accounts { get; } = new();

    /// <summary>What a partner called back, by delivery and attempt; only deliveries that begin with "partnered" are known.</summary>
    public ConcurrentDictionary<string, PartnerReport> PartnerReports { get; } = new();

    public ConcurrentDictionary<string, WeatherHold> Weather { get; } = new();

    public ConcurrentDictionary<string, LedgerTotals> Ledgers { get; } = new();

    public ConcurrentDictionary<string, (SubscriptionSnapshot Webhook, string Secret)> Webhooks { get; } = new();

    /// <summary>Erasures; one is over from the beginning.</summary>
    public ConcurrentDictionary<string, ErasureProgress> Erasures { get; } = new() { ["erased"] = new("erased", DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, 3, 0) };

    public ConcurrentDictionary<string, string> Confirmations { get; } = new();

    public ConcurrentDictionary<string, CommandResult> Commands { get; } = new();

    /// <summary>How often something was changed, by key.</summary>
    public ConcurrentDictionary<string, int> Effects { get; } = new();

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Requests.Clear();
        Deliveries.Clear();
        Histories.Clear();
        Packages.Clear();
        Drones.Clear();
        DroneKeys.Clear();
        Reports.Clear();
        Accounts.Clear();
        Ledgers.Clear();
        Commands.Clear();
        Effects.Clear();
    }

    /// <summary>What came with an Idempotency-Key, and when.</summary>
    public ConcurrentDictionary<string, (CommandId Command, DateTimeOffset At)> Keys { get; } = new();

    public CommandResult Once(string key, CommandId command, Func<CommandResult> change)
    {
        if (command.Key is { } named && Keys.GetOrAdd($"{key}/{named}", (command, DateTimeOffset.UtcNow)).Command != command) return CommandResult.Exists;
        return Commands.GetOrAdd($"{key}/{command}", _ =>
        {
            Effects.AddOrUpdate(key, 1, (_, n) => n + 1);
            return change();
        });
    }
}

internal sealed class FakeDeliveryRequest(World world) : Grain, IDeliveryRequestGrain
{
    private string Id => this.GetPrimaryKeyString();

    public Task<CommandResult> Submit(CommandId command, DeliveryOrder order) => Task.FromResult(world.Once(Id, command, () =>
    {
        if (world.Requests.ContainsKey(Id)) return CommandResult.Exists;

        var now = DateTimeOffset.UtcNow;
        var request = new DeliveryRequestSnapshot(Id, order, RequestStatus.Waiting, SchedulingStep.Transport, "No drone is free.", null, now, now);
        if (world.Accounts.TryGetValue(order.OwnerId, out var account) && account.Standing == AccountStanding.Suspended)
            request = request with { Status = RequestStatus.Rejected, Step = null, Reason = "The account is suspended." };
        if (order.Package.Tag?.StartsWith(World.DroneTag, StringComparison.Ordinal) == true) request = Give(request, order.Package.Tag[World.DroneTag.Length..]);
        world.Requests[Id] = request;
        return CommandResult.Created;
    }));

    public Task<CommandResult> Cancel(CommandId command, string reason) => Task.FromResult(world.Once(Id, command, () => Change(request =>
    {
        if (world.Deliveries.TryGetValue(Id, out var delivery))
            world.Deliveries[Id] = delivery with { Status = delivery.Status with { Stage = DeliveryStage.Cancelled } };
        return request with { Status = RequestStatus.Cancelled, Step = null, Reason = reason };
    })));

    public Task<CommandResult> Reschedule(CommandId command, DeliveryChange change) => Task.FromResult(world.Once(Id, command, () => Change(request =>
        request with
        {
            Order = request.Order with
            {
                Pickup = change.Pickup ?? request.Order.Pickup,
                Dropoff = change.Dropoff ?? request.Order.Dropoff,
                PickupTime = change.PickupTime ?? request.Order.PickupTime,
                Deadline = change.DeadlineText is null ? request.Order.Deadline : change.Deadline,
                DeadlineText = change.DeadlineText ?? request.Order.DeadlineText,
            },
        })));

    public Task<CommandResult> Confirm(CommandId command, DeliveryConfirmation confirmation) => Task.FromResult(world.Once(Id, command, () =>
        world.Requests.ContainsKey(Id) ? CommandResult.Done : CommandResult.NotFound));

    public Task<RememberedCommand> Remember(CommandId command)
    {
        var result = world.Once(Id, command, () => world.Requests.ContainsKey(Id) ? CommandResult.Done : CommandResult.NotFound);
        return Task.FromResult(new RememberedCommand(result, world.Keys[$"{Id}/{command.Key}"].At));
    }

    public ValueTask<DeliveryRequestSnapshot?> Get() => ValueTask.FromResult(world.Requests.GetValueOrDefault(Id));

    public Task<Watch?> Resume() => Task.FromResult<Watch?>(null);

    public Task<CommandResult> Replay(CommandId command, string note) =>
        Operate(command, RequestStatus.DeadLettered, request => request with { Status = RequestStatus.Scheduling, Reason = note });

    public Task<CommandResult> Abandon(CommandId command, string note) =>
        Operate(command, RequestStatus.DeadLettered, request => request with { Status = RequestStatus.Failed, Reason = note });

    public Task<CommandResult> Resolve(CommandId command, IncidentResolution resolution, string note) => Operate(command, RequestStatus.Incident, request => request with
    {
        Status = resolution switch
        {
            IncidentResolution.Continued => RequestStatus.Scheduled,
            IncidentResolution.Completed => RequestStatus.Completed,
            _ => RequestStatus.Failed,
        },
        Reason = note,
    });

    public ValueTask<IReadOnlyList<RequestNote>?> GetNotes() => ValueTask.FromResult<IReadOnlyList<RequestNote>?>(
        world.Requests.TryGetValue(Id, out var request) ? [new RequestNote(request.UpdatedAt, request.Status, "Delivery", "Failed (8): away")] : null);

    public Task Hear(DroneEvent occurred) => Task.CompletedTask;

    private Task<CommandResult> Operate(CommandId command, RequestStatus from, Func<DeliveryRequestSnapshot, DeliveryRequestSnapshot> change) =>
        Task.FromResult(world.Once(Id, command, () =>
        {
            if (!world.Requests.TryGetValue(Id, out var request)) return CommandResult.NotFound;
            if (request.Status != from) return CommandResult.Conflict($"The request is not {from}.");
            world.Requests[Id] = change(request);
            return CommandResult.Done;
        }));

    public Task<bool> AnnounceBefore(long sequence) => throw new NotSupportedException();

    public Task<ArchiveResult> Archive() => throw new NotSupportedException();

    public Task<bool> Erase(string ownerId) => throw new NotSupportedException();

    public Task<AssignResult> Assign(string droneId) => Task.FromResult(AssignResult.NotWaiting);

    public Task Hold(string reason) => Task.CompletedTask;

    public Task Apply(DeliveryEvent occurred) => Task.CompletedTask;

    private CommandResult Change(Func<DeliveryRequestSnapshot, DeliveryRequestSnapshot> change)
    {
        if (!world.Requests.TryGetValue(Id, out var request)) return CommandResult.NotFound;
        if (world.Deliveries.TryGetValue(Id, out var delivery) && delivery.Status.Stage is DeliveryStage.HeadedToDropoff or DeliveryStage.Completed)
            return CommandResult.Conflict("The parcel was picked up.");
        world.Requests[Id] = change(request) with { UpdatedAt = DateTimeOffset.UtcNow };
        return CommandResult.Done;
    }

    private DeliveryRequestSnapshot Give(DeliveryRequestSnapshot request, string droneId)
    {
        var order = request.Order;
        var now = DateTimeOffset.UtcNow;
        var status = new DeliveryStatus(DeliveryStage.Created, order.Pickup.Location, now.AddMinutes(1), now.AddMinutes(2));
        var plan = new DeliveryPlan(order.OwnerId, order.PackageId, order.Pickup, order.Dropoff, order.DeadlineText, order.Expedited, order.Confirmation);
        world.Deliveries[Id] = new DeliverySnapshot(Id, plan, status, droneId, 1, null);
        if (world.Drones.TryGetValue(droneId, out var drone))
        {
            world.Drones[droneId] = drone with
            {
                Mission = new MissionOrder(Id, 1, MissionPhase.Assigned, order.Pickup.Location, order.Dropoff.Location, order.Package.Weight, now.AddMinutes(5)),
            };
        }

        return request with { Status = RequestStatus.Scheduled, Step = null, Reason = null, Transport = new Transport(droneId, 1) };
    }
}

internal sealed class FakeDelivery(World world) : Grain, IDeliveryGrain
{
    private string Id => this.GetPrimaryKeyString();

    public ValueTask<DeliverySnapshot?> Get() => ValueTask.FromResult(world.Deliveries.GetValueOrDefault(Id));

    public ValueTask<DeliveryStatus?> GetStatus() => ValueTask.FromResult(world.Deliveries.GetValueOrDefault(Id)?.Status);

    public ValueTask<IReadOnlyList<TrackingEvent>?> GetHistory() => ValueTask.FromResult<IReadOnlyList<TrackingEvent>?>(
        world.Histories.TryGetValue(Id, out var events) ? events
        : world.Deliveries.TryGetValue(Id, out var delivery)
            ? [new TrackingEvent(1, delivery.Status.Stage, DateTimeOffset.UtcNow, delivery.Status.LastKnownLocation, "As of now.")]
            : null);

    public Task<CommandResult> NotifyMe(CommandId command, NotificationRequest request) =>
        Task.FromResult(world.Once(Id, command, () => world.Deliveries.ContainsKey(Id) ? CommandResult.Done : CommandResult.NotFound));

    public Task<CommandResult> Create(CommandId command, DeliveryPlan plan, MissionAssignment assignment) => throw new NotSupportedException();

    public Task<CommandResult> Assign(CommandId command, DeliveryPlan plan, MissionAssignment assignment) => throw new NotSupportedException();

    public Task<CommandResult> Recall(CommandId command, int attempt, string reason) => throw new NotSupportedException();

    public Task<CommandResult> Cancel(CommandId command, int attempt, string reason) => throw new NotSupportedException();

    public Task<CommandResult> Complete(CommandId command, string reason) => throw new NotSupportedException();

    public Task<CommandResult> GiveUp(CommandId command, int attempt, string reason) => throw new NotSupportedException();

    public ValueTask<DeliveryStage?> GetStage() => throw new NotSupportedException();

    public Task<CommandResult> Confirm(CommandId command, DeliveryConfirmation confirmation) => throw new NotSupportedException();

    public Task<CommandResult> AuthorizePickup(CommandId command, string droneId, int attempt, GeoPoint position) => throw new NotSupportedException();

    public Task<CommandResult> Report(MissionReport report) => throw new NotSupportedException();

    public ValueTask<string?> Export() => throw new NotSupportedException();

    public Task Leave() => throw new NotSupportedException();

    public Task Erase() => throw new NotSupportedException();

    public ValueTask Track(PositionUpdate update) => ValueTask.CompletedTask;

    public Task Wake() => Task.CompletedTask;
}

internal sealed class FakeOwnerLedger(World world) : Grain, IOwnerLedgerGrain
{
    public Task Record(CompletedDelivery delivery) => throw new NotSupportedException();

    public Task Anonymize() => throw new NotSupportedException();

    public ValueTask<LedgerTotals> Get() => ValueTask.FromResult(world.Ledgers.GetValueOrDefault(this.GetPrimaryKeyString()) ?? LedgerTotals.Zero);
}

internal sealed class FakePackage(World world) : Grain, IPackageGrain
{
    private string Id => this.GetPrimaryKeyString();

    public Task<CommandResult> Put(CommandId command, string ownerId, PackageDetails details) => Task.FromResult(world.Once(Id, command, () =>
    {
        if (world.Packages.TryGetValue(Id, out var known) && known.OwnerId != ownerId) return CommandResult.Conflict("It belongs to another account.");
        world.Packages[Id] = new PackageSnapshot(Id, ownerId, details);
        return known is null ? CommandResult.Created : CommandResult.Done;
    }));

    public Task<CommandResult> Make(CommandId command, string ownerId, PackageDetails details) => Task.FromResult(world.Once(Id, command, () =>
        world.Packages.TryAdd(Id, new PackageSnapshot(Id, ownerId, details)) ? CommandResult.Created : CommandResult.Exists));

    public Task<CommandResult> Patch(CommandId command, string? ownerId, PackageChange change) => Task.FromResult(world.Once(Id, command, () =>
    {
        if (!world.Packages.TryGetValue(Id, out var known) || (ownerId is not null && ownerId != known.OwnerId)) return CommandResult.NotFound;
        world.Packages[Id] = known with
        {
            Details = new PackageDetails(change.Size ?? known.Details.Size, change.Weight ?? known.Details.Weight, change.Tag ?? known.Details.Tag),
        };
        return CommandResult.Done;
    }));

    public Task Erase(string ownerId) => throw new NotSupportedException();

    public ValueTask<PackageSnapshot?> Get() => ValueTask.FromResult(world.Packages.GetValueOrDefault(Id));
}

internal sealed class FakeAccount(World world) : Grain, IAccountGrain
{
    private string Id => this.GetPrimaryKeyString();

    public ValueTask<AccountSnapshot> Get() => ValueTask.FromResult(Account);

    public Task<CommandResult> SetStanding(CommandId command, AccountStanding standing, string? reason) => Task.FromResult(world.Once(Id, command, () =>
    {
        world.Accounts[Id] = Account with { Standing = standing, Reason = reason };
        return CommandResult.Done;
    }));

    public Task<CommandResult> SetLimits(CommandId command, AccountLimits limits) => Task.FromResult(world.Once(Id, command, () =>
    {
        world.Accounts[Id] = Account with { Limits = limits == AccountLimits.None ? null : limits };
        return CommandResult.Done;
    }));

    public Task<Admission> Admit(string deliveryId, double weight) => throw new NotSupportedException();

    public Task Release(string deliveryId) => throw new NotSupportedException();

    public Task Erase(string reason) => throw new NotSupportedException();

    private AccountSnapshot Account => world.Accounts.GetValueOrDefault(Id) ?? new AccountSnapshot(Id, AccountStanding.Active, null);
}

internal sealed class FakeDrone(World world) : Grain, IDroneGrain
{
    private string Id => this.GetPrimaryKeyString();

    public Task<CommandResult> Register(CommandId command, DroneRegistration registration) => Task.FromResult(world.Once(Id, command, () =>
    {
        var known = world.Drones.GetValueOrDefault(Id);
        world.Drones[Id] = known is null ? new DroneSnapshot(Id, registration, registration.Home, 1, null, null, DateTimeOffset.UtcNow) : known with { Registration = registration };
        return known is null ? CommandResult.Created : CommandResult.Done;
    }));

    public Task<TelemetryAnswer> Report(TelemetryReport report)
    {
        if (!world.Drones.TryGetValue(Id, out var drone)) return Task.FromResult(new TelemetryAnswer(TelemetryOutcome.UnknownDrone, null));

        var now = DateTimeOffset.UtcNow;
        if (report.Time < now.AddMinutes(-5)) return Answer(TelemetryOutcome.TooLate);
        if (report.Time > now.AddSeconds(30)) return Answer(TelemetryOutcome.TooEarly);

        var (boot, sequence) = world.Reports.GetValueOrDefault(Id);
        if (report.Boot < boot || (report.Boot == boot && report.Sequence <= sequence)) return Answer(TelemetryOutcome.Superseded);

        world.Reports[Id] = (report.Boot, report.Sequence ?? sequence + 1);
        drone = drone with { Position = report.Position, Battery = report.Battery, LastReport = report.Time };
        if (report.Mission is { } progress && drone.Mission is { } mission && mission.DeliveryId == progress.DeliveryId)
        {
            drone = drone with { Mission = mission with { Phase = progress.Phase } };
            MoveDelivery(progress.DeliveryId, progress.Phase, report.Position);
        }

        world.Drones[Id] = drone;
        return Answer(TelemetryOutcome.Accepted);

        Task<TelemetryAnswer> Answer(TelemetryOutcome outcome) => Task.FromResult(new TelemetryAnswer(outcome, drone.Mission));
    }

    public Task<CommandResult> RequestPickup(CommandId command, string deliveryId, int attempt) => Task.FromResult(world.Once(Id, command, () =>
    {
        if (!world.Drones.TryGetValue(Id, out var drone)) return CommandResult.NotFound;
        if (drone.Mission is not { } mission || mission.DeliveryId != deliveryId || mission.Attempt != attempt)
            return CommandResult.Conflict("Not the valid mission.");
        MoveDelivery(deliveryId, MissionPhase.HeadedToDropoff, drone.Position);
        return CommandResult.Done;
    }));

    public Task<CommandResult> SetMaintenance(CommandId command, string? reason) => Task.FromResult(world.Once(Id, command, () =>
    {
        if (!world.Drones.TryGetValue(Id, out var drone)) return CommandResult.NotFound;
        world.Drones[Id] = drone with { Maintenance = reason };
        return CommandResult.Done;
    }));

    public ValueTask<DroneSnapshot?> Get() => ValueTask.FromResult(world.Drones.GetValueOrDefault(Id));

    public Task<CommandResult> AddKey(CommandId command, string keyHash) => Task.FromResult(world.Once(Id, command, () =>
    {
        world.DroneKeys[Id] = [.. world.DroneKeys.GetValueOrDefault(Id, []).TakeLast(1), keyHash];
        return CommandResult.Done;
    }));

    public Task<CommandResult> RevokeKeys(CommandId command) => Task.FromResult(world.Once(Id, command, () =>
        world.DroneKeys.TryRemove(Id, out _) ? CommandResult.Done : CommandResult.NotFound));

    public ValueTask<bool> HasKey(string keyHash) => ValueTask.FromResult(world.DroneKeys.GetValueOrDefault(Id, []).Contains(keyHash));

    public Task<ReserveResult> Reserve(CommandId command, MissionOffer offer) => throw new NotSupportedException();

    public Task<CommandResult> Release(CommandId command, string deliveryId, int attempt) => throw new NotSupportedException();

    private void MoveDelivery(string deliveryId, MissionPhase phase, GeoPoint position)
    {
        if (!world.Deliveries.TryGetValue(deliveryId, out var delivery)) return;
        var stage = phase switch
        {
            MissionPhase.HeadedToPickup or MissionPhase.AtPickup => DeliveryStage.HeadedToPickup,
            MissionPhase.HeadedToDropoff => DeliveryStage.HeadedToDropoff,
            MissionPhase.Delivered => DeliveryStage.Completed,
            _ => DeliveryStage.Created,
        };
        world.Deliveries[deliveryId] = delivery with { Status = delivery.Status with { Stage = stage, LastKnownLocation = position } };
    }
}

internal sealed class FakeSupervisor(World world) : Grain, ISupervisorGrain
{
    public ValueTask<IReadOnlyList<FlaggedRequest>> ListFlagged(RequestFlag flag)
    {
        var status = flag == RequestFlag.DeadLetter ? RequestStatus.DeadLettered : RequestStatus.Incident;
        return ValueTask.FromResult<IReadOnlyList<FlaggedRequest>>(
            [.. world.Requests.Values.Where(request => request.Status == status && Shard(request.DeliveryId) == this.GetPrimaryKeyLong())
                .Select(request => new FlaggedRequest(request.DeliveryId, flag, request.Reason, request.UpdatedAt))]);
    }

    public Task<bool> Register(string deliveryId, DateTimeOffset due) => throw new NotSupportedException();

    public Task Postpone(string deliveryId, Watch watch) => throw new NotSupportedException();

    public Task Wake() => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<SupervisedRequest>> List() => throw new NotSupportedException();

    public ValueTask<bool> Watches(string deliveryId) => throw new NotSupportedException();

    private static int Shard(string deliveryId) => SupervisorShards.Of(GrainId.Create("delivery-request", deliveryId));
}

internal sealed class FakePartner(World world) : Grain, ITransportPartnerGrain
{
    public Task<CommandResult> Notice(PartnerReport report)
    {
        if (!report.DeliveryId.StartsWith("partnered", StringComparison.Ordinal)) return Task.FromResult(CommandResult.NotFound);
        world.PartnerReports[$"{this.GetPrimaryKeyString()}/{report.DeliveryId}/{report.Attempt}"] = report;
        return Task.FromResult(CommandResult.Done);
    }

    public Task<PartnerOrderSnapshot> Book(PartnerOrder order) => throw new NotSupportedException();

    public Task<CommandResult> Cancel(string deliveryId, int attempt) => throw new NotSupportedException();

    public ValueTask<PartnerOrderSnapshot?> Get(string deliveryId, int attempt) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<PartnerOrderSnapshot>> List() => throw new NotSupportedException();
}

internal sealed class FakeWeather(World world) : Grain, IWeatherGrain
{
    public Task<CommandResult> Set(WeatherHold hold)
    {
        if (hold.Until <= DateTimeOffset.UtcNow) return Task.FromResult(CommandResult.Conflict("The end of the hold has passed."));
        world.Weather[hold.HoldId] = hold;
        return Task.FromResult(CommandResult.Created);
    }

    // One that the table of routes and callers lifts over and over.
    public Task<CommandResult> Lift(string holdId) =>
        Task.FromResult(world.Weather.TryRemove(holdId, out _) || holdId == "authorization" ? CommandResult.Done : CommandResult.NotFound);

    public ValueTask<IReadOnlyList<WeatherHold>> Get() => ValueTask.FromResult<IReadOnlyList<WeatherHold>>([.. world.Weather.Values]);
}

internal sealed class FakeFleet(World world) : Grain, IFleetGrain
{
    public Task Add(string droneId) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<string>> List(string? after, int limit) => ValueTask.FromResult<IReadOnlyList<string>>(
        [.. world.Drones.Keys.Where(id => FleetShards.Of(GrainId.Create("drone", id)) == this.GetPrimaryKeyLong() && string.CompareOrdinal(id, after) > 0).Order(StringComparer.Ordinal).Take(limit)]);
}
