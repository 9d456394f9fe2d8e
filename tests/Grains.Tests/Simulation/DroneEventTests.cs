using DroneDelivery.Drones;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Simulation;

/// <summary>What a drone says against what is known reaches its request: once, in the end, and within bounds.</summary>
public sealed class DroneEventTests
{
    private readonly ScriptedCluster _cluster = new();
    private readonly List<DroneEvent> _heard = [];

    public DroneEventTests() => _cluster.Cluster.Executed = (call, _) =>
    {
        if (call.Method.Name == nameof(IDeliveryRequestGrain.Hear)) _heard.Add((DroneEvent)call.Arguments[0]!);
    };

    [Fact]
    public void Alarm_whose_hand_over_failed_is_handed_over_again()
    {
        _cluster.Schedule();
        var failures = 3;
        _cluster.Cluster.Intercept = call =>
        {
            if (call.Method.Name != nameof(IDeliveryRequestGrain.Hear) || failures-- <= 0) return false;
            call.Fail(new TimeoutException("The request is away."));
            return true;
        };
        SayStray("delivery", 7);
        Assert.Empty(_cluster.Get().Alarms!);
        _cluster.Pass(TimeSpan.FromSeconds(10), "drone");
        Assert.Equal(7, Assert.Single(_cluster.Get().Alarms!).Attempt);
        Assert.Empty(Outbox());
    }

    [Fact]
    public void Drone_that_repeats_itself_raises_its_alarm_once_in_all_its_lives()
    {
        _cluster.Schedule();
        for (var time = 0; time < 3; time++) SayStray("delivery", 7);
        Assert.Single(_heard);

        _cluster.Cluster.Kill(SimulatedCluster.Id<IDroneGrain>("drone"));
        _cluster.Do(_cluster.Drone().Get());
        SayStray("delivery", 7);
        Assert.Single(_cluster.Get().Alarms!);
        Assert.Single(_cluster.Do(_cluster.Request().GetNotes())!, note => note.Detail.StartsWith("StrayParcel", StringComparison.Ordinal));
        _cluster.Do(_cluster.Request().Resolve(_cluster.Command(), IncidentResolution.Continued, "seen"));
        SayStray("delivery", 7);
        Assert.Empty(_cluster.Get().Alarms!);
    }

    [Fact]
    public void Alarm_that_finds_the_outbox_full_is_raised_when_there_is_room()
    {
        _cluster.Register();
        _cluster.Cluster.Intercept = call =>
        {
            if (call.Method.Name != nameof(IDeliveryRequestGrain.Hear)) return false;
            call.Fail(new TimeoutException("The requests are away."));
            return true;
        };
        for (var number = 0; number < 40; number++) SayStray($"invented-{number}", 1);
        Assert.Equal(Enumerable.Range(0, DroneState.OutboxCapacity).Select(number => $"invented-{number}"), Outbox().Select(occurred => occurred.DeliveryId));

        _cluster.Cluster.Intercept = null;
        _cluster.Pass(TimeSpan.FromSeconds(5));
        for (var number = 0; number < 40; number++) SayStray($"invented-{number}", 1);
        Assert.Equal(Enumerable.Range(0, 40).Select(number => $"invented-{number}").Order(), _heard.Select(occurred => occurred.DeliveryId).Order());
    }

    [Fact]
    public void Refused_offer_that_comes_again_stays_refused_though_the_drone_is_free_by_then()
    {
        _cluster.Register();
        _cluster.Do(_cluster.Drone().Reserve(_cluster.Command(), Offer("other")));
        var late = _cluster.Command();
        var refused = _cluster.Do(_cluster.Drone().Reserve(late, Offer("delivery")));
        Assert.Equal((false, "The drone has another mission."), (refused.Accepted, refused.Reason));

        _cluster.Do(_cluster.Drone().Release(_cluster.Command(), "other", 1));
        Assert.Equal(refused, _cluster.Do(_cluster.Drone().Reserve(late, Offer("delivery"))));
        Assert.True(_cluster.Do(_cluster.Drone().Reserve(_cluster.Command(), Offer("delivery"))).Accepted);
    }

    [Fact]
    public void Late_repetition_of_an_offer_does_not_bring_its_mission_back_however_many_have_ended_since()
    {
        _cluster.Register();
        var first = _cluster.Command();
        for (var number = 0; number < 40; number++)
        {
            Assert.True(_cluster.Do(_cluster.Drone().Reserve(number == 0 ? first : _cluster.Command(), Offer($"delivery-{number}"))).Accepted);
            _cluster.Do(_cluster.Drone().Release(_cluster.Command(), $"delivery-{number}", 1));
            _cluster.Pass(TimeSpan.FromSeconds(5), "drone");
        }

        _cluster.Cluster.Kill(SimulatedCluster.Id<IDroneGrain>("drone"));
        Assert.False(_cluster.Do(_cluster.Drone().Reserve(first, Offer("delivery-0"))).Accepted);
        Assert.Null(_cluster.Do(_cluster.Drone().Get())!.Mission);

        // In time they are forgotten, but for the last.
        _cluster.Pass(TimeSpan.FromHours(2), "drone");
        Assert.InRange(State().Released.Count, 1, 8);
    }

    private static MissionOffer Offer(string delivery) =>
        new(delivery, 1, new GeoPoint(10.025, 20.025), new GeoPoint(10.025, 20.026), 1, PackageSize.Small, null);

    private DroneState State() => _cluster.Cluster.Stores.Find<DroneState>(SimulatedCluster.Id<IDroneGrain>("drone"))!;

    private IEnumerable<DroneEvent> Outbox()
    {
        _cluster.Do(_cluster.Drone().SetMaintenance(_cluster.Command(), $"{_cluster.Command()}")); // What was handed on leaves with the next write.
        return State().Outbox;
    }

    private void SayStray(string delivery, int attempt) => _cluster.Report(
        phase: MissionPhase.HeadedToDropoff, mission: new MissionOrder(delivery, attempt, MissionPhase.HeadedToDropoff, default, default, 1, _cluster.Now));
}
