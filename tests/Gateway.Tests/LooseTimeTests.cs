using System.Globalization;
using DroneDelivery.Gateway.Input;

namespace DroneDelivery.Gateway.Tests;

public sealed class LooseTimeTests
{
    [Theory]
    [InlineData("2030-01-31T12:00:00Z", "2030-01-31T12:00:00")]
    [InlineData("2030-01-31t12:00:00z", "2030-01-31T12:00:00")]
    [InlineData("2030-01-31 12:00:00Z", "2030-01-31T12:00:00")]
    [InlineData(" 2030-01-31T12:00:00Z ", "2030-01-31T12:00:00")]
    [InlineData("2030-01-31T12:00:00.1Z", "2030-01-31T12:00:00.1")]
    [InlineData("2030-01-31T12:00:00,5Z", "2030-01-31T12:00:00.5")]
    [InlineData("2030-01-31T12:00:00.123456789Z", "2030-01-31T12:00:00.1234567")] // Go, Java, Rust
    [InlineData("2030-01-31T12:00:00.999999999999999999999999999999+01:00", "2030-01-31T11:00:00.9999999")]
    [InlineData("2030-01-31T12:00:00+05:30", "2030-01-31T06:30:00")]
    [InlineData("2030-01-31T12:00:00-0800", "2030-01-31T20:00:00")]
    [InlineData("2030-01-31T12:00:00+02", "2030-01-31T10:00:00")]
    [InlineData("2030-01-31T12:00:00-00:00", "2030-01-31T12:00:00")]
    [InlineData("2030-01-31T23:30:00-23:59", "2030-02-01T23:29:00")] // RFC 3339 allows it, DateTimeOffset does not
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00")]
    [InlineData("2016-12-31T15:59:60.25-08:00", "2017-01-01T00:00:00")]
    [InlineData("2017-01-01T05:29:60+05:30", "2017-01-01T00:00:00")]
    [InlineData("2030-01-31T12:00", "2030-01-31T12:00:00")]
    [InlineData("2030-01-31T12:00+01:00", "2030-01-31T11:00:00")]
    [InlineData("2030-01-31T24:00:00Z", "2030-02-01T00:00:00")]
    [InlineData("20300131T120000Z", "2030-01-31T12:00:00")]
    [InlineData("20300131T1200+0100", "2030-01-31T11:00:00")]
    [InlineData("2030-01-31", "2030-01-31T00:00:00")]
    [InlineData("2028-02-29T00:00:00Z", "2028-02-29T00:00:00")]
    public void Time_is_read(string text, string utc)
    {
        Assert.True(LooseTime.TryRead(text, out var time));
        Assert.Equal(DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal), time);
        Assert.Equal(TimeSpan.Zero, time.Offset);
        Assert.True(LooseTime.LooksLikeTime(text));
    }

    [Theory]
    [InlineData("2030-02-29T00:00:00Z")]
    [InlineData("2030-13-01T00:00:00Z")]
    [InlineData("2030-00-01T00:00:00Z")]
    [InlineData("2030-01-00")]
    [InlineData("2030-01-31T24:00:01Z")]
    [InlineData("2030-01-31T12:60:00Z")]
    [InlineData("2030-01-31T12:00:61Z")]
    [InlineData("2030-01-31T12:30:60Z")] // no leap second
    [InlineData("2030-01-31T12:00:00+24:00")]
    [InlineData("2030-01-31T12:00:00+01:60")]
    [InlineData("2030-01-31T12:00:00.Z")]
    [InlineData("2030-01-31T12Z")]
    [InlineData("2030-01-31 at noon")]
    [InlineData("2030-01-31T12:00:00Z.")]
    [InlineData("1899-12-31T23:59:59Z")]
    [InlineData("2201-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00Z")]
    public void Text_that_looks_like_a_time_and_is_none_is_told_from_others(string text)
    {
        Assert.False(LooseTime.TryRead(text, out _));
        Assert.True(LooseTime.LooksLikeTime(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("tomorrow")]
    [InlineData("as soon as you can")]
    [InlineData("12:00")]
    [InlineData("31.01.2030")]
    [InlineData("20300131")]
    [InlineData("٢٠٣٠-٠١-٣١")]
    public void Free_text_is_no_time(string text)
    {
        Assert.False(LooseTime.TryRead(text, out _));
        Assert.False(LooseTime.LooksLikeTime(text));
    }

    [Fact]
    public void Fraction_beyond_all_reason_is_no_time() => Assert.False(LooseTime.TryRead($"2030-01-31T12:00:00.{new string('1', 1_000)}Z", out _));

    [Theory]
    [InlineData("2030-01-31T12:00:00 02:00", 10)] // a + that was not escaped
    [InlineData("2030-01-31 12:00:00.123456789 02:00", 10)]
    [InlineData("20300131T120000 0200", 10)]
    [InlineData("2030-01-31 12:00", 12)]
    [InlineData("2030-01-31T12:00:00z", 12)]
    public void Query_reads_a_space_for_a_plus(string text, int hour)
    {
        var fields = new QueryFields();

        Assert.Equal(hour, fields.Time("from", text)?.Hour);
        Assert.False(fields.Errors.Any);
    }
}
