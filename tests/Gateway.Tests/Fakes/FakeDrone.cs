using DroneDelivery.Drones;

namespace DroneDelivery.Gateway.Tests.Fakes;

internal sealed class FakeDrone(World world) : Grain, IDroneGrain
{
    private string Id => this.GetPrimaryKeyString();

    public Task<CommandResult> Register(CommandId command, DroneRegistration registration) => Task.FromResult(world.Once(Id, command, () =>
    {
        var known = world.Drones.GetValueOrDefault(Id);
        string[] versions = known is null ? [] : [known.Version];
        if (Precondition.Refusal(this.GetGrainId(), versions) is { } unmet) return unmet;
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
        world.Gaps[Id] = report.Gaps;
        drone = drone with { Position = report.Position, Battery = report.Battery, LastReport = report.Time };
        if (report.Mission is { } progress && drone.Mission is { } mission && mission.DeliveryId == progress.DeliveryId)
        {
            drone = drone with { Mission = mission with { Phase = progress.Phase } };
            MoveDelivery(progress.DeliveryId, progress.Phase, report.Position);
        }

        world.Drones[Id] = drone;
        return Task.FromResult(new TelemetryAnswer(TelemetryOutcome.Accepted, drone.Mission, world.Doubts.GetValueOrDefault(Id)));

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

    public Task<CommandResult> Reset(CommandId command) => Task.FromResult(world.Once(Id, command, () =>
    {
        if (!world.Drones.TryGetValue(Id, out var drone)) return CommandResult.NotFound;
        world.Reports.TryRemove(Id, out _);
        world.Drones[Id] = drone with { Alarms = null };
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

internal sealed class FakeWeather(World world) : Grain, IWeatherGrain
{
    public Task<CommandResult> Set(WeatherHold hold, CommandId command)
    {
        if (hold.Until <= DateTimeOffset.UtcNow) return Task.FromResult(CommandResult.Conflict("The end of the hold has passed."));
        world.Weather[hold.HoldId] = hold;
        return Task.FromResult(CommandResult.Created);
    }

    // One that the table of routes and callers lifts over and over.
    public Task<CommandResult> Lift(string holdId, CommandId command) =>
        Task.FromResult(world.Weather.TryRemove(holdId, out _) || holdId == "authorization" ? CommandResult.Done : CommandResult.NotFound);

    public ValueTask<IReadOnlyList<WeatherHold>> Get() => ValueTask.FromResult<IReadOnlyList<WeatherHold>>([.. world.Weather.Values]);
}

internal sealed class FakeFleet(World world) : Grain, IFleetGrain
{
    public Task Add(string droneId, DroneRegistration? registration = null) => throw new NotSupportedException();

    public ValueTask<FleetPart> Describe(long known) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<string>> List(string? after, int limit) => ValueTask.FromResult<IReadOnlyList<string>>(
        [.. world.Drones.Keys.Where(id => FleetShards.Of(GrainId.Create("drone", id)) == this.GetPrimaryKeyLong() && string.CompareOrdinal(id, after) > 0).Order(StringComparer.Ordinal).Take(limit)]);
}
