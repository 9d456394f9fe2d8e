using System.Diagnostics;
using DroneDelivery.FleetSimulator.Protocol;
using DroneDelivery.FleetSimulator.Station;
using Xunit.Sdk;

namespace DroneDelivery.FleetSimulator.Tests;

/// <summary>A fleet that flies beside the test until disposed.</summary>
internal sealed class RunningFleet : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http;
    private readonly Task _run;

    public RunningFleet(FleetOptions options)
    {
        _http = GatewayClient.CreateHttpClient(options.Gateway);
        Station = new GroundStation(options, new GatewayClient(_http), Display, TimeProvider.System);
        _run = Station.RunAsync(_stop.Token);
    }

    public GroundStation Station { get; }

    public RecordingDisplay Display { get; } = new();

    public static FleetOptions Options(Uri gateway) => new()
    {
        Gateway = gateway,
        Drones = 1,
        SpeedUp = 600,
        Interval = TimeSpan.FromSeconds(0.2),
    };

    /// <summary>Waits for a condition, with a deadline.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition())
        {
            if (_run.IsFaulted) await _run;
            if (watch.Elapsed > Deadline) throw new XunitException($"Not within {Deadline.TotalSeconds} s: {what}. {string.Join('\n', Display.Lines)}");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Stops it.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        _stop.Dispose();
    }
}
