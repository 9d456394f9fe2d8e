using System.Text;
using DroneDelivery.Accounts;
using DroneDelivery.Archiving;
using DroneDelivery.Drones;
using DroneDelivery.Erasure;
using DroneDelivery.Invoicing;
using DroneDelivery.Notifications;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>After an erasure nothing that an owner gave can be found in any document, whatever dies meanwhile; others lose nothing.</summary>
public sealed class ErasureTests
{
    private const string Owner = "owner";
    private const string Marker = "personal";
    private const string Kept = "kept-by-another";

    [Fact]
    public void Everything_personal_is_gone_and_the_sums_stay()
    {
        var cluster = World();
        var before = Ledger(cluster);
        Assert.NotEmpty(Found(cluster, Marker));
        Assert.Equal(2, before.Deliveries);

        Assert.Equal(CommandResult.Done, cluster.Do(Erasure(cluster).Begin()));
        Pass(cluster);

        var progress = cluster.Do(Erasure(cluster).Get())!;
        Assert.NotNull(progress.FinishedAt);
        Assert.Equal((3L, 0), (progress.Erased, progress.Waiting));
        CheckGone(cluster);
        Assert.Equal(before, Ledger(cluster));
        Assert.Equal(AccountStanding.Suspended, cluster.Do(cluster.Grains.GetGrain<IAccountGrain>(Owner).Get()).Standing);
        foreach (var id in new[] { "archived", "completed", "cancelled" })
        {
            Assert.Null(cluster.Do(cluster.Request(id).Get()));
            Assert.Null(cluster.Do(cluster.Delivery(id).GetHistory()));
            Assert.Null(cluster.Do(cluster.Grains.GetGrain<IConfirmationGrain>(id).Get()));
        }

        Assert.NotEmpty(Found(cluster, Kept));
        Assert.Equal(RequestStatus.Cancelled, cluster.Get("others").Status);
    }

    [Fact]
    public void Erasure_is_refused_while_a_delivery_is_open_and_changes_nothing()
    {
        var cluster = World();
        cluster.Submit(cluster.Order(pickupTime: cluster.Now.AddDays(3)), "open");
        cluster.Pass(TimeSpan.FromSeconds(10));

        var refused = cluster.Do(Erasure(cluster).Begin());
        Assert.Equal((CommandOutcome.Conflict, true), (refused.Outcome, refused.Reason!.Contains("'open'", StringComparison.Ordinal)));
        Pass(cluster);
        Assert.NotEmpty(Found(cluster, Marker));
        Assert.Null(cluster.Do(Erasure(cluster).Get()));
        Assert.Equal(AccountStanding.Active, cluster.Do(cluster.Grains.GetGrain<IAccountGrain>(Owner).Get()).Standing);

        cluster.Do(cluster.Request("open").Cancel(cluster.Command(), "not wanted"));
        cluster.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(CommandResult.Done, cluster.Do(Erasure(cluster).Begin()));
        Pass(cluster);
        CheckGone(cluster);
    }

    [Fact]
    public void Delivery_that_an_operator_has_to_see_to_holds_up_only_itself()
    {
        var cluster = World();
        cluster.Do(Done(cluster.Request("completed").Hear(new DroneEvent("drone", DroneEventKind.StaleReport, "completed", 1, cluster.Now, "strange"))));
        cluster.Do(Erasure(cluster).Begin());
        Pass(cluster);
        Assert.Equal((2L, 1, null), (Progress(cluster).Erased, Progress(cluster).Waiting, Progress(cluster).FinishedAt));

        cluster.Do(cluster.Request("completed").Resolve(cluster.Command(), IncidentResolution.Continued, "seen"));
        Pass(cluster);
        Assert.NotNull(Progress(cluster).FinishedAt);
        CheckGone(cluster);
    }

    [Fact]
    public void Request_accepted_just_before_is_erased_too()
    {
        var cluster = World();
        cluster.Submit(Order(cluster) with { PickupTime = cluster.Now.AddDays(1) }, "late"); // The index hears of it in a second.
        Assert.Equal(CommandResult.Done, cluster.Do(Erasure(cluster).Begin()));
        Pass(cluster);
        Assert.Equal(4, Progress(cluster).Erased);
        CheckGone(cluster);
    }

    [Fact]
    public void Repetition_erases_what_came_since_and_nothing_twice()
    {
        var cluster = World();
        for (var times = 0; times < 2; times++) Assert.Equal(CommandResult.Done, cluster.Do(Erasure(cluster).Begin()));
        Pass(cluster);
        var sums = Ledger(cluster);
        cluster.Submit(Order(cluster), "again"); // Suspended: it is rejected, and kept as such.
        cluster.Pass(TimeSpan.FromMinutes(1));
        Assert.NotEmpty(Found(cluster, Marker));

        Assert.Equal(CommandResult.Done, cluster.Do(Erasure(cluster).Begin()));
        Pass(cluster);
        Assert.Equal(1, Progress(cluster).Erased);
        CheckGone(cluster);
        Assert.Equal(sums, Ledger(cluster));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public void Erasure_that_dies_anywhere_goes_on_and_leaves_nothing()
    {
        var random = new Random(20_261_127);
        for (var number = 0; number < 150; number++)
        {
            var cluster = World();
            var before = Ledger(cluster);
            cluster.Do(Erasure(cluster).Begin());
            for (var step = 0; step < 400; step++)
            {
                var stores = cluster.Cluster.Stores;
                if (random.Next(60) == 0) cluster.Cluster.Kill(cluster.Cluster.Activations[random.Next(cluster.Cluster.Activations.Count)]);
                if (random.Next(20) == 0 && stores.Pending is [var pending, ..])
                {
                    if (random.Next(2) == 0) pending.FailsBefore = true;
                    else pending.FailsAfter = true;
                }

                if (random.Next(20) == 0 && cluster.Cluster.Open.Count > 0) SimulatedCluster.TimeOut(cluster.Cluster.Open[random.Next(cluster.Cluster.Open.Count)]);
                if (cluster.Cluster.Events.Count > 0) cluster.Cluster.Run(random.Next(cluster.Cluster.Events.Count));
                else Remind(cluster);
                if (cluster.Cluster.Events.Count == 0) cluster.Cluster.Pass(TimeSpan.FromSeconds(5));
            }

            cluster.Cluster.RunAll();
            Pass(cluster);
            Assert.NotNull(Progress(cluster).FinishedAt);
            CheckGone(cluster);
            Assert.Equal(before, Ledger(cluster));
        }
    }

    [Theory]
    [InlineData(nameof(IArchivedDeliveryGrain), "Erase")]
    [InlineData(nameof(IPackageGrain), "Erase")]
    [InlineData(nameof(IDeliveryGrain), "Erase")]
    [InlineData(nameof(IConfirmationGrain), "Forget")]
    [InlineData(nameof(IOwnerNotificationsGrain), "Erase")]
    public void Erasure_that_leaves_something_out_is_found(string grain, string method)
    {
        var cluster = World();
        cluster.Cluster.Intercept = call =>
        {
            if (call.Interface.Name != grain || call.Method.Name != method) return false;
            call.Succeed(null);
            return true;
        };
        cluster.Do(Erasure(cluster).Begin());
        Pass(cluster);
        Assert.NotNull(Progress(cluster).FinishedAt);
        Assert.NotEmpty(Found(cluster, Marker));
    }

    /// <summary>An owner with an archived, a completed and a cancelled delivery, a webhook that takes nothing, and things of every kind that are personal; and another owner.</summary>
    private static ScriptedCluster World()
    {
        var cluster = new ScriptedCluster();
        cluster.Cluster.Confirmations.Retention = TimeSpan.FromDays(365);
        cluster.Register();
        Deliver(cluster, "archived");
        cluster.Cluster.Time.Now += TimeSpan.FromDays(31);
        cluster.Pass(TimeSpan.FromSeconds(5), "drone");
        Assert.Equal(ArchiveResult.Archived, cluster.Do(cluster.Request("archived").Archive()));

        cluster.Cluster.Receivers.Down = _ => true;
        cluster.Do(cluster.Grains.GetGrain<IOwnerNotificationsGrain>(Owner).AddWebhook(new("webhook"), "webhook", new($"https://{Marker}.example.org", [], Marker), "secret"));
        Deliver(cluster, "completed");
        cluster.Submit(Order(cluster), "cancelled");
        cluster.Do(cluster.Request("cancelled").Cancel(cluster.Command(), Marker));
        cluster.Do(cluster.Grains.GetGrain<IAccountGrain>(Owner).SetStanding(cluster.Command(), AccountStanding.Active, Marker));

        cluster.Submit(Order(cluster) with { OwnerId = "another", DeadlineText = Kept, PackageId = "others", Package = new(PackageSize.Small, 1, Kept), Pickup = new(Kept, new(10.025, 20.025)), Dropoff = new(Kept, new(10.026, 20.026)) }, "others");
        cluster.Do(cluster.Request("others").Cancel(cluster.Command(), Kept));
        cluster.Pass(TimeSpan.FromMinutes(1), "drone");
        return cluster;
    }

    private static DeliveryOrder Order(ScriptedCluster cluster)
    {
        var order = cluster.Order(confirmation: ConfirmationRequired.Picture);
        return order with { Package = new(PackageSize.Small, 1, Marker), Pickup = order.Pickup with { Text = Marker }, Dropoff = order.Dropoff with { Text = Marker }, DeadlineText = Marker };
    }

    private static void Deliver(ScriptedCluster cluster, string id)
    {
        cluster.Submit(Order(cluster), id);
        cluster.Pass(TimeSpan.FromSeconds(5), "drone");
        var mission = cluster.Do(cluster.Drone().Get())!.Mission!;
        Assert.Equal(id, mission.DeliveryId);
        cluster.Do(cluster.Delivery(id).NotifyMe(cluster.Command(), new NotificationRequest($"{Marker}@example.org", null)));
        cluster.Report(phase: MissionPhase.AtPickup);
        Assert.True(cluster.Do(cluster.Drone().RequestPickup(cluster.Command(), id, mission.Attempt)).Succeeded);
        cluster.Report(phase: MissionPhase.HeadedToDropoff);
        cluster.Report(phase: MissionPhase.Delivered);
        cluster.Do(cluster.Request(id).Confirm(cluster.Command(), new(ConfirmationRequired.Picture, cluster.Now, null, Marker)));
        cluster.Pass(TimeSpan.FromMinutes(1), "drone");
        Assert.Equal(RequestStatus.Completed, cluster.Get(id).Status);
    }

    private static void CheckGone(ScriptedCluster cluster)
    {
        Assert.Empty(Found(cluster, Marker));
        Assert.DoesNotContain(cluster.Cluster.Index.Rows, row => row.OwnerId == Owner);
        Assert.All(cluster.Cluster.Stores.All<LedgerState>(), ledger => Assert.Empty(ledger.State.Deliveries));
    }

    /// <summary>The documents in which the text stands, however they are stored.</summary>
    private static IEnumerable<string> Found(ScriptedCluster cluster, string text) => cluster.Cluster.Stores.Documents
        .Where(document => Encoding.UTF8.GetString(document.Value.Json).Contains(text, StringComparison.Ordinal))
        .Select(document => document.Key.ToString());

    private static IOwnerErasureGrain Erasure(ScriptedCluster cluster) => cluster.Grains.GetGrain<IOwnerErasureGrain>(Owner);

    private static ErasureProgress Progress(ScriptedCluster cluster) => cluster.Do(Erasure(cluster).Get())!;

    private static LedgerTotals Ledger(ScriptedCluster cluster) =>
        cluster.Cluster.Stores.All<LedgerState>().Select(ledger => ledger.State.Totals).Aggregate(LedgerTotals.Zero, (sum, day) => sum + day);

    // As its reminder does.
    private static void Remind(ScriptedCluster cluster) => SimulatedWorld.Watch(Erasure(cluster).Get().AsTask());

    private static void Pass(ScriptedCluster cluster)
    {
        Remind(cluster);
        foreach (var id in new[] { "archived", "completed", "cancelled", "open", "late", "again" })
            SimulatedWorld.Watch(cluster.Grains.GetGrain<ISupervisorGrain>(SupervisorShards.Of(SimulatedCluster.Id<IDeliveryRequestGrain>(id))).Wake());
        cluster.Pass(TimeSpan.FromMinutes(4), "drone");
    }

    private static async Task<bool> Done(Task call)
    {
        await call;
        return true;
    }
}
