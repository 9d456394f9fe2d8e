using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>Nothing goes round in circles: attempts, changes and what is written of them have an end, which operators or clients are told.</summary>
public sealed class BoundsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(DroneTrouble.RefusedMission, 5)]
    [InlineData(DroneTrouble.LowBattery, 5)]
    [InlineData(null, 5)]
    [InlineData(DroneTrouble.RefusedMission, 150)]
    [InlineData(null, 150)]
    public void Drone_that_takes_missions_and_never_flies_them_gets_no_endless_row_of_them(DroneTrouble? trouble, int wait)
    {
        var cluster = new ScriptedCluster(options => (options.MaximumWait, options.LastRetry) = (wait * Minute, Minute));
        cluster.Register();
        cluster.Submit(cluster.Order());
        var silentUntil = cluster.Now;
        for (var end = cluster.Now + TimeSpan.FromHours(3); cluster.Now < end;)
        {
            cluster.Pass(TimeSpan.FromSeconds(5));
            if (cluster.Now < silentUntil) continue;
            if (cluster.Report().Mission is null) continue;
            if (trouble is not null) cluster.Report(trouble: trouble);
            else silentUntil = cluster.Now + (2 * Minute); // It is silent for longer than it may be.
        }

        var request = Stored(cluster);
        Assert.InRange(request.LastAttempt, 1, 25);
        Assert.InRange(cluster.Do(cluster.Delivery().GetHistory())!.Count, 1, 75);
        Assert.InRange(Bytes<IDeliveryGrain>(cluster), 1, 32_000);
        Assert.InRange(Bytes<IDeliveryRequestGrain>(cluster), 1, 32_000);
        Assert.Null(cluster.Do(cluster.Drone().Get())!.Mission);
        if (wait == 5)
        {
            // The wait counts from the order, not from the last drone that was lost.
            Assert.Equal(RequestStatus.Rejected, request.Status);
            Assert.StartsWith("No drone could carry it within 00:05:00; missions lost before pickup:", request.Reason, StringComparison.Ordinal);
            Assert.InRange(request.UpdatedAt - request.AcceptedAt, 5 * Minute, 8 * Minute);
            return;
        }

        Assert.Equal(RequestStatus.DeadLettered, request.Status);
        Assert.StartsWith("Flight keeps failing: 20 missions were lost before pickup.", Assert.Single(cluster.Flagged(RequestFlag.DeadLetter)).Reason, StringComparison.Ordinal);

        // The undo succeeds at the bound, and an operator may have it tried again.
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Replay(cluster.Command(), "drones repaired")));
        cluster.Pass(Minute, "drone");
        Assert.Equal(RequestStatus.Scheduled, cluster.Get().Status);
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted")));
        cluster.Pass(Minute, "drone");
        Assert.Equal((RequestStatus.Cancelled, DeliveryStage.Cancelled), (cluster.Get().Status, cluster.Do(cluster.Delivery().GetStage())));
        Assert.Null(cluster.Do(cluster.Drone().Get())!.Mission);
        Assert.Empty(cluster.Supervised());
    }

    [Fact]
    public void Drones_that_are_lost_are_replaced_at_once_at_first_and_then_after_growing_pauses()
    {
        var cluster = new ScriptedCluster(options => options.MaximumWait = 60 * Minute);
        cluster.Register();
        cluster.Submit(cluster.Order());
        List<DateTimeOffset> lost = [];
        while (lost.Count < 8)
        {
            cluster.Pass(TimeSpan.FromSeconds(1));
            if (cluster.Report().Mission is null) continue;
            cluster.Report(trouble: DroneTrouble.RefusedMission);
            lost.Add(cluster.Now);
        }

        var gaps = lost.Zip(lost.Skip(1), (one, next) => (next - one).TotalSeconds).ToList();
        Assert.InRange(gaps[0], 0, 10);
        Assert.True(gaps[^1] > gaps[0] + 2, string.Join(", ", gaps));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void Replays_do_not_grow_a_request_without_end()
    {
        var cluster = new ScriptedCluster(options => (options.MaxMissions, options.MaximumWait) = (100, 600 * Minute));
        cluster.Register();
        cluster.Submit(cluster.Order());
        for (var replays = 0; replays < 6; replays++)
        {
            for (var tries = 0; tries < 2_000 && cluster.Get().Status != RequestStatus.DeadLettered; tries++)
            {
                cluster.Pass(TimeSpan.FromSeconds(10));
                if (cluster.Report().Mission is not null) cluster.Report(trouble: DroneTrouble.RefusedMission);
            }

            Assert.Equal(RequestStatus.DeadLettered, cluster.Get().Status);
            cluster.Do(cluster.Request().Replay(cluster.Command(), "again"));
        }

        Assert.InRange(Stored(cluster).LastAttempt, 150, 210);
        Assert.InRange(Bytes<IDeliveryGrain>(cluster), 1, 200_000);
        Assert.Equal("The order was changed or tried too often; cancel it and order again.", cluster.Do(cluster.Request().Reschedule(cluster.Command(), Nothing)).Reason);
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Cancel(cluster.Command(), "enough")));
    }

    [Fact]
    public void Client_that_changes_its_order_in_a_loop_is_refused_in_the_end_and_can_still_cancel()
    {
        var cluster = new ScriptedCluster();
        cluster.Register();
        cluster.Submit(cluster.Order());
        CommandResult? answer = null;
        for (var changes = 0; changes < 200; changes++)
        {
            cluster.Pass(TimeSpan.FromSeconds(15), "drone");
            answer = cluster.Do(cluster.Request().Reschedule(cluster.Command(), Nothing));
        }

        Assert.Equal((CommandOutcome.Conflict, "The order was changed or tried too often; cancel it and order again."), (answer!.Outcome, answer.Reason));
        Assert.Equal(50, Stored(cluster).Revision);
        Assert.InRange(cluster.Do(cluster.Delivery().GetHistory())!.Count, 50, 155);
        cluster.Pass(Minute, "drone");
        Assert.Equal(RequestStatus.Scheduled, cluster.Get().Status); // As it was changed last.
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted")));
        cluster.Pass(Minute, "drone");
        Assert.Equal(DeliveryStage.Cancelled, cluster.Do(cluster.Delivery().GetStage()));
    }

    [Fact]
    public void Drone_that_refuses_every_offer_is_passed_over_for_others_and_asked_ever_less_often()
    {
        var cluster = new ScriptedCluster(options => (options.MaximumWait, options.RefusalPause) = (60 * Minute, 2 * Minute));
        var asked = new List<(string Drone, DateTimeOffset At)>();
        cluster.Cluster.Intercept = call =>
        {
            if (call.Method.Name != nameof(IDroneGrain.Reserve) || call.Target == SimulatedCluster.Id<IDroneGrain>("willing")) return false;
            asked.Add((call.Target.Key.ToString()!, cluster.Now));
            call.Succeed(new ReserveResult(false, "It will not.", default, null));
            return true;
        };
        foreach (var id in (string[])["first", "second"]) cluster.Register(id);
        cluster.Submit(cluster.Order());
        cluster.Pass((40 * Minute) + (Minute / 2), "first", "second");
        Assert.Equal(RequestStatus.Waiting, cluster.Get().Status);
        Assert.Equal(["first", "second"], asked.Take(2).Select(ask => ask.Drone).Order());
        Assert.InRange(asked.Count, 10, 45);

        // One that is willing but farther away gets it, since the nearer ones are not asked again for a while.
        cluster.Register("willing", at: new GeoPoint(10.025, 20.025).Destination(0, 500));
        for (var tries = 0; tries < 20; tries++)
        {
            cluster.Pass(TimeSpan.FromSeconds(5), "first", "second");
            cluster.Report("willing", at: new GeoPoint(10.025, 20.025).Destination(0, 500));
        }

        Assert.Equal("willing", cluster.Get().Transport?.DroneId);
    }

    [Fact]
    public void Drone_is_offered_again_at_once_when_it_was_the_request_that_could_not_be_asked()
    {
        var cluster = new ScriptedCluster(options => options.RefusalPause = 10 * Minute);
        cluster.Submit(cluster.Order());
        cluster.Pass(Minute / 2);
        Assert.Equal(RequestStatus.Waiting, cluster.Get().Status);
        cluster.Cluster.Stores.Broken[SimulatedCluster.Id<IDeliveryRequestGrain>("delivery")] = 1;
        cluster.Register();
        cluster.Pass(Minute, "drone");
        Assert.Equal(0, cluster.Cluster.Stores.Broken[SimulatedCluster.Id<IDeliveryRequestGrain>("delivery")]); // It did fail.
        Assert.Equal((RequestStatus.Scheduled, "drone"), (cluster.Get().Status, cluster.Get().Transport?.DroneId));
    }

    private static DeliveryChange Nothing { get; } = new(null, null, null, null, null);

    private static DeliveryRequestState Stored(ScriptedCluster cluster) =>
        cluster.Cluster.Stores.Find<DeliveryRequestState>(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"))!;

    private static int Bytes<T>(ScriptedCluster cluster) => cluster.Cluster.Stores.Documents[SimulatedCluster.Id<T>("delivery")].Json.Length;
}
