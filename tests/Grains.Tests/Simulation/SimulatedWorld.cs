using DroneDelivery.Accounts;
using DroneDelivery.Drones;
using DroneDelivery.Notifications;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Storage;

namespace DroneDelivery.Simulation;

/// <summary>
/// Clients, drones and an operator around a simulated cluster. A row of numbers picks what happens: which event comes next, who acts,
/// what fails. When they are used up, faults end, drones fly well, time passes, and everything has to come to an end.
/// </summary>
internal sealed class SimulatedWorld
{
    private const int Requests = 3;
    private const int Drones = 2;

    private static readonly GeoPoint Centre = new(10.025, 20.025);
    // Those that can be away while the others are there.
    private static readonly string[] Stores = [GrainStores.Accounts, GrainStores.Packages, GrainStores.Deliveries, GrainStores.Drones, GrainStores.Requests, GrainStores.Supervision];
    private static readonly TimeSpan Horizon = TimeSpan.FromMinutes(20);

    private readonly List<SimulatedClient> _clients = [];
    private readonly List<SimulatedDrone> _drones = [];
    private readonly SimulatedCourier _courier;
    private readonly SchedulingOptions _scheduling;
    private DateTimeOffset _wakeAt;
    private int _operations;

    /// <param name="oldId">Whether one of the ids tells its age, as those do that the gateway mints: three hours.</param>
    public SimulatedWorld(bool oldId = false)
    {
        _scheduling = WithPartner();
        Cluster = new SimulatedCluster(_scheduling, DroneSettings());
        Cluster.Notifications.LoseAfter = TimeSpan.FromHours(1); // What is lost by rule has tests of its own.
        Invariants = new Invariants(this);
        Cluster.Stores.Written = (id, before, after) =>
        {
            Invariants.Check(id, before, after);
            Invariants.CheckPlaces(id, before, after);
        };
        Cluster.Executed = (call, result) =>
        {
            if (call.Method.Name == nameof(IDeliveryRequestGrain.Resume) && result is null) Invariants.Left(call.Target.Key.ToString()!);
            if (call.Interface == typeof(IDroneGrain)) Invariants.Told(call, result);
            Invariants.Answered(call, result);
        };
        for (var number = 0; number < Drones; number++) _drones.Add(new SimulatedDrone(this, $"drone-{number}", Centre.Destination(number * 90, 100)));
        foreach (var drone in _drones) drone.Register();
        Cluster.RunAll();

        // Until then times would order their reports, as always after a registration, and counters that leap did no harm.
        Cluster.Time.Now += DroneSettings().MaxReportAge;
        foreach (var drone in _drones) drone.FlyWell();
        Cluster.RunAll();
        for (var number = 0; number < Requests; number++) _clients.Add(new SimulatedClient(this, number == 1 && oldId ? SimulatedClient.OldId(Cluster.Time.Now.AddHours(-3)) : $"delivery-{number}", Order(number)));
        _courier = new SimulatedCourier(this);
    }

    public static SchedulingOptions Scheduling() => new()
    {
        MaxRange = 1_000,
        PickupLead = TimeSpan.Zero,
        QueueInterval = TimeSpan.FromSeconds(2),
        Recheck = TimeSpan.FromSeconds(10),
        ShardInterval = TimeSpan.FromSeconds(5),
        LostContact = TimeSpan.FromSeconds(40),
        LostWithParcel = TimeSpan.FromSeconds(60),
        MaximumWait = TimeSpan.FromMinutes(5),
        ConfirmationTimeout = TimeSpan.FromMinutes(1),
        ParkedRecheck = TimeSpan.FromSeconds(30),
        LastRetry = TimeSpan.FromSeconds(10),
        OutageRetry = TimeSpan.FromSeconds(10),
        OutagePatience = TimeSpan.FromSeconds(30),
        RefusalPause = TimeSpan.FromSeconds(5),
        MaxAttempts = 4,
    };

    // Drones are sought for a short time only, so that the partner has something to do.
    private static SchedulingOptions WithPartner()
    {
        var options = Scheduling();
        (options.PartnerId, options.MaximumWait, options.DroneSearch, options.PartnerLead) = (SimulatedCourier.PartnerId, TimeSpan.FromSeconds(45), TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(3));
        (options.PartnerDecision, options.PartnerSilence) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
        options.FleetRefresh = TimeSpan.Zero; // All that is ordered here can be flown, and sixteen questions more leave less room for the rest.
        return options;
    }

    public static DroneOptions DroneSettings() => new()
    {
        CellRefresh = TimeSpan.FromSeconds(5),
        MissionLease = TimeSpan.FromSeconds(20),
        ContactTimeout = TimeSpan.FromSeconds(15),
        RefusalPause = TimeSpan.FromSeconds(5),
        IgnoredAlarm = TimeSpan.FromSeconds(20),
        PositionSlack = 30,
        PlaceTolerance = 30,
        DoubtPatience = TimeSpan.FromSeconds(20),
    };

    public SimulatedCluster Cluster { get; }

    public Invariants Invariants { get; }

    public IReadOnlyList<SimulatedClient> Clients => _clients;

    public IEnumerable<string> Owners => _clients.Select(client => client.Order.OwnerId).Distinct();

    public IReadOnlyList<SimulatedDrone> Fleet => _drones;

    /// <summary>Whether owners have webhooks; null: the choices decide.</summary>
    public bool? Listening { get; set; }

    /// <summary>Whether stores are away at times, and documents are poison.</summary>
    public bool HasOutages { get; init; } = true;

    /// <summary>Whether drones lie about each pickup and handover before they fly it; null: the choices decide.</summary>
    public bool? Lying { get; set; }

    /// <summary>Whether the partner is asked at once when no drone is free, so that it has orders while clients still act; null: the choices decide.</summary>
    public bool? PartnerSoon { get; set; }

    /// <summary>Runs the choices, then lets everything come to rest, and checks what has become of it.</summary>
    public void Run(IReadOnlyList<int> choices)
    {
        // In half of the runs, for with webhooks so much more happens that less of the rest does.
        if (Listening ??= choices.Count % 2 == 0) Listen();
        Lying ??= choices.Count / 2 % 2 == 1;
        if (PartnerSoon ??= choices.Count / 4 % 2 == 1) _scheduling.DroneSearch = TimeSpan.Zero;
        foreach (var choice in choices) Step(choice & 31, choice >> 5);
        Settle();
        Invariants.CheckEnd();
    }

    private void Listen()
    {
        foreach (var owner in Owners)
            Watch(Cluster.Grains.GetGrain<IOwnerNotificationsGrain>(owner).AddWebhook(new CommandId("webhook"), "webhook", new WebhookSettings("https://example.org", [], null), "secret"));
        Cluster.RunAll();
    }

    private void Step(int kind, int pick)
    {
        var events = Cluster.Events;
        switch (kind)
        {
            case < 13 when events.Count > 0:
                Cluster.Run(pick % events.Count);
                break;
            case 13:
                Split(pick);
                break;
            case < 17 when events.Count > 0:
                for (var count = 0; count < 12 && events.Count > 0; count++) Cluster.Run(0);
                break;
            case < 21:
                _clients[pick % _clients.Count].Act(pick / _clients.Count);
                break;
            case 24 when Cluster.Partner.Orders.Count > 0:
                _courier.Act(pick);
                break;
            case < 25:
                _drones[pick % _drones.Count].Act(pick / _drones.Count);
                break;
            case 25:
                Pass(TimeSpan.FromSeconds(1 + (pick % 30)));
                Cluster.Stores.Away.Clear();
                break;
            case 26 when Cluster.Open.Count > 0:
                SimulatedCluster.TimeOut(Cluster.Open[pick % Cluster.Open.Count]);
                break;
            case 27 or 28 when Cluster.Activations is { Count: > 0 } activations:
                Cluster.Kill(activations[pick % activations.Count]);
                break;
            case 29 when Cluster.Stores.Pending is { Count: > 0 } pending:
                if (pick % 2 == 0) pending[pick / 2 % pending.Count].FailsBefore = true;
                else pending[pick / 2 % pending.Count].FailsAfter = true;
                break;
            case 30 when HasOutages && pick % 16 == 0:
                Cluster.Stores.Poisoned.Add(SimulatedCluster.Id<IPackageGrain>(_clients[pick / 16 % _clients.Count].Order.PackageId));
                break;
            case 30 when HasOutages && pick % 8 == 1:
                Cluster.Stores.Away.Add(Stores[pick / 8 % Stores.Length]); // Until time passes.
                break;
            case 30 when Cluster.Activations is { Count: > 0 } activations:
                Cluster.Stores.Broken[activations[pick % activations.Count]] = 1 + (pick % 7);
                break;
            case 31:
                Operate(pick);
                break;
        }
    }

    /// <summary>A grain has two lives, of which the old one keeps some of its callers, until its silo is gone or it finds out.</summary>
    private void Split(int pick)
    {
        if (pick % 4 == 0 && Cluster.Strays is { Count: > 0 } strays)
        {
            Cluster.Kill(strays[pick / 4 % strays.Count]);
            return;
        }

        if (Cluster.Activations is not { Count: > 0 } activations) return;
        var (share, callers) = (1 + (pick / 4 % 3), new Random(pick));
        Cluster.Split(activations[pick / 12 % activations.Count], _ => callers.Next(4) < share);
    }

    private void Settle()
    {
        Cluster.Stores.Broken.Clear();
        Cluster.Stores.Away.Clear();

        // What stores finds out by itself that it has a successor; what does not ends with its silo.
        foreach (var stray in Cluster.Strays.Where(stray => stray.Id.Type.ToString() is "dispatch-queue" or "airspace-cell").ToList()) Cluster.Kill(stray);
        foreach (var client in _clients) client.Calm();
        foreach (var drone in _drones) drone.Calm();
        var end = Cluster.Time.Now + Horizon;
        var report = Cluster.Time.Now;
        while (Cluster.Time.Now < end)
        {
            Cluster.RunAll();
            if (Cluster.Time.Now >= report)
            {
                foreach (var client in _clients) client.Finish();
                foreach (var drone in _drones) drone.FlyWell();
                _courier.WorkWell();
                report = Cluster.Time.Now + TimeSpan.FromSeconds(5);
                Cluster.RunAll();
                if (Invariants.IsAtRest) return;
            }

            Pass(TimeSpan.FromSeconds(5));
        }
    }

    // Reminders and the silos' wake-up calls bring stored shards back.
    private void Pass(TimeSpan time)
    {
        Cluster.Pass(time);
        if (Cluster.Time.Now < _wakeAt) return;
        _wakeAt = Cluster.Time.Now + TimeSpan.FromSeconds(10);
        foreach (var shard in _clients.Select(client => client.Shard).Distinct()) Watch(Cluster.Grains.GetGrain<ISupervisorGrain>(shard).Wake());
        if (Listening != true) return;
        foreach (var owner in Owners)
            Watch(Cluster.Grains.GetGrain<ISubscriptionWatchGrain>(SubscriptionShards.Of(SimulatedCluster.Id<ISubscriptionGrain>(SubscriptionKey.OfWebhook(owner, "webhook")))).Wake());
    }

    private void Operate(int pick)
    {
        var client = _clients[pick % _clients.Count];
        var request = Cluster.Grains.GetGrain<IDeliveryRequestGrain>(client.Id);
        var command = new CommandId($"operation-{++_operations}");
        switch (pick / _clients.Count % 7)
        {
            case 0:
                Watch(request.Replay(command, "again"));
                break;
            case 1:
                Watch(request.Abandon(command, "enough"));
                break;
            case 2 or 3 or 4:
                var resolution = (IncidentResolution)((pick / _clients.Count % 7) - 2);
                client.ResolvedByHand |= resolution == IncidentResolution.Completed;
                Watch(request.Resolve(command, resolution, "seen"));
                break;
            case 5:
                var account = Cluster.Grains.GetGrain<IAccountGrain>(client.Order.OwnerId);
                Watch(account.SetStanding(command, pick % 2 == 0 ? AccountStanding.Suspended : AccountStanding.Active, null));
                break;
            case 6:
                Watch(_drones[pick % _drones.Count].Grain.SetMaintenance(command, pick % 2 == 0 ? "check" : null));
                break;
        }
    }

    /// <summary>Takes note of a failure, so that nobody has to.</summary>
    public static void Watch(Task task) => task.ContinueWith(
        failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    // The first and the last want the same package, but belong to different owners.
    private DeliveryOrder Order(int number) => new(
        $"owner-{number % 2}",
        $"package-{(number == 1 ? 0 : number)}",
        new PackageDetails(PackageSize.Small, 1 + number, null),
        new Place(null, Centre),
        new Place(null, Centre.Destination(90, 300)),
        Cluster.Time.Now.AddSeconds(number == 2 ? 60 : 0),
        number == 2 ? Cluster.Time.Now.AddMinutes(4) : null,
        "",
        number == 0,
        number == 0 ? ConfirmationRequired.Picture : ConfirmationRequired.None);
}
