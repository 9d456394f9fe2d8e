using DroneDelivery.Invoicing;

namespace DroneDelivery.Simulation;

/// <summary>A day of tens of thousands of deliveries in documents of bounded size, each counted once whatever fails.</summary>
public sealed class LargeLedgerTests
{
    private const string Key = "owner/2026-01-01";

    private readonly ScriptedCluster _cluster = new();

    [Fact]
    [Trait("Category", "Slow")]
    public void Large_day_is_counted_in_documents_that_stay_small()
    {
        const int Count = 30_000;
        foreach (var some in Enumerable.Range(0, Count).Chunk(200)) Record(some);

        Assert.Equal(new LedgerTotals(Count, Count * 1.5m, Count * 0.25m, Count * 0.125m), Totals());
        var largest = _cluster.Cluster.Stores.Documents.Max(document => document.Value.Json.Length);
        Assert.InRange(largest, 1, 2 * LedgerState.Capacity * 50);

        // Whoever comes again, at once or after a crash, counts no more.
        Record(0, 1, Count - 1);
        Crash();
        Record(0, 1, 12_345, Count - 1);
        Assert.Equal(Count, Totals().Deliveries);
    }

    [Fact]
    public void Day_that_is_not_large_costs_one_write_for_each_delivery_and_has_no_parts()
    {
        var writes = 0;
        _cluster.Cluster.Stores.Written = (_, _, _) => writes++;
        for (var number = 0; number < LedgerState.Capacity; number++) Record(number);
        Assert.Equal(LedgerState.Capacity, writes);
        Assert.Empty(_cluster.Cluster.Stores.All<LedgerPartState>());

        Record(LedgerState.Capacity);
        Assert.Equal(LedgerState.Capacity + 2, writes);
    }

    [Fact]
    public void Reading_a_large_day_reads_no_part()
    {
        Record([.. Enumerable.Range(0, LedgerState.Capacity)]);
        Record(LedgerState.Capacity);
        Crash();
        Assert.Equal(LedgerState.Capacity + 1, Totals().Deliveries);
        Assert.DoesNotContain(_cluster.Cluster.Activations, id => id.Type.ToString() == "ledger-part");
    }

    /// <summary>Writes fail before or after they took effect, of the part and of the ledger, and activations die in between; what got no answer is told again.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public void Each_counts_once_whatever_fails_while_parts_are_made()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var cluster = new ScriptedCluster();
            const int Count = (2 * LedgerState.Capacity) + 50;
            var owed = new HashSet<int>(Enumerable.Range(0, Count));
            for (var step = 0; owed.Count > 0; step++)
            {
                var some = owed.OrderBy(_ => random.Next()).Take(40).Append(random.Next(Count)).ToList();
                var calls = some.ConvertAll(number => (number, Call: cluster.Grains.GetGrain<IOwnerLedgerGrain>(Key).Record(Delivery(number))));
                while (cluster.Cluster.Events.Count > 0)
                {
                    if (step < 200 && random.Next(40) == 0 && cluster.Cluster.Activations is { Count: > 0 } alive) cluster.Cluster.Kill(alive[random.Next(alive.Count)]);
                    if (step < 200 && random.Next(10) == 0 && cluster.Cluster.Stores.Pending is [var pending, ..])
                    {
                        if (random.Next(2) == 0) pending.FailsBefore = true;
                        else pending.FailsAfter = true;
                    }

                    cluster.Cluster.Run(random.Next(cluster.Cluster.Events.Count));
                }

                foreach (var (number, call) in calls)
                {
                    if (call.IsCompletedSuccessfully) owed.Remove(number);
                    else SimulatedWorld.Watch(call);
                }
            }

            Assert.Equal(new LedgerTotals(Count, Count * 1.5m, Count * 0.25m, Count * 0.125m), cluster.Do(cluster.Grains.GetGrain<IOwnerLedgerGrain>(Key).Get()));
        }
    }

    private static CompletedDelivery Delivery(int number) => new($"{number:x32}", 1.5, 0.25, 0.125);

    private void Record(params int[] numbers)
    {
        var ledger = _cluster.Grains.GetGrain<IOwnerLedgerGrain>(Key);
        var calls = Task.WhenAll(numbers.Select(number => ledger.Record(Delivery(number))));
        _cluster.Cluster.RunAll(1_000_000);
        Assert.True(calls.IsCompletedSuccessfully, calls.Exception?.ToString());
    }

    private LedgerTotals Totals() => _cluster.Do(_cluster.Grains.GetGrain<IOwnerLedgerGrain>(Key).Get());

    private void Crash()
    {
        foreach (var id in _cluster.Cluster.Activations) _cluster.Cluster.Kill(id);
        _cluster.Cluster.RunAll();
    }
}
