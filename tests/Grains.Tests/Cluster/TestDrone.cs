using DroneDelivery.Drones;

namespace DroneDelivery.Cluster;

/// <summary>A drone as the test flies it: it reports what it is told to and keeps the answer.</summary>
internal sealed class TestDrone(IGrainFactory grains, string id, GeoPoint home)
{
    private readonly GeoPoint _home = home;
    private long _sequence;

    public string Id => id;

    public GeoPoint Position { get; set; } = home;

    public double Battery { get; set; } = 1;

    public MissionOrder? Mission { get; private set; }

    public IDroneGrain Grain => grains.GetGrain<IDroneGrain>(id);

    /// <summary>A strong and fast drone: 100 kg, 900 m/s.</summary>
    public static DroneRegistration Registration(GeoPoint home, double maxPayload = 100) => new(
        "test", home, new DroneCapabilities(maxPayload, PackageSize.Large, 900, 200, 100, 20, 5_000, 60_000, 1));

    public async Task<TestDrone> Register(double maxPayload = 100)
    {
        await Grain.Register(CommandId.New(), Registration(_home, maxPayload));
        await Report();
        return this;
    }

    public async Task<TelemetryAnswer> Report(MissionPhase? phase = null)
    {
        if (phase == MissionPhase.Delivered && Mission is not null) Position = Mission.Dropoff;
        var progress = phase is { } reached && Mission is { } mission ? new MissionProgress(mission.DeliveryId, mission.Attempt, reached) : null;
        var answer = await Grain.Report(new TelemetryReport(1, ++_sequence, DateTimeOffset.UtcNow, Position, Battery, progress));
        Mission = answer.Mission;
        return answer;
    }

    public async Task<MissionOrder> TakeMission(string deliveryId)
    {
        await Eventually.Get(() => Report(), answer => answer.Mission?.DeliveryId == deliveryId);
        return Mission!;
    }

    public Task<CommandResult> AskForParcel()
    {
        Position = Mission!.Pickup;
        return Grain.RequestPickup(CommandId.New(), Mission.DeliveryId, Mission.Attempt);
    }

    /// <summary>Flies the mission to its end.</summary>
    public async Task Deliver(string deliveryId)
    {
        var mission = await TakeMission(deliveryId);
        await Report(MissionPhase.HeadedToPickup);
        Position = mission.Pickup;
        await Report(MissionPhase.AtPickup);
        await Eventually.Get(AskForParcel, result => result.Succeeded);
        await Report(MissionPhase.HeadedToDropoff);
        Position = mission.Dropoff;
        await Eventually.Get(() => Report(MissionPhase.Delivered), answer => answer.Mission is null);
    }
}
