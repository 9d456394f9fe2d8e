using DroneDelivery.FleetSimulator.Station;

namespace DroneDelivery.FleetSimulator.Tests;

public sealed class GatewayWatchTests
{
    [Fact]
    public void Outage_is_retried_ever_more_rarely_up_to_a_bound()
    {
        var watch = new GatewayWatch();
        var now = TimeSpan.FromSeconds(1);
        Assert.True(watch.Failed(now, "refused"));
        for (var pause = GatewayWatch.FirstPause; ; pause *= 2)
        {
            var bounded = pause < GatewayWatch.LongestPause ? pause : GatewayWatch.LongestPause;
            Assert.False(watch.MayAsk(now + bounded - TimeSpan.FromTicks(1), 0));
            now += bounded;
            Assert.True(watch.MayAsk(now, 0));
            Assert.False(watch.Failed(now, "refused"));
            if (pause > GatewayWatch.LongestPause * 4) break;
        }
    }

    [Fact]
    public void Questions_that_fail_together_are_one_failure()
    {
        var watch = new GatewayWatch();
        for (var i = 0; i < 8; i++) watch.Failed(TimeSpan.Zero, "refused");
        Assert.True(watch.MayAsk(GatewayWatch.FirstPause, 0));
    }

    [Fact]
    public void Outage_allows_one_question_at_a_time()
    {
        var watch = new GatewayWatch();
        Assert.True(watch.MayAsk(TimeSpan.Zero, 7));
        watch.Failed(TimeSpan.Zero, "refused");
        Assert.False(watch.MayAsk(TimeSpan.FromMinutes(1), 1));
        Assert.True(watch.Answered());
        Assert.False(watch.Answered());
        Assert.True(watch.MayAsk(TimeSpan.Zero, 7));
    }
}
