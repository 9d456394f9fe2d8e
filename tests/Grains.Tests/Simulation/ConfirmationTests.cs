using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>What a receiver confirms with, kept apart from the delivery and for a time only.</summary>
public sealed class ConfirmationTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void Evidence_completes_the_delivery_and_is_kept_apart_from_it()
    {
        var cluster = Awaiting();
        Assert.Equal(CommandOutcome.Conflict, Confirm(cluster, null).Outcome);
        Assert.Equal(DeliveryStage.HeadedToDropoff, cluster.Do(cluster.Delivery().GetStage()));

        Assert.Equal(CommandResult.Done, Confirm(cluster, "a picture"));

        cluster.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(RequestStatus.Completed, cluster.Get().Status);
        Assert.Equal("a picture", Evidence(cluster));
        foreach (var (id, document) in cluster.Cluster.Stores.Documents.Where(entry => entry.Value.State is not ConfirmationState))
            Assert.DoesNotContain("a picture", System.Text.Encoding.UTF8.GetString(document.Json), StringComparison.Ordinal);
        Assert.DoesNotContain("a picture", new DeliveryConfirmation(ConfirmationRequired.Picture, cluster.Now, null, "a picture").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Handover_is_enough_when_nothing_was_asked_for()
    {
        var cluster = Awaiting(ConfirmationRequired.None);
        cluster.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(RequestStatus.Completed, cluster.Get().Status);
        Assert.Null(Evidence(cluster));
    }

    [Fact]
    public void Evidence_of_another_kind_or_too_large_changes_nothing()
    {
        var cluster = Awaiting();
        Assert.Equal(CommandOutcome.Conflict, cluster.Do(cluster.Request().Confirm(cluster.Command(), new(ConfirmationRequired.Voice, cluster.Now, null, "a recording"))).Outcome);
        Assert.Equal(CommandOutcome.Conflict, Confirm(cluster, new string('x', DeliveryConfirmation.MaxBlobLength + 1)).Outcome);
        Assert.Null(Evidence(cluster));
    }

    [Fact]
    public void Evidence_whose_delivery_could_not_be_stored_is_replaced_by_the_repetition()
    {
        var cluster = Awaiting();
        cluster.Break<IDeliveryGrain>("delivery");
        Assert.ThrowsAny<Exception>(() => Confirm(cluster, "first"));
        cluster.Break<IDeliveryGrain>("delivery", broken: false);
        Assert.Equal(CommandResult.Done, Confirm(cluster, "second"));
        Assert.Equal("second", Evidence(cluster));
    }

    [Fact]
    public void Evidence_is_deleted_when_its_time_is_over_though_the_sweeper_crashes_on_the_way()
    {
        var cluster = Awaiting();
        cluster.Cluster.Confirmations.Retention = 2 * Day;
        cluster.Cluster.Confirmations.SweepInterval = TimeSpan.FromHours(6);
        Confirm(cluster, "a picture");
        Pass(cluster, 2 * Day);
        Assert.Equal("a picture", Evidence(cluster));

        cluster.Cluster.Kill(SimulatedCluster.Id<IConfirmationSweeperGrain>(0));
        cluster.Cluster.Kill(SimulatedCluster.Id<IConfirmationGrain>("delivery"));
        cluster.Do(Wake(cluster)); // As its reminder does.
        Pass(cluster, 2 * Day);

        Assert.Null(Evidence(cluster));
        Assert.Empty(cluster.Cluster.Stores.All<ConfirmationState>());
        Assert.Empty(cluster.Cluster.Stores.All<ConfirmationDayState>());
        Assert.Equal(RequestStatus.Completed, cluster.Get().Status);
        Assert.Equal(ConfirmationRequired.Picture, cluster.Cluster.Stores.All<DeliveryState>().Single().State.Confirmation!.Type);
    }

    private static ScriptedCluster Awaiting(ConfirmationRequired required = ConfirmationRequired.Picture)
    {
        var cluster = new ScriptedCluster();
        cluster.Load(cluster.Order(confirmation: required));
        cluster.Report(phase: MissionPhase.HeadedToDropoff);
        cluster.Report(phase: MissionPhase.Delivered);
        return cluster;
    }

    private static CommandResult Confirm(ScriptedCluster cluster, string? blob) =>
        cluster.Do(cluster.Request().Confirm(cluster.Command(), new(ConfirmationRequired.Picture, cluster.Now, null, blob)));

    private static string? Evidence(ScriptedCluster cluster) => cluster.Do(cluster.Grains.GetGrain<IConfirmationGrain>("delivery").Get());

    private static async Task<bool> Wake(ScriptedCluster cluster)
    {
        await cluster.Grains.GetGrain<IConfirmationSweeperGrain>(0).Wake();
        return true;
    }

    private static void Pass(ScriptedCluster cluster, TimeSpan time)
    {
        for (var end = cluster.Now + time; cluster.Now < end;)
        {
            cluster.Cluster.Pass(TimeSpan.FromHours(1));
            cluster.Cluster.RunAll();
        }
    }
}
