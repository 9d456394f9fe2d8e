namespace DroneDelivery.Faults;

/// <summary>Faults under load. Clients must not notice; what was promised to them must hold.</summary>
[Collection(nameof(Faults))]
[Trait("Category", "Fault")]
public sealed class FaultTests(LocalCluster local, ITestOutputHelper output)
{
    [Fact]
    public Task Nothing_happens_nobody_waits() => RunAsync(ProcessFaults.Nothing);

    [Fact]
    public Task Each_silo_replaced_in_turn_nobody_notices() => RunAsync(ProcessFaults.SilosReplaced);

    [Fact]
    public Task Each_gateway_replaced_in_turn_nobody_notices() => RunAsync(ProcessFaults.GatewaysReplaced);

    [Fact]
    public Task Silo_with_most_keys_killed_nothing_is_lost_nor_done_twice() => RunAsync(ProcessFaults.SiloKilled);

    [Fact]
    public Task Silo_with_most_keys_frozen_leaves_and_writes_nothing_when_it_wakes() => RunAsync(ProcessFaults.SiloFrozen);

    [Fact]
    public Task Silo_robbed_of_most_of_its_cpu_stays_a_member() => RunAsync(ProcessFaults.SiloStarved);

    [Fact]
    public Task Store_away_for_a_minute_clients_are_told_to_come_back_and_nothing_restarts() => RunAsync(ProcessFaults.StoreAway);

    [Fact]
    public Task More_grains_than_memory_some_are_given_up_and_no_silo_ends() => RunAsync(ProcessFaults.MemoryPressure);

    private async Task RunAsync(Fault fault) =>
        await new FaultRun(await local.GetAsync(), output.WriteLine).RunAsync(fault, TestContext.Current.CancellationToken);
}
