using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DroneDelivery.Processes;

namespace DroneDelivery.Faults;

/// <summary>Faults in random order under one load that never stops, then everything that was promised is looked at.</summary>
[Collection(nameof(Faults))]
[Trait("Category", "Fault")]
public sealed class ChaosTests(LocalCluster local, ITestOutputHelper output)
{
    /// <summary>What may happen; the likelier, the more often it stands here.</summary>
    private static readonly Fault[] Choice =
    [
        ProcessFaults.SiloKilled, ProcessFaults.SiloKilled, ProcessFaults.AnyReplaced, ProcessFaults.AnyReplaced,
        ProcessFaults.SiloFrozen, ProcessFaults.SiloStarved, ProcessFaults.StoreAwayBriefly,
    ];

    /// <summary>A parcel is fetched and brought within seconds; those that waited for a silo, a store or a drone need longer.</summary>
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Random_faults_every_promise_is_kept()
    {
        var (time, seed) = (TimeSpan.FromMinutes(Setting("CHAOS_MINUTES", 1)), Setting("CHAOS_SEED", 1));
        output.WriteLine($"{time.TotalMinutes} minutes, seed {seed}");
        var chance = new Random(seed);
        var cluster = await local.GetAsync();
        await cluster.MakeReadyAsync(RunningCluster.Heap, output.WriteLine, Cancellation);
        using var load = new Load(cluster);
        await load.StartAsync(Cancellation);
        while (load.Now < time)
        {
            // What a fault leaves behind is over, or the next one comes into the middle of it.
            await Task.Delay(TimeSpan.FromSeconds(1 + chance.NextDouble() * 9), Cancellation);
            var fault = Choice[chance.Next(Choice.Length)];
            var from = load.Now;
            await fault.Inflict(new Scene(cluster, load, chance, output.WriteLine, Cancellation));
            foreach (var process in cluster.Silos.Where(silo => !silo.IsRunning)) process.Start();
            await Task.Delay(TimeSpan.FromSeconds(5), Cancellation);

            var report = load.Report(from, load.Now - TimeSpan.FromSeconds(5));
            output.WriteLine(report.Describe(fault.Name, from));
            if (!fault.ClientsMayBeToldToComeBack) Assert.Empty(report.Failed);
        }

        await cluster.MakeWholeAsync(Cancellation);
        await load.StopAsync();
        var whole = load.Report(TimeSpan.Zero, TimeSpan.MaxValue);
        output.WriteLine(whole.Describe("all", TimeSpan.Zero));
        Assert.All(whole.Failed, sample => Assert.StartsWith("503 Retry-After", sample.Failure, StringComparison.Ordinal));

        Assert.Empty(await Invariants.ViolationsAsync(cluster.Address, cluster.Accepted, Cancellation));
        await EverythingDueEndsAsync(cluster);

        // An order that nobody knows of may still be flown.
        await Eventually.HoldsAsync("what is invoiced is what was completed", async () => await CompletedAsync(cluster) == await InvoicedAsync(cluster), EndsWithin, Cancellation);
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is not { Length: > 0 } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ArgumentException($"{name} is '{text}'; set it to a whole number.");

    private async Task EverythingDueEndsAsync(RunningCluster cluster)
    {
        using var http = new HttpClient { BaseAddress = cluster.Address };
        var open = cluster.Due.ToHashSet();
        try
        {
            await Eventually.HoldsAsync("all deliveries that are due have ended", async () =>
            {
                foreach (var id in open.ToList())
                {
                    var request = await http.GetFromJsonAsync<JsonNode>($"/api/deliveryrequests/{id}", Cancellation);
                    if ((string)request!["status"]! is "Completed" or "Rejected") open.Remove(id);
                }

                return open.Count == 0;
            }, EndsWithin, Cancellation);
        }
        catch (TimeoutException)
        {
            foreach (var id in open.Take(5)) output.WriteLine(await http.GetStringAsync($"/api/deliveryrequests/{id}", Cancellation));
            Assert.Fail($"{open.Count} of {cluster.Due.Count} deliveries that were due did not end.");
        }
    }

    /// <summary>Completed deliveries of all owners, also of clients that were told to come back although their order was stored.</summary>
    private static async Task<int> CompletedAsync(RunningCluster cluster)
    {
        using var http = new HttpClient { BaseAddress = cluster.Address };
        var completed = new HashSet<string>();
        for (var owner = 0; owner < Load.Owners; owner++)
        {
            string? continuation = "";
            while (continuation is not null)
            {
                var page = (await http.GetFromJsonAsync<JsonNode>($"/api/deliveries?ownerId=owner-{owner}&stage=Completed&continuation={Uri.EscapeDataString(continuation)}", Cancellation))!;
                completed.UnionWith(page["deliveries"]!.AsArray().Select(delivery => (string)delivery!["id"]!));
                continuation = (string?)page["continuation"];
            }
        }

        return completed.Count;
    }

    /// <summary>What all owners together would pay for; a test that runs over the end of a month counts both.</summary>
    private static async Task<int> InvoicedAsync(RunningCluster cluster)
    {
        using var http = new HttpClient { BaseAddress = cluster.Address };
        var invoiced = 0;
        var now = DateTimeOffset.UtcNow;
        foreach (var month in new[] { now, now.AddMonths(-1) })
        {
            for (var owner = 0; owner < Load.Owners; owner++)
            {
                invoiced += (int)(await http.GetFromJsonAsync<JsonNode>($"/api/deliveries/summary?ownerId=owner-{owner}&year={month.Year}&month={month.Month}", Cancellation))!["count"]!;
            }
        }

        return invoiced;
    }
}
