using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>A client that looks all the time, and silos that die at every point in between: an event keeps its number and its words.</summary>
public sealed class ToldTests
{
    [Theory]
    [Trait("Category", "Slow")]
    [InlineData("everything")]
    [InlineData("delivery")]
    [InlineData("delivery", "delivery-request")]
    public void Event_that_was_told_stands_wherever_the_crash_comes(params string[] dying)
    {
        var crash = 0;
        for (Life life; (life = new Life(crash, dying)).Crashed; crash++) Assert.Equal([], life.Contradictions);

        Assert.InRange(crash, 40, 1_000); // A life has so many points; the last of the loop ran through without a crash.
    }

    [Fact]
    public void Client_is_told_that_it_was_asked_for_then_who_fetches_it_and_so_on()
    {
        var life = new Life(int.MaxValue, []);

        Assert.Equal([], life.Contradictions);
        Assert.Equal(
            ["1 Asked for.", "2 Drone near will fetch the parcel.", "3 Drone near is on its way to the pickup.", "4 Drone near has the parcel.", "5 Delivered."],
            life.Told.Select(entry => $"{entry.Sequence} {entry.Detail}"));
    }

    [Fact]
    public void Drone_that_is_only_noted_is_told_of_when_it_is_stored()
    {
        var cluster = new ScriptedCluster();
        cluster.Schedule();
        Assert.Equal(["Asked for."], Details());
        Assert.Equal(1, cluster.Do(cluster.Delivery().GetStatus())!.LastEvent);

        cluster.Report(phase: MissionPhase.HeadedToPickup);
        Assert.Equal(["Asked for.", "Drone drone will fetch the parcel.", "Drone drone is on its way to the pickup."], Details());
        Assert.Equal(3, cluster.Do(cluster.Delivery().GetStatus())!.LastEvent);

        IEnumerable<string?> Details() => cluster.Do(cluster.Delivery().GetHistory())!.Select(entry => entry.Detail);
    }

    [Fact]
    public void Making_that_comes_late_to_a_new_activation_is_not_told()
    {
        SimulatedCluster.Call? making = null;
        var cluster = new ScriptedCluster();
        cluster.Cluster.Intercept = call =>
        {
            if (call.Method.Name == nameof(IDeliveryGrain.Create)) making ??= call;
            return false;
        };
        cluster.Load();
        cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryGrain>("delivery"));
        cluster.Do(cluster.Delivery().Create((CommandId)making!.Arguments[0]!, (DeliveryPlan)making.Arguments[1]!, (MissionAssignment)making.Arguments[2]!));

        Assert.Equal(DeliveryStage.HeadedToDropoff, cluster.Do(cluster.Delivery().GetStatus())!.Stage);
        Assert.Equal(4, cluster.Do(cluster.Delivery().GetHistory())!.Count);
    }

    [Fact]
    public void End_of_a_request_keeps_its_time_whatever_comes_after()
    {
        var cluster = new ScriptedCluster();
        cluster.Submit(cluster.Order());
        cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted"));
        cluster.Pass(TimeSpan.FromMinutes(1));
        var told = NotYetShipped.History(cluster.Get());

        cluster.Do(cluster.Request().Remember(cluster.Command()));
        Assert.Equal(told, NotYetShipped.History(cluster.Get()));
    }

    /// <summary>One delivery from asking to handing over, with a crash after so many events.</summary>
    private sealed class Life
    {
        private const string Id = "delivery";

        private readonly ScriptedCluster _cluster = new();
        private readonly Dictionary<string, long> _sequences = [];
        private readonly Dictionary<long, TrackingEvent> _told = [];
        private readonly int _crash;
        private readonly string[] _dying;
        private int _steps;
        private Task _look = Task.CompletedTask;

        public Life(int crash, string[] dying)
        {
            (_crash, _dying) = (crash, dying);
            _cluster.Register("near");
            _cluster.Register("far", at: ScriptedCluster.Centre.Destination(0, 100));
            Submit();
            for (var round = 0; round < 60 && !_told.Values.Any(entry => entry.Stage == DeliveryStage.Completed); round++)
            {
                SimulatedWorld.Watch(_cluster.Grains.GetGrain<ISupervisorGrain>(SupervisorShards.Of(SimulatedCluster.Id<IDeliveryRequestGrain>(Id))).Wake());
                _cluster.Cluster.Pass(TimeSpan.FromSeconds(2.5));
                Run();
                foreach (var drone in (string[])["near", "far"]) Report(drone);
            }

            if (!_told.Values.Any(entry => entry.Stage == DeliveryStage.Completed)) Contradictions.Add("It was never told that the parcel arrived.");
        }

        public bool Crashed => _steps > _crash;

        public List<string> Contradictions { get; } = [];

        public IEnumerable<TrackingEvent> Told => _told.Values.OrderBy(entry => entry.Sequence);

        private void Submit()
        {
            var order = _cluster.Order();
            for (Task<CommandResult> submitted; ;)
            {
                SimulatedWorld.Watch(submitted = _cluster.Request(Id).Submit(new CommandId("submit"), order));
                Run();
                if (submitted.IsCompletedSuccessfully) return;
            }
        }

        private void Report(string id)
        {
            var read = _cluster.Drone(id).Get().AsTask();
            SimulatedWorld.Watch(read);
            Run();
            var mission = read.IsCompletedSuccessfully ? read.Result?.Mission : null;
            var reached = mission?.Phase switch
            {
                MissionPhase.Assigned => MissionPhase.HeadedToPickup,
                MissionPhase.HeadedToPickup => MissionPhase.AtPickup,
                MissionPhase.HeadedToDropoff => MissionPhase.Delivered,
                var same => same,
            };
            if (mission?.Phase == MissionPhase.AtPickup) SimulatedWorld.Watch(_cluster.Drone(id).RequestPickup(_cluster.Command(), Id, mission.Attempt));
            Run();
            var sequence = _sequences[id] = _sequences.GetValueOrDefault(id, 1) + 1;
            var at = reached == MissionPhase.Delivered ? ScriptedCluster.Centre.Destination(90, 300) : ScriptedCluster.Centre;
            var progress = mission is null ? null : new MissionProgress(Id, mission.Attempt, reached!.Value);
            SimulatedWorld.Watch(_cluster.Drone(id).Report(new TelemetryReport(1, sequence, _cluster.Now, at, 1, progress, null)));
            Run();
        }

        private void Run()
        {
            var cluster = _cluster.Cluster;
            while (cluster.Events.Count > 0)
            {
                cluster.Run(0);
                if (_steps++ == _crash)
                    foreach (var grain in cluster.Activations.Where(grain => _dying is ["everything"] || _dying.Contains(grain.Type.ToString()))) cluster.Kill(grain);
                if (_look.IsCompleted && !IsIdle()) SimulatedWorld.Watch(_look = Look());
            }

            // What the look itself does is not to keep the cluster busy.
            bool IsIdle() => cluster.Events.Count == 0;
        }

        private async Task Look()
        {
            var history = await _cluster.Delivery(Id).GetHistory().ConfigureAwait(false)
                ?? (await _cluster.Request(Id).Get().ConfigureAwait(false) is { } request ? NotYetShipped.History(request) : []);
            foreach (var entry in history)
            {
                if (!_told.TryAdd(entry.Sequence, entry) && _told[entry.Sequence] != entry)
                    Contradictions.Add($"Crash after {_crash} events: {_told[entry.Sequence]} was told, then {entry}.");
            }
        }
    }
}
