namespace DroneDelivery.Faults;

/// <summary>One fault under load, and everything that must hold during and after it.</summary>
internal sealed class FaultRun(RunningCluster cluster, Action<string> say)
{
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Afterwards = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RecoveryAfterRefusals = TimeSpan.FromSeconds(15);

    /// <summary>Whether clients that wait too long fail the run, which is asked only where the machine has nothing else to do.</summary>
    private static readonly bool HoldsTimes = Environment.GetEnvironmentVariable("FAULTS_HOLD_TIMES") == "1";

    /// <summary>
    /// Inflicts the fault; once more when times are held and clients waited too long, since a machine that others share may have stood still itself. All else must hold
    /// each time.
    /// </summary>
    public async Task RunAsync(Fault fault, CancellationToken cancellationToken)
    {
        var first = await MeasureAsync(fault, cancellationToken);
        if (first <= fault.Gate) return;
        var missed = $"p99.9 is {first.TotalSeconds:0.00} s, more than {fault.Gate.TotalSeconds} s";
        say(missed);
        if (!HoldsTimes) return;
        var second = await MeasureAsync(fault, cancellationToken);
        Assert.True(second <= fault.Gate, $"{missed}, and then {second.TotalSeconds:0.00} s.");
    }

    private async Task<TimeSpan> MeasureAsync(Fault fault, CancellationToken cancellationToken)
    {
        await cluster.MakeReadyAsync(fault.HeapOfSilos, say, cancellationToken);
        var storedBefore = await cluster.Store.StoredRequestsAsync();
        using var load = new Load(cluster);
        await load.StartAsync(cancellationToken);
        await Task.Delay(Before, cancellationToken);

        var from = load.Now;
        await fault.Inflict(new Scene(cluster, load, new Random(1), say, cancellationToken));
        var over = load.Now;
        await Task.Delay(Afterwards, cancellationToken);
        await load.StopAsync();

        var report = load.Report(TimeSpan.Zero, TimeSpan.MaxValue);
        say(report.Describe(fault.Name, fault.ClientsMayBeToldToComeBack ? over : from));
        foreach (var line in report.P999 <= fault.Gate ? [] : report.DescribeSlow()) say(line);
        foreach (var complaint in report.Failed.Count == 0 ? [] : cluster.GatewayErrors().Take(10)) say(complaint);
        if (fault.ClientsMayBeToldToComeBack)
        {
            Assert.NotEmpty(report.Failed);
            Assert.All(report.Failed, sample => Assert.StartsWith("503 Retry-After", sample.Failure, StringComparison.Ordinal));
            if (HoldsTimes) Assert.InRange(report.RecoveryAfter(over), TimeSpan.Zero, RecoveryAfterRefusals);
        }
        else
        {
            Assert.Empty(report.Failed);
            Assert.Equal(load.Accepted.Count, await cluster.Store.StoredRequestsAsync() - storedBefore);
        }

        await cluster.MakeWholeAsync(cancellationToken);
        Assert.Empty(await Invariants.ViolationsAsync(cluster.Address, load.Accepted, cancellationToken));
        return report.P999;
    }
}
