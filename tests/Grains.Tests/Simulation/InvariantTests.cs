using CsCheck;

namespace DroneDelivery.Simulation;

/// <summary>
/// Random interleavings of client calls, drone reports, operators, lost and repeated messages, failing writes, and crashes between any
/// two of them, on the real grains in a simulated cluster.
/// </summary>
[Trait("Category", "Slow")]
public sealed class InvariantTests
{
    private const int Cases = 1_500;
    private const int LongestRun = 250;
    private const int Seed = 20_261_124;

    // A run of other cases, as many as wanted, shrunk on failure: SIMULATION_CASES=100000. The repetition of one: SIMULATION_CHOICES="12, 34, …".
    private static int? CasesWanted => int.TryParse(Environment.GetEnvironmentVariable("SIMULATION_CASES"), out var wanted) ? wanted : null;

    private static Gen<int[]> Choices { get; } = Gen.Int[0, (1 << 20) - 1].Array[0, LongestRun];

    [Fact]
    public void Invariants_hold_whatever_happens_and_when()
    {
        if (CasesWanted is { } wanted) Choices.Sample(choices => new SimulatedWorld().Run(choices), iter: wanted, time: -1, threads: 2, print: Print);
        else Run(Seed); // The same cases in every build, so that a failure is one of the change that is being tested.
    }

    [Fact]
    public void Invariants_hold_in_cases_that_no_build_has_run()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"Seed {seed}.");
        Run(seed);
    }

    private static void Run(int seed) => Parallel.For(0, Cases, new ParallelOptions { MaxDegreeOfParallelism = 2 }, number =>
    {
        var random = new Random(unchecked(seed + number));
        int[] choices = [.. Enumerable.Range(0, random.Next(LongestRun + 1)).Select(_ => random.Next(1 << 20))];
        try
        {
            new SimulatedWorld().Run(choices);
        }
        catch (Exception violation)
        {
            Assert.Fail($"Seed {seed}, case {number}: {violation}\nSIMULATION_CHOICES=\"{Print(choices)}\"");
        }
    });

    private static string Print(int[] choices) => string.Join(", ", choices);

    [Fact]
    public void Choices_given_from_outside_are_run_again() => new SimulatedWorld().Run(
        [.. (Environment.GetEnvironmentVariable("SIMULATION_CHOICES") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(int.Parse)]);

    [Fact]
    public void Nothing_happens_but_submits_and_all_deliveries_complete_or_are_refused()
    {
        var world = new SimulatedWorld();
        world.Run([]);
        Assert.All(world.Clients, client => Assert.False(client.WasCancelled));
    }
}
