using DroneDelivery.Archiving;
using DroneDelivery.Drones;
using DroneDelivery.Notifications;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>Ended deliveries move to the archive in time, and read as before.</summary>
public sealed class ArchiveTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void Completed_delivery_leaves_for_the_archive_when_its_time_has_come_and_not_before()
    {
        var cluster = Completed(out var id);
        var (request, history) = (cluster.Get(id), Json(cluster.Do(cluster.Delivery(id).GetHistory())));
        Pass(cluster, 29 * Day);
        Assert.NotNull(Request(cluster, id));
        Assert.Null(Archived(cluster, id));

        Pass(cluster, 2 * Day);

        Assert.Null(Request(cluster, id));
        Assert.Null(Delivery(cluster, id));
        Assert.NotNull(Archived(cluster, id));
        Assert.Equal(Json(request), Json(cluster.Get(id)));
        Assert.Equal(history, Json(cluster.Do(cluster.Delivery(id).GetHistory())));
        Assert.Equal(DeliveryStage.Completed, cluster.Do(cluster.Delivery(id).GetStatus())!.Stage);
        Assert.Equal(DeliveryStage.Completed, cluster.Row(id)!.Stage);
    }

    [Fact]
    public void Archived_delivery_is_changed_as_little_as_any_that_ended()
    {
        var cluster = Completed(out var id);
        Pass(cluster, 31 * Day);
        var request = cluster.Request(id);

        Assert.Equal(CommandOutcome.Conflict, cluster.Do(request.Cancel(cluster.Command(), "late")).Outcome);
        Assert.Equal(CommandOutcome.Conflict, cluster.Do(request.Reschedule(cluster.Command(), new DeliveryChange(null, null, null, "", null))).Outcome);
        Assert.Equal(CommandOutcome.Conflict, cluster.Do(request.Confirm(cluster.Command(), new(ConfirmationRequired.None, cluster.Now, null, null))).Outcome);
        Assert.Equal(CommandOutcome.Conflict, cluster.Do(request.Replay(cluster.Command(), "why")).Outcome);
        Assert.Equal(CommandOutcome.Conflict, cluster.Do(request.Resolve(cluster.Command(), IncidentResolution.Continued, "why")).Outcome);
        Assert.Equal(CommandOutcome.Conflict, cluster.Do(cluster.Delivery(id).NotifyMe(cluster.Command(), new NotificationRequest("a@example.org", null))).Outcome);
        Assert.Equal(CommandOutcome.Conflict, cluster.Do(cluster.Delivery(id).AuthorizePickup(cluster.Command(), "drone", 1, default)).Outcome);
        cluster.Do(Done(request.Hear(new DroneEvent("drone", DroneEventKind.StaleReport, id, 1, cluster.Now, "late"))));

        Assert.Empty(cluster.Flagged(RequestFlag.Incident, id));
        Assert.Null(Request(cluster, id));
        Assert.Null(Delivery(cluster, id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Id_of_an_archived_request_makes_no_second_delivery(bool tellsItsAge)
    {
        var cluster = new ScriptedCluster();
        var id = tellsItsAge ? SimulatedClient.OldId(cluster.Now) : "chosen";
        var order = cluster.Order();
        var command = cluster.Command();
        Assert.Equal(CommandResult.Created, cluster.Do(cluster.Request(id).Submit(command, order)));
        cluster.Do(cluster.Request(id).Cancel(cluster.Command(), "not wanted"));
        Pass(cluster, 31 * Day);
        Assert.NotNull(Archived(cluster, id));
        Assert.Equal(tellsItsAge, Request(cluster, id) is null);

        Assert.Equal(CommandResult.Created, cluster.Do(cluster.Request(id).Submit(command, order)));
        Assert.Equal(CommandResult.Exists, cluster.Do(cluster.Request(id).Submit(cluster.Command(), order)));
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request(id).Cancel(cluster.Command(), "again")));
        cluster.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(RequestStatus.Cancelled, cluster.Get(id).Status);
        Assert.Empty(cluster.Supervised(id));
    }

    [Fact]
    public void New_delivery_is_not_looked_for_in_the_archive()
    {
        var cluster = new ScriptedCluster();
        var id = SimulatedClient.OldId(cluster.Now);
        cluster.Register();
        cluster.Submit(cluster.Order(pickupTime: cluster.Now + (2 * Day)), id); // By then its id is old, and there is no delivery.
        cluster.Pass((2 * Day) + TimeSpan.FromMinutes(1), "drone");
        Deliver(cluster, id);
        Assert.Equal(RequestStatus.Completed, cluster.Get(id).Status);
        Assert.DoesNotContain(cluster.Cluster.Activations, activation => activation == SimulatedCluster.Id<IArchivedDeliveryGrain>(id));
    }

    [Fact]
    public void Nobody_hears_of_it_again_when_it_is_archived()
    {
        var cluster = Completed(out var id);
        cluster.Do(cluster.Grains.GetGrain<IOwnerNotificationsGrain>("owner").AddWebhook(new CommandId("webhook"), "webhook", new WebhookSettings("https://example.org", [], null), "secret"));
        Pass(cluster, 31 * Day);
        Assert.NotNull(Archived(cluster, id));
        Assert.Empty(cluster.Cluster.Receivers.Received);
    }

    [Fact]
    public void What_waits_for_an_operator_is_archived_once_it_was_seen_to()
    {
        var cluster = Completed(out var id);
        cluster.Do(Done(cluster.Request(id).Hear(new DroneEvent("drone", DroneEventKind.StaleReport, id, 1, cluster.Now, "strange"))));
        Pass(cluster, 31 * Day);
        Assert.NotNull(Request(cluster, id));
        Assert.Equal([id], Archiver(cluster)!.Waiting);

        cluster.Do(cluster.Request(id).Resolve(cluster.Command(), IncidentResolution.Continued, "seen"));
        Pass(cluster, Day);

        Assert.Null(Request(cluster, id));
        Assert.NotNull(Archived(cluster, id));
        Assert.Empty(Archiver(cluster)!.Waiting);
    }

    [Fact]
    public void Cancelled_request_is_archived_only_once_its_drone_is_free()
    {
        var cluster = new ScriptedCluster();
        cluster.Schedule();
        cluster.Break<IDroneGrain>("drone");
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted")));
        Pass(cluster, 31 * Day);
        Assert.Equal(RequestStatus.Cancelled, cluster.Get().Status);
        Assert.Null(Archived(cluster, "delivery"));

        cluster.Break<IDroneGrain>("drone", broken: false);
        Pass(cluster, Day);
        Pass(cluster, Day);

        Assert.Null(cluster.Do(cluster.Drone().Get())!.Mission);
        Assert.NotNull(Archived(cluster, "delivery"));
    }

    [Fact]
    public void Given_up_after_pickup_is_archived_though_the_index_does_not_say_that_it_ended()
    {
        var cluster = new ScriptedCluster();
        cluster.Load();
        cluster.Pass(TimeSpan.FromMinutes(3));
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Resolve(cluster.Command(), IncidentResolution.Failed, "lost")));
        Pass(cluster, 31 * Day);
        Assert.Equal(DeliveryStage.HeadedToDropoff, cluster.Row()!.Stage);
        Assert.NotNull(Archived(cluster, "delivery"));
        Assert.Equal((RequestStatus.Failed, true), (cluster.Get().Status, Request(cluster, "delivery")!.Archived));
    }

    [Fact]
    public void Open_request_stays_however_old_it_is()
    {
        var cluster = new ScriptedCluster();
        cluster.Submit(cluster.Order(pickupTime: cluster.Now + (60 * Day)));
        Pass(cluster, 31 * Day);
        Assert.Equal(RequestStatus.Waiting, cluster.Get().Status);
        Assert.Empty(Archiver(cluster)!.Waiting);
    }

    [Fact]
    public void Turn_ends_at_its_bound_and_goes_on_after_a_pause()
    {
        var cluster = new ScriptedCluster();
        var ids = Enumerable.Range(0, 7).Select(number => $"d{number}").ToList();
        foreach (var id in ids)
        {
            cluster.Submit(cluster.Order(), id);
            cluster.Do(cluster.Request(id).Cancel(cluster.Command(), "not wanted"));
        }

        (cluster.Cluster.Archive.MostPerTurn, cluster.Cluster.Archive.Concurrency, cluster.Cluster.Archive.Pause) = (3, 2, TimeSpan.FromMinutes(1));
        cluster.Pass(TimeSpan.FromMinutes(1));
        cluster.Cluster.Time.Now += 31 * Day;
        cluster.Do(Done(cluster.Grains.GetGrain<IArchiverGrain>(0).Wake()));
        cluster.Pass(cluster.Cluster.Archive.Interval);
        Assert.InRange(ids.Count(id => Archived(cluster, id) is not null), 1, 4);

        cluster.Pass(TimeSpan.FromMinutes(10));
        Assert.All(ids, id => Assert.NotNull(Archived(cluster, id)));
    }

    [Fact]
    public void Mark_without_an_archive_is_an_error_and_not_a_new_request()
    {
        var cluster = new ScriptedCluster();
        cluster.Submit(cluster.Order());
        cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted"));
        Pass(cluster, 31 * Day);
        cluster.Cluster.Kill(SimulatedCluster.Id<IArchivedDeliveryGrain>("delivery"));
        cluster.Cluster.Stores.Delete(SimulatedCluster.Id<IArchivedDeliveryGrain>("delivery"));
        Assert.ThrowsAny<Exception>(() => cluster.Submit(cluster.Order()));
    }

    [Fact]
    public void Id_tells_its_age_only_where_the_gateway_minted_it()
    {
        var now = new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
        Assert.True(ArchivedIds.MayBe(Guid.CreateVersion7(now.AddHours(-2)).ToString("N"), now));
        Assert.False(ArchivedIds.MayBe(Guid.CreateVersion7(now.AddMinutes(-59)).ToString("N"), now));
        Assert.False(ArchivedIds.NeedsNoMark(Guid.CreateVersion7(now.AddMinutes(-90)).ToString("N"), now));
        foreach (var other in new[] { "", "chosen", Guid.NewGuid().ToString("N"), Guid.CreateVersion7(now.AddDays(-9)).ToString(), Guid.CreateVersion7(now.AddDays(-9)).ToString("N").ToUpperInvariant(), new string('f', 12) + "7fffbfffffffffffffff" })
            Assert.False(ArchivedIds.MayBe(other, now), other);
    }

    private static ScriptedCluster Completed(out string id)
    {
        var cluster = new ScriptedCluster();
        id = SimulatedClient.OldId(cluster.Now);
        cluster.Register();
        cluster.Submit(cluster.Order(), id);
        cluster.Pass(TimeSpan.FromSeconds(5), "drone");
        Deliver(cluster, id);
        Assert.Equal(RequestStatus.Completed, cluster.Get(id).Status);
        return cluster;
    }

    private static void Deliver(ScriptedCluster cluster, string id)
    {
        var mission = cluster.Do(cluster.Drone().Get())!.Mission!;
        Assert.Equal(id, mission.DeliveryId);
        cluster.Report(phase: MissionPhase.AtPickup);
        Assert.True(cluster.Do(cluster.Drone().RequestPickup(cluster.Command(), id, mission.Attempt)).Succeeded);
        cluster.Report(phase: MissionPhase.HeadedToDropoff);
        cluster.Report(phase: MissionPhase.Delivered);
        cluster.Pass(TimeSpan.FromMinutes(1));
    }

    /// <summary>Days go by without everybody's timers in between.</summary>
    private static void Pass(ScriptedCluster cluster, TimeSpan time)
    {
        cluster.Do(Done(cluster.Grains.GetGrain<IArchiverGrain>(0).Wake()));
        cluster.Cluster.Time.Now += time - TimeSpan.FromHours(1);
        cluster.Pass(TimeSpan.FromHours(1));
    }

    private static async Task<bool> Done(Task call)
    {
        await call;
        return true;
    }

    private static string Json(object? value) => System.Text.Json.JsonSerializer.Serialize(value);

    private static DeliveryRequestState? Request(ScriptedCluster cluster, string id) => cluster.Cluster.Stores.Find<DeliveryRequestState>(SimulatedCluster.Id<IDeliveryRequestGrain>(id));

    private static DeliveryState? Delivery(ScriptedCluster cluster, string id) => cluster.Cluster.Stores.Find<DeliveryState>(SimulatedCluster.Id<IDeliveryGrain>(id));

    private static ArchivedDeliveryState? Archived(ScriptedCluster cluster, string id) => cluster.Cluster.Stores.Find<ArchivedDeliveryState>(SimulatedCluster.Id<IArchivedDeliveryGrain>(id));

    private static ArchiverState? Archiver(ScriptedCluster cluster) => cluster.Cluster.Stores.Find<ArchiverState>(SimulatedCluster.Id<IArchiverGrain>(0));
}
