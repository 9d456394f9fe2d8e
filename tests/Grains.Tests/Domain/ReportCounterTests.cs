using DroneDelivery.Drones;

namespace DroneDelivery.Domain;

/// <summary>Which counters can follow.</summary>
public sealed class ReportCounterTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly long Milliseconds = Now.ToUnixTimeMilliseconds();

    [Theory]
    [InlineData(10, 11, true)]
    [InlineData(10, 1_510, true)] // A leap of 1,000 and 100 a second for 5 s.
    [InlineData(10, 1_511, false)]
    [InlineData(10, long.MaxValue, false)]
    public void Sequence_leaps_no_further_than_time_allows(long last, long next, bool plausible) =>
        Assert.Equal(plausible, ReportCounters.ArePlausible(Seen(1, last), 1, next, Now, new DroneOptions()));

    [Theory]
    [InlineData(1_500, true)]
    [InlineData(1_501, false)]
    public void First_sequence_of_a_boot_is_bounded_by_the_time_since_the_last_report(long sequence, bool plausible) =>
        Assert.Equal(plausible, ReportCounters.ArePlausible(Seen(1, 7), 2, sequence, Now, new DroneOptions()));

    [Theory]
    [InlineData(5, 6, true)]
    [InlineData(5, 1_005, true)]
    [InlineData(5, 1_006, false)]
    [InlineData(5, long.MaxValue, false)]
    [InlineData(5, 3, true)] // Older, which is said in another way.
    [InlineData(0, 999, true)]
    [InlineData(0, long.MaxValue, false)]
    public void Boot_that_is_a_counter_leaps_no_further_than_set(long last, long next, bool plausible) =>
        Assert.Equal(plausible, ReportCounters.ArePlausible(Seen(last, 7), next, 1, Now, new DroneOptions()));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1_000, 0)]
    [InlineData(1_000_000, 0)]
    [InlineData(10_000_000, 0)]
    [InlineData(1_000_000_000, 0)]
    [InlineData(10_000_000, 621_355_968_000_000_000)]
    public void Boot_that_is_a_time_reaches_to_the_present(long rate, long atEpoch)
    {
        long At(TimeSpan ago) => atEpoch + (long)((Now - ago - DateTimeOffset.UnixEpoch).TotalSeconds * rate);
        var yearAgo = At(TimeSpan.FromDays(365));
        foreach (var last in new[] { Seen(yearAgo, 7), Seen(0, 7), Seen(-1, -1), null })
        {
            Assert.True(ReportCounters.ArePlausible(last, At(TimeSpan.Zero), 1, Now, new DroneOptions()));
            Assert.True(ReportCounters.ArePlausible(last, At(TimeSpan.FromMinutes(-4)), 1, Now, new DroneOptions()));
        }

        Assert.False(ReportCounters.ArePlausible(Seen(yearAgo, 7), At(TimeSpan.FromMinutes(-6 - (1_000.0 / rate / 60))), 1, Now, new DroneOptions()));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(long.MaxValue, false)]
    public void First_report_of_all_is_bounded_too(long counter, bool plausible)
    {
        Assert.Equal(plausible, ReportCounters.ArePlausible(null, counter, 1, Now, new DroneOptions()));
        Assert.Equal(plausible, ReportCounters.ArePlausible(null, Milliseconds, counter, Now, new DroneOptions()));
    }

    [Fact]
    public void Counters_order_reports_but_where_they_began_anew_time_does()
    {
        var (poisoned, low) = (Seen(1_000, 50), Seen(3, 1));
        Assert.False(low.Follows(poisoned, isAnew: false));
        Assert.True(low.Follows(poisoned.WithoutCounters(), isAnew: false));

        // What comes late is of any boot, and can come first.
        foreach (var late in new[] { Seen(1_000, 51), Seen(1_001, 1) })
        {
            Assert.True(At(low, 1).Follows(late, isAnew: true));
            Assert.False(late.Follows(At(low, 1), isAnew: true));
            Assert.True(late.Follows(At(low, 1), isAnew: false)); // It cannot be late any more.
        }

        Assert.Equal((true, false), (Seen(3, 2).Follows(low, isAnew: true), Seen(3, 1).Follows(low, isAnew: true)));
        Assert.True(At(low, 1).Follows(Seen(3, 9), isAnew: true)); // It counts from the same boot, and from 1.
        Assert.True(At(Seen(3, 2), -1).Follows(low, isAnew: true)); // Its clock was set back.
    }

    private static Sighting At(Sighting sighting, int seconds) => sighting with { Time = sighting.Time.AddSeconds(seconds) };

    private static Sighting Seen(long boot, long sequence) => new(boot, sequence, Now.AddSeconds(-5), default, 1);
}
