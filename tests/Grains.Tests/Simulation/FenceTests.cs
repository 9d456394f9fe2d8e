using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>Two fences that random runs do not miss when they are gone, so rare is what they keep out: here it happens on purpose, with the fence and without.</summary>
public sealed class FenceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Late_write_of_a_dead_activation_is_kept_out_by_the_etag(bool fenced)
    {
        var cluster = new ScriptedCluster();
        cluster.Submit(cluster.Order(pickupTime: cluster.Now.AddHours(1)));
        cluster.Pass(TimeSpan.FromSeconds(10));
        cluster.Cluster.Stores.ChecksEtags = fenced;

        // Its silo dies with a write under way, which the store takes in only when the successor has written.
        SimulatedWorld.Watch(cluster.Request().Reschedule(cluster.Command(), new DeliveryChange(null, null, null, "first", null)));
        SimulatedCluster.Event? late = null;
        while ((late = cluster.Cluster.Events.FirstOrDefault(next => next.What == "write of delivery-request/delivery")) is null) cluster.Cluster.Run(0);
        cluster.Cluster.Events.Remove(late);
        cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"));
        Assert.Equal(CommandResult.Done, cluster.Do(cluster.Request().Reschedule(cluster.Command(), new DeliveryChange(null, null, null, "second", null))));

        cluster.Cluster.Events.Add(late);
        if (!fenced)
        {
            var violation = Assert.Throws<InvariantException>(() => cluster.Cluster.RunAll());
            Assert.StartsWith("7: a stale activation", violation.Message, StringComparison.Ordinal);
            return;
        }

        cluster.Cluster.RunAll();
        Assert.Equal("second", cluster.Get().Order.DeadlineText);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Drone_that_gets_its_mission_after_everybody_forgot_it_is_kept_from_the_parcel_by_the_attempt(bool fenced)
    {
        var cluster = new ScriptedCluster();
        MissionOffer? late = null;
        cluster.Cluster.Intercept = call =>
        {
            if (!fenced && call.Method.Name == nameof(IDeliveryGrain.AuthorizePickup))
            {
                // A delivery that does not look who asks.
                var delivery = cluster.Cluster.Stores.Find<DeliveryState>(call.Target)!;
                (call.Arguments[1], call.Arguments[2]) = (delivery.DroneId, delivery.Attempt);
            }

            if (call.Method.Name != nameof(IDroneGrain.Reserve) || late is not null) return false;
            late = (MissionOffer)call.Arguments[1]!; // It is under way for long.
            call.Fail(new TimeoutException("No answer came."));
            return true;
        };
        cluster.Register();
        cluster.Submit(cluster.Order());
        cluster.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(1, late!.Attempt);

        // Nobody waits for it any more: another drone gets the delivery, and the first has ended so many missions since that it forgot this one.
        cluster.Do(cluster.Drone().SetMaintenance(cluster.Command(), "check"));
        cluster.Register("other");
        cluster.Pass(TimeSpan.FromSeconds(30), "other", "drone");
        Assert.Equal("other", cluster.Get().Transport?.DroneId);
        for (var number = 0; number < 64; number++) cluster.Do(cluster.Drone().Release(cluster.Command(), $"earlier-{number}", 1));
        cluster.Do(cluster.Drone().SetMaintenance(cluster.Command(), null));
        cluster.Cluster.Kill(SimulatedCluster.Id<IDroneGrain>("drone")); // What it refused is forgotten with its activation.
        cluster.Pass(TimeSpan.FromSeconds(5), "other", "drone");
        Assert.True(cluster.Do(cluster.Drone().Reserve(new CommandId("delivery/mission/1"), late)).Accepted);

        cluster.Report("other", MissionPhase.AtPickup);
        var parcels = new[] { ("other", cluster.Get().Transport!.Attempt), ("drone", 1) }
            .Count(drone => cluster.Do(cluster.Drone(drone.Item1).RequestPickup(cluster.Command(), "delivery", drone.Item2)).Succeeded);
        Assert.Equal(fenced ? 1 : 2, parcels);
    }
}
