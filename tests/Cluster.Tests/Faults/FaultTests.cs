using DroneDelivery.Processes;
using Microsoft.Data.Sqlite;

namespace DroneDelivery.Faults;

/// <summary>One cluster for all faults: each has to leave it whole for the next.</summary>
public sealed class FaultFixture : IAsyncLifetime
{
    internal RunningCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Cluster = await RunningCluster.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Cluster is not null) await Cluster.DisposeAsync();
    }
}

/// <summary>Faults under load. Clients must not notice; what was promised to them must hold.</summary>
[Collection(nameof(Processes))]
[Trait("Category", "Fault")]
public sealed class FaultTests(FaultFixture fixture, ITestOutputHelper output) : IClassFixture<FaultFixture>, IAsyncLifetime
{
    /// <summary>Clients a second.</summary>
    private const int Rate = 120;

    /// <summary>What the slowest of a thousand clients may wait while processes are replaced ...</summary>
    private static readonly TimeSpan RollP999 = TimeSpan.FromSeconds(1.5);

    /// <summary>... and when a silo is lost.</summary>
    private static readonly TimeSpan LossP999 = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan FreezeTime = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan StarveTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StoreAwayTime = TimeSpan.FromSeconds(60);

    private long _storedBefore;
    private Load _load = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private RunningCluster Cluster => fixture.Cluster;

    public async ValueTask InitializeAsync()
    {
        await Cluster.MakeWholeAsync(Cancellation);
        _storedBefore = Cluster.StoredRequests();
        _load = new Load(Cluster.Address, Rate);
        await _load.StartAsync(Cancellation);
        await Task.Delay(WarmUp, Cancellation);
    }

    public ValueTask DisposeAsync()
    {
        _load.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Each_silo_replaced_in_turn_nobody_notices()
    {
        var at = _load.Now;
        foreach (var silo in Cluster.Silos) await ReplaceAsync(silo);

        await FinishAsync("silos replaced", at, RollP999);
    }

    [Fact]
    public async Task Each_gateway_replaced_in_turn_nobody_notices()
    {
        var at = _load.Now;
        foreach (var gateway in Cluster.Gateways) await ReplaceAsync(gateway);

        await FinishAsync("gateways replaced", at, RollP999);
    }

    [Fact]
    public async Task Silo_with_most_keys_killed_nothing_is_lost_nor_done_twice()
    {
        var victim = await Cluster.BusiestSiloAsync(Cancellation);
        var at = _load.Now;
        await victim.KillAsync();
        await Eventually.HoldsAsync("the dead silo is struck off", () => Task.FromResult(!Cluster.IsMember(victim)), TimeSpan.FromSeconds(30), Cancellation);
        output.WriteLine($"struck off after {(_load.Now - at).TotalSeconds:0.0} s");

        await FinishAsync("silo killed", at, LossP999);
    }

    [Fact]
    public async Task Silo_with_most_keys_frozen_leaves_and_writes_nothing_when_it_wakes()
    {
        var victim = await Cluster.BusiestSiloAsync(Cancellation);
        var at = await FreezeAsync(victim);
        try
        {
            await Eventually.HoldsAsync("the frozen silo is struck off", () => Task.FromResult(!Cluster.IsMember(victim)), TimeSpan.FromSeconds(30), Cancellation);
            output.WriteLine($"struck off after {(_load.Now - at).TotalSeconds:0.0} s");
            await Task.Delay(FreezeTime - (_load.Now - at), Cancellation);
        }
        finally
        {
            Signals.Thaw(victim.Id);
        }

        // It learns that it was given up and ends by itself; its successor starts like any pod.
        await victim.ExitCodeAsync();
        await FinishAsync("silo frozen", at, LossP999);
    }

    [Fact]
    public async Task Silo_robbed_of_most_of_its_cpu_stays_a_member()
    {
        var victim = await Cluster.BusiestSiloAsync(Cancellation);
        var (id, at) = (victim.Id, _load.Now);
        await StarveAsync(victim);

        Assert.True(Cluster.IsMember(victim));
        Assert.Equal(id, victim.Id);
        Assert.True(victim.IsRunning);
        await FinishAsync("silo starved", at, LossP999);
    }

    [Fact]
    public async Task Store_away_for_a_minute_clients_are_told_to_come_back_and_nothing_restarts()
    {
        ServiceProcess[] all = [.. Cluster.Silos, .. Cluster.Gateways];
        var ids = all.Select(process => process.Id).ToArray();
        var unready = new List<TimeSpan>();
        var at = _load.Now;
        using (Cluster.HoldStore(TimeSpan.FromSeconds(10)))
        {
            while (_load.Now - at < StoreAwayTime)
            {
                foreach (var process in all)
                {
                    if (!await process.IsReadyAsync(Cancellation)) unready.Add(_load.Now - at);
                }

                await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);
            }
        }

        var back = _load.Now;
        await Task.Delay(TimeSpan.FromSeconds(20), Cancellation);
        var report = await _load.StopAsync();
        output.WriteLine(report.Describe("store away", back));

        Assert.Empty(unready);
        Assert.Equal(ids, all.Select(process => process.Id));
        Assert.All(all, process => Assert.True(process.IsRunning));
        Assert.NotEmpty(report.Failed);
        Assert.All(report.Failed, sample => Assert.StartsWith("503 Retry-After", sample.Failure, StringComparison.Ordinal));
        Assert.InRange(report.RecoveryAfter(back), TimeSpan.Zero, TimeSpan.FromSeconds(15));
        await AssertNothingLostAsync();
    }

    private static async Task ReplaceAsync(ServiceProcess process)
    {
        Assert.Equal(0, await process.StopAsync());
        process.Start();
        await process.WaitUntilReadyAsync(Cancellation, TimeSpan.FromMinutes(3));

        // As minReadySeconds.
        await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
    }

    /// <summary>A process that is frozen amid a write would keep the local store's lock, as no process can keep the production store's.</summary>
    private async Task<TimeSpan> FreezeAsync(SiloProcess silo)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var at = _load.Now;
            Signals.Freeze(silo.Id);
            try
            {
                Cluster.HoldStore(TimeSpan.FromSeconds(1)).Dispose();
                return at;
            }
            catch (SqliteException)
            {
                Signals.Thaw(silo.Id);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
        }

        throw new TimeoutException("The silo was never found without the lock of the store.");
    }

    /// <summary>Lets it run a fifth of the time.</summary>
    private static async Task StarveAsync(SiloProcess silo)
    {
        using var time = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var slice = 0; slice < StarveTime / time.Period; slice++)
        {
            Signals.Freeze(silo.Id);
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(80), Cancellation);
            }
            finally
            {
                Signals.Thaw(silo.Id);
            }

            await time.WaitForNextTickAsync(Cancellation);
        }
    }

    private async Task FinishAsync(string fault, TimeSpan at, TimeSpan gate)
    {
        await Task.Delay(Afterwards, Cancellation);
        var report = await _load.StopAsync();
        output.WriteLine(report.Describe(fault, at));
        foreach (var complaint in Cluster.GatewayErrors().Take(10)) output.WriteLine(complaint);

        Assert.Empty(report.Failed);
        await AssertNothingLostAsync();
        Assert.Equal(_load.Accepted.Count, Cluster.StoredRequests() - _storedBefore);
        Assert.True(report.P999 <= gate, $"p99.9 is {report.P999.TotalSeconds:0.00} s, more than {gate.TotalSeconds} s.");
    }

    private async Task AssertNothingLostAsync()
    {
        await Cluster.MakeWholeAsync(Cancellation);
        Assert.Empty(await Invariants.ViolationsAsync(Cluster.Address, _load.Accepted, Cancellation));
    }
}
