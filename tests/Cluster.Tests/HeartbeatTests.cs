using DroneDelivery.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace DroneDelivery;

/// <summary>What liveness means.</summary>
public sealed class HeartbeatTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Process_whose_timers_fire_is_alive()
    {
        using var heartbeat = new Heartbeat(_time);
        await heartbeat.StartAsync(TestContext.Current.CancellationToken);

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(HealthStatus.Healthy, await StatusAsync(heartbeat));
    }

    [Fact]
    public async Task Process_whose_timers_are_stuck_is_dead()
    {
        using var heartbeat = new Heartbeat(_time);
        await heartbeat.StartAsync(TestContext.Current.CancellationToken);

        // The timer is gone, as it would be if nothing ran any more.
        heartbeat.Dispose();
        _time.Advance(Heartbeat.Limit - TimeSpan.FromSeconds(1));
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(heartbeat));
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(HealthStatus.Unhealthy, await StatusAsync(heartbeat));
    }

    private static async Task<HealthStatus> StatusAsync(Heartbeat heartbeat) => (await heartbeat.CheckHealthAsync(new HealthCheckContext())).Status;
}
