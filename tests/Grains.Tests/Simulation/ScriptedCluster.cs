using DroneDelivery.Drones;
using DroneDelivery.Navigation;
using DroneDelivery.Packages;
using DroneDelivery.Queries;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>A simulated cluster for tests that say what happens: calls come to their end at once, and time passes when told.</summary>
internal sealed class ScriptedCluster
{
    public static readonly GeoPoint Centre = new(10.025, 20.025);

    private readonly Dictionary<string, long> _sequences = [];
    private int _commands;

    public ScriptedCluster(Action<SchedulingOptions>? change = null, NoFlyZones? zones = null, Action<DroneOptions>? drones = null)
    {
        var scheduling = SimulatedWorld.Scheduling();
        change?.Invoke(scheduling);
        var settings = SimulatedWorld.DroneSettings();
        settings.PositionSlack = 1_000; // From place to place between two lines of a script.
        drones?.Invoke(settings);
        Cluster = new SimulatedCluster(scheduling, settings, zones);
    }

    public SimulatedCluster Cluster { get; }

    public IGrainFactory Grains => Cluster.Grains;

    public DateTimeOffset Now => Cluster.Time.Now;

    public CommandId Command() => new($"command-{++_commands}");

    public IDeliveryRequestGrain Request(string id = "delivery") => Grains.GetGrain<IDeliveryRequestGrain>(id);

    public IDeliveryGrain Delivery(string id = "delivery") => Grains.GetGrain<IDeliveryGrain>(id);

    public IDroneGrain Drone(string id = "drone") => Grains.GetGrain<IDroneGrain>(id);

    public DeliveryOrder Order(string owner = "owner", double weight = 1, DateTimeOffset? pickupTime = null, DateTimeOffset? deadline = null, ConfirmationRequired confirmation = ConfirmationRequired.None) => new(
        owner, $"package-{++_commands}", new PackageDetails(PackageSize.Small, weight, null), new Place(null, Centre), new Place(null, Centre.Destination(90, 300)),
        pickupTime ?? Now, deadline, "", false, confirmation);

    /// <summary>Waits for an answer.</summary>
    public T Do<T>(Task<T> call)
    {
        Cluster.RunAll();
        return call.IsCompleted ? call.GetAwaiter().GetResult() : throw new InvalidOperationException("No answer came.");
    }

    public T Do<T>(ValueTask<T> call) => Do(call.AsTask());

    public CommandResult Submit(DeliveryOrder order, string id = "delivery") => Do(Request(id).Submit(Command(), order));

    public DeliveryRequestSnapshot Get(string id = "delivery") => Do(Request(id).Get())!;

    /// <summary>Lets time pass; the drones named go on reporting where they are.</summary>
    public void Pass(TimeSpan time, params string[] reporting)
    {
        var end = Now + time;
        while (Now < end)
        {
            Cluster.Pass(end - Now < TimeSpan.FromSeconds(5) ? end - Now : TimeSpan.FromSeconds(5));
            Cluster.RunAll();
            foreach (var drone in reporting) Report(drone);
        }
    }

    public void Register(string id = "drone", double battery = 1, GeoPoint? at = null)
    {
        var capabilities = new DroneCapabilities(100, PackageSize.Large, 900, 200, 100, 20, 5_000, 60_000, 1);
        Do(Drone(id).Register(Command(), new DroneRegistration("scripted", at ?? Centre, capabilities)));
        Report(id, battery: battery, at: at);
    }

    /// <summary>A drone reports; where it has to be for what it says, unless it is told.</summary>
    public TelemetryAnswer Report(string id = "drone", MissionPhase? phase = null, MissionOrder? mission = null, DroneTrouble? trouble = null, double battery = 1, GeoPoint? at = null)
    {
        var claimed = mission ?? Do(Drone(id).Get())?.Mission;
        var progress = phase is { } reached && claimed is not null ? new MissionProgress(claimed.DeliveryId, claimed.Attempt, reached)
            : claimed is null ? null : new MissionProgress(claimed.DeliveryId, claimed.Attempt, claimed.Phase);
        var sequence = NextSequence(id);
        var place = progress?.Phase switch
        {
            MissionPhase.AtPickup or MissionPhase.HeadedToDropoff => claimed!.Pickup,
            MissionPhase.Delivered => claimed!.Dropoff,
            _ => Centre,
        };
        return Do(Drone(id).Report(new TelemetryReport(1, sequence, Now, at ?? place, battery, progress, trouble)));
    }

    public long NextSequence(string id = "drone") => _sequences[id] = _sequences.GetValueOrDefault(id) + 1;

    /// <summary>A request with a drone on its way.</summary>
    public MissionOrder Schedule(DeliveryOrder? order = null, string drone = "drone")
    {
        Register(drone);
        Submit(order ?? Order());
        Pass(TimeSpan.FromSeconds(5), drone);
        return Do(Drone(drone).Get())!.Mission ?? throw new InvalidOperationException("The drone has no mission.");
    }

    /// <summary>A request whose drone has the parcel.</summary>
    public MissionOrder Load(DeliveryOrder? order = null, string drone = "drone")
    {
        var mission = Schedule(order, drone);
        Report(drone, MissionPhase.AtPickup);
        Assert.True(Do(Drone(drone).RequestPickup(Command(), mission.DeliveryId, mission.Attempt)).Succeeded);
        return mission;
    }

    public IReadOnlyList<FlaggedRequest> Flagged(RequestFlag flag, string id = "delivery") => Do(Supervisor(id).ListFlagged(flag));

    public IReadOnlyList<SupervisedRequest> Supervised(string id = "delivery") => Do(Supervisor(id).List());

    /// <summary>What the index says.</summary>
    public DeliveryIndexEntry? Row(string id = "delivery") => Cluster.Index.Find(id);

    /// <summary>Lets every write of a grain fail, or none.</summary>
    public void Break<T>(string key, bool broken = true) => Cluster.Stores.Broken[SimulatedCluster.Id<T>(key)] = broken ? int.MaxValue : 0;

    private ISupervisorGrain Supervisor(string id) =>
        Grains.GetGrain<ISupervisorGrain>(SupervisorShards.Of(SimulatedCluster.Id<IDeliveryRequestGrain>(id)));
}
