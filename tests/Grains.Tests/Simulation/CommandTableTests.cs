using DroneDelivery.Drones;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;
using DroneDelivery.ThirdParty;

namespace DroneDelivery.Simulation;

/// <summary>Every command of clients and operators in every situation: carried out, or refused with nothing changed; never half.</summary>
public sealed class CommandTableTests
{
    private const string Partner = "acme";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly GrainStateSerializer Serializer = new();
    private static readonly string[] Commands = ["Cancel", "Reschedule", "Confirm", "Replay", "Abandon", "Continue", "Complete", "Fail"];

    // D: done; C: conflict. In the order of the commands.
    private static readonly Dictionary<string, string> Table = new()
    {
        ["accepted"] = "DDCCCCCC",
        ["at its package"] = "DDCCCCCC",
        ["partner asked"] = "DDCCCCCC",
        ["waiting"] = "DDCCCCCC",
        ["scheduled"] = "DDCCCCCC",
        ["under way"] = "DDCCCCCC",
        ["partner under way"] = "DDCCCCCC",
        ["loaded"] = "CCDCCCCC",
        ["partner loaded"] = "CCDCCCCC",
        ["dead letter"] = "DDCDDCCC",
        ["partner silent"] = "DCCCCDCD",
        ["lost with parcel"] = "CCDCCDDD",
        ["unconfirmed"] = "CCDCCDDD",
        ["rejected"] = "CCCCCCCC",
        ["cancelled"] = "DCCCCCCC",
        ["completed"] = "CCCCCCDC",
        ["failed"] = "CCCCDCCD",
    };

    public static TheoryData<string, string, char> Cells() =>
        [.. Table.SelectMany(row => Commands.Zip(row.Value), (row, cell) => new TheoryDataRow<string, string, char>(row.Key, cell.First, cell.Second))];

    [Theory]
    [MemberData(nameof(Cells))]
    public void Command_is_carried_out_or_refused_with_nothing_changed(string situation, string name, char expected)
    {
        var cluster = In(situation);
        var before = Stored(cluster);
        var status = cluster.Get().Status;
        var command = cluster.Command();
        var result = Run(cluster, command, name);
        Assert.Equal(expected == 'D' ? CommandOutcome.Done : CommandOutcome.Conflict, result.Outcome);
        if (expected == 'C')
        {
            Assert.Equal(before, Stored(cluster));
            return;
        }

        Assert.Equal(result, Run(cluster, command, name));
        var after = cluster.Cluster.Stores.Find<DeliveryRequestState>(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"))!;
        Assert.True(name switch
        {
            "Cancel" => after.Status == RequestStatus.Cancelled,
            "Reschedule" => after.Revision == 1 && after.Order!.DeadlineText == "later",
            "Replay" => after.Status != RequestStatus.DeadLettered,
            "Abandon" or "Fail" => after.Status == RequestStatus.Failed,
            "Continue" => after.Status == RequestStatus.Scheduled,
            "Complete" => after.Status == RequestStatus.Completed,
            _ => cluster.Get().Status == (situation == "unconfirmed" ? RequestStatus.Completed : status),
        }, $"{situation}, {name}: {after.Status}");
    }

    private static CommandResult Run(ScriptedCluster cluster, CommandId command, string name)
    {
        var request = cluster.Request();
        return cluster.Do(name switch
        {
            "Cancel" => request.Cancel(command, "not wanted"),
            "Reschedule" => request.Reschedule(command, new DeliveryChange(null, null, null, "later", null)),
            "Confirm" => request.Confirm(command, new DeliveryConfirmation(cluster.Get().Order.Confirmation, cluster.Now, null, "evidence")),
            "Replay" => request.Replay(command, "again"),
            "Abandon" => request.Abandon(command, "hopeless"),
            "Continue" => request.Resolve(command, IncidentResolution.Continued, "seen"),
            "Complete" => request.Resolve(command, IncidentResolution.Completed, "seen"),
            _ => request.Resolve(command, IncidentResolution.Failed, "seen"),
        });
    }

    private static ScriptedCluster In(string situation)
    {
        var cluster = new ScriptedCluster(options =>
        {
            if (!situation.StartsWith("partner", StringComparison.Ordinal)) return;
            (options.PartnerId, options.MaximumWait, options.DroneSearch) = (Partner, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10));
            (options.PartnerDecision, options.PartnerSilence) = (5 * Minute, 2 * Minute);
        });
        var order = cluster.Order(confirmation: situation == "unconfirmed" ? ConfirmationRequired.Picture : ConfirmationRequired.None);
        var becomes = RequestStatus.Scheduled;
        switch (situation)
        {
            case "accepted":
                cluster.Cluster.Intercept = call =>
                {
                    if (call.Method.Name != nameof(Accounts.IAccountGrain.Admit)) return false;
                    call.Fail(new TimeoutException("No answer came."));
                    return true;
                };
                cluster.Submit(order);
                becomes = RequestStatus.Accepted;
                break;
            case "at its package" or "dead letter" or "failed":
                cluster.Cluster.Stores.Fault = () => new UnexplainedException();
                cluster.Break<IPackageGrain>(order.PackageId);
                cluster.Submit(order);
                becomes = RequestStatus.Scheduling;
                if (situation == "at its package") break;
                cluster.Pass(Minute);
                becomes = RequestStatus.DeadLettered;
                if (situation == "dead letter") break;
                cluster.Do(cluster.Request().Abandon(cluster.Command(), "hopeless"));
                becomes = RequestStatus.Failed;
                break;
            case "partner asked" or "partner under way" or "partner loaded" or "partner silent":
                cluster.Submit(order);
                cluster.Pass(Minute / 2);
                becomes = RequestStatus.Scheduling;
                if (situation == "partner asked") break;
                Say(PartnerStatus.HeadedToPickup);
                becomes = RequestStatus.Scheduled;
                if (situation == "partner loaded") Say(PartnerStatus.PickedUp);
                if (situation != "partner silent") break;
                cluster.Cluster.Partner.Away = true;
                cluster.Pass(4 * Minute);
                cluster.Cluster.Partner.Away = false;
                becomes = RequestStatus.Incident;
                break;
            case "waiting" or "cancelled":
                cluster.Submit(order);
                cluster.Pass(Minute / 6);
                becomes = RequestStatus.Waiting;
                if (situation == "waiting") break;
                cluster.Do(cluster.Request().Cancel(cluster.Command(), "not wanted"));
                becomes = RequestStatus.Cancelled;
                break;
            case "scheduled" or "under way":
                cluster.Schedule(order);
                if (situation == "under way") cluster.Report(phase: MissionPhase.HeadedToPickup);
                break;
            case "loaded" or "lost with parcel" or "unconfirmed" or "completed":
                cluster.Load(order);
                if (situation is "unconfirmed" or "completed") cluster.Report(phase: MissionPhase.Delivered);
                if (situation is "loaded") break;
                cluster.Pass(3 * Minute);
                becomes = situation == "completed" ? RequestStatus.Completed : RequestStatus.Incident;
                break;
            case "rejected":
                cluster.Submit(cluster.Order(deadline: cluster.Now.AddSeconds(-1)));
                becomes = RequestStatus.Rejected;
                break;
        }

        Assert.Equal(becomes, cluster.Get().Status);
        return cluster;

        void Say(PartnerStatus status)
        {
            cluster.Do(cluster.Grains.GetGrain<ITransportPartnerGrain>(Partner).Notice(cluster.Cluster.Partner.Move("delivery", 1, status)));
            cluster.Pass(TimeSpan.FromSeconds(3));
        }
    }

    /// <summary>What request, delivery, drone and partner have stored and what the partner knows; when they last stored, and what the owner has been told by then, does not count.</summary>
    private static string Stored(ScriptedCluster cluster)
    {
        var stores = cluster.Cluster.Stores;
        var request = stores.Find<DeliveryRequestState>(SimulatedCluster.Id<IDeliveryRequestGrain>("delivery"))! with { UpdatedAt = default, Outbox = [] };
        var delivery = stores.Find<DeliveryState>(SimulatedCluster.Id<IDeliveryGrain>("delivery"));
        var drone = stores.Find<DroneState>(SimulatedCluster.Id<IDroneGrain>("drone"));
        var orders = string.Join(", ", cluster.Cluster.Partner.Orders);
        return string.Join('\n', Serializer.Serialize(request), delivery is null ? null : Serializer.Serialize(delivery), drone is null ? null : Serializer.Serialize(drone with { LastSighting = null }), orders);
    }
}
