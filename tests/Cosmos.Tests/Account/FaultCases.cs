using DroneDelivery.CosmosSimulator.Faults;

namespace DroneDelivery.Cosmos.Account;

/// <summary>What can go wrong with a request, by name.</summary>
internal static class FaultCases
{
    private static readonly Dictionary<string, Fault> Faults = new()
    {
        ["408"] = Fault.Answer(408),
        ["410"] = Fault.Answer(410),
        ["429"] = Fault.Throttled(TimeSpan.FromMilliseconds(5)),
        ["449"] = Fault.Answer(449),
        ["500"] = Fault.Answer(500),
        ["503"] = Fault.Answer(503),
        ["reset"] = Fault.Reset(),
        ["answer lost after the effect"] = Fault.LostAnswer(),
        ["408 after the effect"] = Fault.AnswerAfterEffect(408),
        ["503 after the effect"] = Fault.AnswerAfterEffect(503),
    };

    /// <summary>Every fault, striking once and lasting, with a client that sends a request once and one that repeats it over another way to the account.</summary>
    public static TheoryData<string, bool, bool> All()
    {
        var cases = new TheoryData<string, bool, bool>();
        foreach (var name in Faults.Keys)
        {
            foreach (var lasting in new[] { false, true })
            {
                // A client that repeats does so for minutes when the connection keeps breaking; the operation's time limit is tested by itself.
                cases.Add(name, lasting, false);
                if (!lasting) cases.Add(name, lasting, true);
            }
        }

        return cases;
    }

    public static Fault Named(string name, bool lasting) => Faults[name].Times(lasting ? null : 1);

    /// <summary>Whether such a fault leaves it open what became of a write.</summary>
    public static bool LeavesOpen(string name) => name is not ("429" or "449");
}
