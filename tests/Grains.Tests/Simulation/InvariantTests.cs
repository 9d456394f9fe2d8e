using CsCheck;

namespace DroneDelivery.Simulation;

/// <summary>
/// Random interleavings of client calls, drone reports, operators, lost and repeated messages, failing writes, and crashes between any
/// two of them, on the real grains in a simulated cluster.
/// </summary>
[Trait("Category", "Slow")]
public sealed class InvariantTests
{
    private const int Cases = 2_000;

    // A longer run, or the repetition of one that failed: SIMULATION_CASES=100000, SIMULATION_CHOICES="12, 34, …".
    private static int CasesWanted => int.TryParse(Environment.GetEnvironmentVariable("SIMULATION_CASES"), out var wanted) ? wanted : Cases;

    internal static Gen<int[]> Choices { get; } = Gen.Int[0, (1 << 20) - 1].Array[0, 250];

    [Fact]
    public void Invariants_hold_whatever_happens_and_when() => Choices.Sample(
        choices => new SimulatedWorld().Run(choices), iter: CasesWanted, time: -1, threads: 2, print: choices => $"[{string.Join(", ", choices)}]");

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
