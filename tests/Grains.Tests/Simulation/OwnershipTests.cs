using System.Text.Json;
using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>Every method that is asked for an account answers others as if nothing were there, and changes nothing for them.</summary>
public sealed class OwnershipTests
{
    private const string Owner = "owner";
    private const string Other = "other";

    private static readonly DeliveryConfirmation Evidence = new(ConfirmationRequired.Voice, default, null, "aGk=");

    private static readonly Dictionary<string, Func<ScriptedCluster, CallerAccount, object?>> Methods = new()
    {
        ["IDeliveryRequestGrain.Submit"] = (c, caller) => c.Do(c.Request().Submit(c.Command(), c.Order(caller.OwnerId!), caller)),
        ["IDeliveryRequestGrain.Cancel"] = (c, caller) => c.Do(c.Request().Cancel(c.Command(), "spite", caller)),
        ["IDeliveryRequestGrain.Reschedule"] = (c, caller) =>
            c.Do(c.Request().Reschedule(c.Command(), new DeliveryChange(null, new Place("elsewhere", ScriptedCluster.Centre), null, null, null), caller)),
        ["IDeliveryRequestGrain.Confirm"] = (c, caller) => c.Do(c.Request().Confirm(c.Command(), Evidence, caller)),
        ["IDeliveryRequestGrain.Remember"] = (c, caller) => c.Do(c.Request().Remember(CommandId.OfKey("key", "sent"), caller)).Result,
        ["IDeliveryRequestGrain.Get"] = (c, caller) => c.Do(c.Request().Get(caller)),
        ["IDeliveryGrain.Get"] = (c, caller) => c.Do(c.Delivery().Get(caller)),
        ["IDeliveryGrain.GetStatus"] = (c, caller) => c.Do(c.Delivery().GetStatus(caller)),
        ["IDeliveryGrain.GetHistory"] = (c, caller) => c.Do(c.Delivery().GetHistory(caller)),
        ["IDeliveryGrain.NotifyMe"] = (c, caller) => c.Do(c.Delivery().NotifyMe(c.Command(), new NotificationRequest("a@example.org", null), caller)),
        ["IConfirmationGrain.Get"] = (c, caller) => c.Do(c.Grains.GetGrain<IConfirmationGrain>("delivery").Get(caller)),
    };

    public static TheoryData<string> Names => [.. Methods.Keys];

    [Fact]
    public void Table_has_every_method_that_is_asked_for_an_account()
    {
        var methods = typeof(IDeliveryRequestGrain).Assembly.GetTypes().Where(type => type.IsInterface).SelectMany(type => type.GetMethods())
            .Where(method => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(CallerAccount)))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}");

        Assert.Equal(Methods.Keys.Order(StringComparer.Ordinal), methods.Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Names))]
    public void Stranger_is_answered_like_for_an_unknown_id_and_changes_nothing(string method)
    {
        var cluster = new ScriptedCluster();
        Deliver(cluster, Owner);
        cluster.Do(cluster.Request().Remember(CommandId.OfKey("key", "sent")));

        CheckHidden(cluster, method, Other, before: Stored(cluster));
        cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"));
        cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryGrain>("delivery"));
        CheckHidden(cluster, method, Other, before: Stored(cluster));
        Assert.True(Methods[method](cluster, new CallerAccount(Owner)) is not (null or CommandResult { Outcome: CommandOutcome.NotFound }));
    }

    [Theory, MemberData(nameof(Names))]
    public void Former_owner_of_an_id_that_was_erased_is_a_stranger(string method)
    {
        var cluster = new ScriptedCluster();
        var mission = Deliver(cluster, Other, "first");
        cluster.Report("first", MissionPhase.Delivered);
        cluster.Report("first", at: mission.Dropoff, battery: 0.01);
        cluster.Pass(TimeSpan.FromMinutes(2));
        Assert.True(cluster.Do(cluster.Request().Erase(Other)));

        Deliver(cluster, Owner);
        CheckHidden(cluster, method, Other, before: Stored(cluster));
    }

    private static MissionOrder Deliver(ScriptedCluster cluster, string owner, string drone = "drone")
    {
        var mission = cluster.Load(cluster.Order(owner), drone);
        Assert.True(cluster.Do(cluster.Request().Confirm(cluster.Command(), Evidence)).Succeeded);
        return mission;
    }

    private static void CheckHidden(ScriptedCluster cluster, string method, string stranger, string before)
    {
        Assert.True(Methods[method](cluster, new CallerAccount(stranger)) is null or CommandResult { Outcome: CommandOutcome.NotFound });
        Assert.Equal(before, Stored(cluster));
    }

    private static string Stored(ScriptedCluster cluster) => JsonSerializer.Serialize(new object?[]
    {
        cluster.Cluster.Stores.Find<DeliveryRequestState>(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery")),
        cluster.Cluster.Stores.Find<DeliveryState>(SimulatedCluster.Id<IDeliveryGrain>("delivery")),
    });
}
