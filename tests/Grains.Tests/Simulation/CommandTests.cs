using System.Reflection;
using DroneDelivery.Drones;
using Orleans.Storage;

namespace DroneDelivery.Simulation;

/// <summary>Every method of a contract that changes something knows a command that comes again, or says here why it needs no id.</summary>
public sealed class CommandTests
{
    private static readonly string[] Reading = ["Get", "List", "Has", "Find", "Search", "Watches", "Describe", "Export"];

    /// <summary>Methods that change something and take no command, each with the reason why a repetition changes nothing.</summary>
    private static readonly Dictionary<string, string> WithoutCommand = new()
    {
        ["IAccountGrain.Admit"] = "counts a delivery by its id",
        ["IAccountGrain.Release"] = "forgets a delivery by its id, and remembers that it did",
        ["IAccountGrain.Erase"] = "leaves the same document",
        ["IArchivedDeliveryGrain.Keep"] = "keeps what is given in place of what there is",
        ["IArchivedDeliveryGrain.Erase"] = "deletes what is there",
        ["IArchiverGrain.Wake"] = "only brings it to life",
        ["IAirspaceCellGrain.Enter"] = "is memory only, and ordered by the version of the sighting",
        ["IAirspaceCellGrain.Leave"] = "is memory only, and ordered by the version of the sighting",
        ["IAirspaceCellGrain.Claim"] = "is memory only, and a claim of the same delivery stands",
        ["IDroneGrain.Report"] = "is ordered by boot and sequence",
        ["IFleetGrain.Add"] = "adds a drone by its id",
        ["IOwnerErasureGrain.Begin"] = "goes on with the erasure under way",
        ["ILedgerPartGrain.Keep"] = "keeps what is given in place of what there is",
        ["ILedgerPartGrain.Erase"] = "deletes what is there",
        ["IOwnerLedgerGrain.Record"] = "counts a delivery by its id",
        ["IOwnerLedgerGrain.Anonymize"] = "drops the ids that are there",
        ["IOwnerNotificationsGrain.Publish"] = "passes notices on, which have ids",
        ["IOwnerNotificationsGrain.Forget"] = "drops what waits of a delivery",
        ["IOwnerNotificationsGrain.Erase"] = "deletes what is there",
        ["ISubscriptionGrain.Test"] = "sends a test event and stores nothing",
        ["ISubscriptionGrain.Delete"] = "deletes what is there; its owner knows the command",
        ["ISubscriptionGrain.Enqueue"] = "takes notices, which have ids",
        ["ISubscriptionGrain.Forget"] = "drops what waits of a delivery",
        ["ISubscriptionGrain.Wake"] = "goes on with what is queued",
        ["ISubscriptionWatchGrain.Watch"] = "adds a subscription by its key",
        ["ISubscriptionWatchGrain.Forget"] = "drops a subscription by its key",
        ["ISubscriptionWatchGrain.Lose"] = "counts, at most too much: its caller asks again only when not even this was stored",
        ["ISubscriptionWatchGrain.Report"] = "keeps what is told in place of what was",
        ["ISubscriptionWatchGrain.Wake"] = "only brings it to life",
        ["IPackageGrain.Erase"] = "deletes what is there",
        ["IDeliveryRequestGrain.Refuse"] = "refuses the ticket that it names, and nothing once that is not the present one",
        ["IDeliveryRequestGrain.Resume"] = "goes on with what is unfinished",
        ["IDeliveryRequestGrain.Assign"] = "commits a drone once, as the request's attempts are numbered",
        ["IDeliveryRequestGrain.Hold"] = "keeps a reason in place of another",
        ["IDeliveryRequestGrain.Apply"] = "takes in an end, of which there is one",
        ["IDeliveryRequestGrain.AnnounceBefore"] = "tells notices that are numbered",
        ["IDeliveryRequestGrain.Hear"] = "knows an alarm by its kind, drone and attempt",
        ["IDeliveryRequestGrain.Archive"] = "leaves what was left already",
        ["IDeliveryRequestGrain.Erase"] = "deletes what is there",
        ["IDispatchQueueGrain.Enqueue"] = "is memory only, and a ticket takes the place of the same delivery's",
        ["IDispatchQueueGrain.Withdraw"] = "is memory only, and drops a delivery by its id",
        ["IDispatchQueueGrain.DroneFreed"] = "only has it look",
        ["ISupervisorGrain.Register"] = "adds a request by its id",
        ["ISupervisorGrain.Postpone"] = "keeps what is told in place of what was",
        ["ISupervisorGrain.Wake"] = "only brings it to life",
        ["IConfirmationGrain.Keep"] = "keeps what is given in place of what there is",
        ["IConfirmationGrain.Forget"] = "deletes what is there",
        ["IConfirmationDayGrain.Add"] = "adds a delivery by its id",
        ["IConfirmationDayGrain.Sweep"] = "goes on with what is left",
        ["IConfirmationSweeperGrain.Wake"] = "only brings it to life",
        ["IDeliveryGrain.Report"] = "moves stages, each once, for a numbered mission",
        ["IDeliveryGrain.Track"] = "is memory only, and ordered by time",
        ["IDeliveryGrain.Leave"] = "leaves what was left already",
        ["IDeliveryGrain.Erase"] = "deletes what is there",
        ["IDeliveryGrain.Wake"] = "only brings it to life",
        ["ITransportPartnerGrain.Book"] = "books a delivery's numbered attempt",
        ["ITransportPartnerGrain.Cancel"] = "cancels a delivery's numbered attempt",
        ["ITransportPartnerGrain.Notice"] = "takes in a status, of which none comes twice",
    };

    private static IEnumerable<MethodInfo> Methods { get; } =
        [.. typeof(IDroneGrain).Assembly.GetTypes().Where(type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type)).SelectMany(type => type.GetMethods())];

    public static TheoryData<string> Commands() => [.. Methods.Where(method => TakesCommand(method) && !Reads(method)).Select(Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Command_that_comes_again_has_the_effect_and_the_answer_of_once(string method)
    {
        Assert.True(CommandCase.All.ContainsKey(method), $"{method} takes a command: say in {nameof(CommandCase)} how it is given and how its effect shows.");
        var (cluster, sample) = (new ScriptedCluster(), CommandCase.All[method]);
        sample.Before?.Invoke(cluster);
        var before = sample.Shown(cluster);
        var command = cluster.Command();
        var first = sample.Send(cluster, command);
        var once = sample.Shown(cluster);
        if (method != "IDeliveryRequestGrain.Remember") Assert.NotEqual(before, once);

        Assert.Equal(first, sample.Send(cluster, command));
        Assert.Equal(once, sample.Shown(cluster));

        sample.Other?.Invoke(cluster);
        var after = sample.Shown(cluster);
        if (sample.Other is not null) Assert.NotEqual(once, after);
        Again();
        foreach (var activation in cluster.Cluster.Activations) cluster.Cluster.Kill(activation);
        Again();

        void Again()
        {
            object? answer;
            try
            {
                answer = sample.Send(cluster, command);
            }
            catch (InconsistentStateException)
            {
                answer = sample.Send(cluster, command); // A new life began without reading and found out; its caller asks again.
            }

            if (!sample.SaysWhatHolds) Assert.Equal(first, answer);
            Assert.Equal(after, sample.Shown(cluster));
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Command_that_found_nothing_to_change_changes_nothing_later(string method)
    {
        var (cluster, sample) = (new ScriptedCluster(), CommandCase.All[method]);
        sample.Before?.Invoke(cluster);
        sample.Send(cluster, cluster.Command());
        var command = cluster.Command();
        var first = sample.Send(cluster, command);
        if (first is CommandResult { Outcome: not (CommandOutcome.Done or CommandOutcome.NotFound) }) return; // Refused: it may be sent anew.

        sample.Other?.Invoke(cluster);
        var after = sample.Shown(cluster);
        var answer = sample.Send(cluster, command);
        if (!sample.SaysWhatHolds) Assert.Equal(first, answer);
        Assert.Equal(after, sample.Shown(cluster));
    }

    [Fact]
    public void Method_that_changes_something_takes_a_command_or_says_why_not()
    {
        var without = Methods.Where(method => !TakesCommand(method) && !Reads(method)).Select(Name).Order(StringComparer.Ordinal);
        Assert.Equal(WithoutCommand.Keys.Order(StringComparer.Ordinal), without);
    }

    private static string Name(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    private static bool TakesCommand(MethodInfo method) => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(CommandId));

    private static bool Reads(MethodInfo method) => Array.Exists(Reading, word => method.Name.StartsWith(word, StringComparison.Ordinal));
}
