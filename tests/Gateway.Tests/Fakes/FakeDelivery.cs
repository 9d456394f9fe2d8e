using DroneDelivery.Accounts;
using DroneDelivery.Archiving;
using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Gateway.Tests.Fakes;

internal sealed class FakeDeliveryRequest(World world) : Grain, IDeliveryRequestGrain
{
    private string Id => this.GetPrimaryKeyString();

    public Task<CommandResult> Submit(CommandId command, DeliveryOrder order, CallerAccount caller) => Task.FromResult(world.Once(Id, command, () =>
    {
        if (world.Requests.ContainsKey(Id) && Find(caller) is null) return CommandResult.NotFound;
        if (Refusal() is { } unmet) return unmet;
        if (world.Requests.ContainsKey(Id)) return CommandResult.Exists;

        var now = DateTimeOffset.UtcNow;
        var request = new DeliveryRequestSnapshot(Id, order, RequestStatus.Waiting, SchedulingStep.Transport, "No drone is free.", null, now, now);
        if (world.Accounts.TryGetValue(order.OwnerId, out var account) && account.Standing == AccountStanding.Suspended)
            request = request with { Status = RequestStatus.Rejected, Step = null, Reason = "The account is suspended." };
        if (order.Package.Tag?.StartsWith(World.DroneTag, StringComparison.Ordinal) == true) request = Give(request, order.Package.Tag[World.DroneTag.Length..]);
        world.Requests[Id] = request;
        return CommandResult.Created;
    }));

    public Task<CommandResult> Cancel(CommandId command, string reason, CallerAccount caller) => Task.FromResult(world.Once(Id, command, () => Change(caller, request =>
    {
        if (world.Deliveries.TryGetValue(Id, out var delivery))
            world.Deliveries[Id] = delivery with { Status = delivery.Status with { Stage = DeliveryStage.Cancelled } };
        return request with { Status = RequestStatus.Cancelled, Step = null, Reason = reason };
    })));

    public Task<CommandResult> Reschedule(CommandId command, DeliveryChange change, CallerAccount caller) => Task.FromResult(world.Once(Id, command, () => Change(caller, request =>
        request with
        {
            Revision = request.Revision + 1,
            Order = request.Order with
            {
                Pickup = change.Pickup ?? request.Order.Pickup,
                Dropoff = change.Dropoff ?? request.Order.Dropoff,
                PickupTime = change.PickupTime ?? request.Order.PickupTime,
                Deadline = change.DeadlineText is null ? request.Order.Deadline : change.Deadline,
                DeadlineText = change.DeadlineText ?? request.Order.DeadlineText,
            },
        })));

    public Task<CommandResult> Confirm(CommandId command, DeliveryConfirmation confirmation, CallerAccount caller) => Task.FromResult(world.Once(Id, command, () =>
        Find(caller) is not null ? CommandResult.Done : CommandResult.NotFound));

    public Task<RememberedCommand> Remember(CommandId command, CallerAccount caller)
    {
        var result = world.Once(Id, command, () => Find(caller) is not null ? CommandResult.Done : CommandResult.NotFound);
        return Task.FromResult(new RememberedCommand(result, world.Keys[$"{Id}/{command.Key}"].At));
    }

    public ValueTask<DeliveryRequestSnapshot?> Get(CallerAccount caller) => ValueTask.FromResult(Find(caller));

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

    public Task<bool> Refuse(DispatchTicket ticket, string reason) => Task.FromResult(false);

    public Task Apply(DeliveryEvent occurred) => Task.CompletedTask;

    private CommandResult? Refusal() => world.Requests.TryGetValue(Id, out var now)
        ? Precondition.Refusal(this.GetGrainId(), now.OrderVersion, now.Version)
        : Precondition.Refusal(this.GetGrainId());

    private DeliveryRequestSnapshot? Find(CallerAccount caller) =>
        world.Requests.TryGetValue(Id, out var request) && caller.MayActFor(request.Order.OwnerId) ? request : null;

    private CommandResult Change(CallerAccount caller, Func<DeliveryRequestSnapshot, DeliveryRequestSnapshot> change)
    {
        if (Find(caller) is not { } request) return CommandResult.NotFound;
        if (Refusal() is { } unmet) return unmet;
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

    public ValueTask<DeliverySnapshot?> Get(CallerAccount caller) => ValueTask.FromResult(Find(caller));

    public ValueTask<DeliveryStatus?> GetStatus(CallerAccount caller) => ValueTask.FromResult(Find(caller)?.Status);

    public ValueTask<IReadOnlyList<TrackingEvent>?> GetHistory(CallerAccount caller) => ValueTask.FromResult(
        world.Deliveries.ContainsKey(Id) && Find(caller) is null ? null
        : world.Histories.TryGetValue(Id, out var events) ? events
        : Find(caller) is { } delivery
            ? [new TrackingEvent(1, delivery.Status.Stage, DateTimeOffset.UtcNow, delivery.Status.LastKnownLocation, "As of now.")]
            : null);

    public Task<CommandResult> NotifyMe(CommandId command, NotificationRequest request, CallerAccount caller) =>
        Task.FromResult(world.Once(Id, command, () => Find(caller) is not null ? CommandResult.Done : CommandResult.NotFound));

    public Task<CommandResult> Create(CommandId command, DeliveryPlan plan, MissionAssignment assignment) => throw new NotSupportedException();

    public Task<CommandResult> Assign(CommandId command, DeliveryPlan plan, MissionAssignment assignment) => throw new NotSupportedException();

    public Task<CommandResult> Recall(CommandId command, int attempt, string reason) => throw new NotSupportedException();

    public Task<CommandResult> Cancel(CommandId command, int attempt, string reason) => throw new NotSupportedException();

    public Task<CommandResult> Complete(CommandId command, string reason) => throw new NotSupportedException();

    public Task<CommandResult> GiveUp(CommandId command, int attempt, string reason) => throw new NotSupportedException();

    public ValueTask<DeliverySnapshot?> Find() => Get(CallerAccount.Any);

    public ValueTask<DeliveryStage?> GetStage() => throw new NotSupportedException();

    public Task<CommandResult> Confirm(CommandId command, DeliveryConfirmation confirmation) => throw new NotSupportedException();

    public Task<CommandResult> AuthorizePickup(CommandId command, string droneId, int attempt, GeoPoint position) => throw new NotSupportedException();

    public Task<CommandResult> Report(MissionReport report) => throw new NotSupportedException();

    public ValueTask<string?> Export() => throw new NotSupportedException();

    public Task Leave() => throw new NotSupportedException();

    public Task Erase() => throw new NotSupportedException();

    public ValueTask Track(PositionUpdate update) => ValueTask.CompletedTask;

    public Task Wake() => Task.CompletedTask;

    private DeliverySnapshot? Find(CallerAccount caller) =>
        world.Deliveries.TryGetValue(Id, out var delivery) && caller.MayActFor(delivery.Plan.OwnerId) ? delivery : null;
}
