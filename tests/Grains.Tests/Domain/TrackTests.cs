using CsCheck;
using DroneDelivery.Navigation;

namespace DroneDelivery.Domain;

/// <summary>Which positions are believed.</summary>
public sealed class TrackTests
{
    private static readonly GeoPoint Start = new(47.6, -122.1);
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TrackBounds Bounds = new(30, 150);

    private readonly Track _track = Track.Begin(Start, Noon, Noon);

    [Theory]
    [InlineData(440, 10, true)] // 300 m flown, 150 m slack.
    [InlineData(460, 10, false)]
    [InlineData(140, 0, true)]
    [InlineData(160, 0, false)]
    public void Position_within_speed_and_slack_is_believed(double metres, double seconds, bool believed)
    {
        var after = _track.Take(Start.Destination(90, metres), Noon.AddSeconds(seconds), Noon.AddSeconds(seconds), Bounds, 3, out var isBelieved);
        Assert.Equal(believed, isBelieved);
        Assert.Equal(believed ? metres : 0, after.Position.DistanceTo(Start), 0.01);
    }

    [Fact]
    public void Many_small_jumps_count_as_one_large()
    {
        var track = _track;
        var believed = 0;
        for (var step = 1; step <= 100; step++)
        {
            track = track.Take(Start.Destination(90, step * 20), Noon.AddMilliseconds(step), Noon.AddMilliseconds(step), Bounds, null, out var isBelieved);
            if (isBelieved) believed = step;
        }

        Assert.Equal(7, believed); // 140 m.
    }

    [Fact]
    public void Reports_held_back_come_at_once_and_are_believed()
    {
        var (track, arrival) = (_track, Noon.AddMinutes(4));
        for (var step = 1; step <= 48; step++)
        {
            track = track.Take(Start.Destination(90, step * 75), arrival, Noon.AddSeconds(5 * step), Bounds, null, out var isBelieved);
            Assert.True(isBelieved, $"step {step}");
        }
    }

    [Fact]
    public void Clock_that_goes_to_and_fro_gains_no_time_twice()
    {
        var track = _track.Take(Start.Destination(90, 6_000), Noon, Noon.AddMinutes(5), Bounds, null, out var first);
        track = track.Take(Start.Destination(90, 6_000), Noon, Noon, Bounds, null, out _);
        track.Take(Start.Destination(90, 12_000), Noon, Noon.AddMinutes(5), Bounds, null, out var second);
        Assert.Equal((true, false), (first, second));
    }

    [Fact]
    public void Drone_carried_elsewhere_is_believed_after_reports_that_agree()
    {
        var there = Start.Destination(90, 50_000);
        Assert.Equal([false, false, true, true], Take(_track, 3, there, there, there.Destination(0, 40), there));
        Assert.Equal([false, false, false, false, false], Take(_track, 3, there, there, Start.Destination(180, 50_000), there, there)); // They do not agree.
        Assert.Equal([false, false, true, false], Take(_track, 3, there, there, Start, there)); // Back at the first place, it was there all the time.
        Assert.Equal([false, false, false, false, false], Take(_track, null, there, there, there, there, there));
    }

    [Fact]
    public void Flight_at_the_stated_speed_is_always_believed() => Gen.Select(Gen.Double[0, 30], Gen.Double[0, 360], Gen.Double[0.1, 60]).Array[1, 30].Sample(legs =>
    {
        var (track, position, now) = (_track, Start, Noon);
        foreach (var (speed, bearing, seconds) in legs)
        {
            (position, now) = (position.Destination(bearing, speed * seconds), now.AddSeconds(seconds));
            track = track.Take(position, now, now, Bounds, null, out var isBelieved);
            Assert.True(isBelieved);
        }
    });

    private static IReadOnlyList<bool> Take(Track track, int? reportsToMove, params GeoPoint[] positions)
    {
        var (believed, now) = (new List<bool>(), Noon);
        foreach (var position in positions)
        {
            now = now.AddSeconds(5);
            track = track.Take(position, now, now, Bounds, reportsToMove, out var isBelieved);
            believed.Add(isBelieved);
        }

        return believed;
    }
}
