using System.Globalization;
using System.Text.RegularExpressions;

namespace DroneDelivery.Gateway.Input;

/// <summary>
/// Reads times as real clients write them: all of RFC 3339 (any number of digits after the second, the leap second, small letters, a space for the T) and the usual forms of
/// ISO 8601 (without seconds, without zone, which means UTC, with +hhmm or +hh, without dashes and colons, and a date alone, which means its first instant).
/// </summary>
internal static partial class LooseTime
{
    /// <summary>First year that is taken for one.</summary>
    public const int EarliestYear = 1900;

    /// <summary>Last year that is taken for one.</summary>
    public const int LatestYear = 2200;

    /// <summary>Longest text that is looked at, characters.</summary>
    public const int MaxLength = 256;

    private const int TickDigits = 7;
    private const int LeapSecond = 60;
    private static readonly string[] Usual =
        ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.fffK", "yyyy-MM-dd'T'HH:mm:ss.ffffffK", "yyyy-MM-dd'T'HH:mm:ss.fffffffK"];

    /// <summary>Whether <paramref name="text"/> is a time between 1900 and 2200; what is finer than 100 ns is cut off.</summary>
    public static bool TryRead(string text, out DateTimeOffset time)
    {
        // What nearly everybody writes, without a match's allocations.
        if (DateTimeOffset.TryParseExact(text, Usual, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time))
            return time.Year is >= EarliestYear and <= LatestYear;
        if (text.Length > MaxLength || Form().Match(text) is not { Success: true } form) return false;

        var (year, month, day) = (Number(form, "year"), Number(form, "month"), Number(form, "day"));
        if (year is < EarliestYear or > LatestYear || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;

        var (hour, minute, second) = (Number(form, "hour"), Number(form, "minute"), Number(form, "second"));
        var fraction = Fraction(form.Groups["fraction"].ValueSpan);
        var endOfDay = hour == 24 && minute == 0 && second == 0 && fraction == 0;
        if ((hour > 23 && !endOfDay) || minute > 59 || second > LeapSecond) return false;

        var (offsetHours, offsetMinutes) = (Number(form, "offsetHours"), Number(form, "offsetMinutes"));
        if (offsetHours > 23 || offsetMinutes > 59) return false;
        var offset = new TimeSpan(offsetHours, offsetMinutes, 0) * (form.Groups["sign"].ValueSpan is "-" ? -1 : 1);

        // A leap second is the first instant after it: no clock here has one.
        var read = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc) + new TimeSpan(hour, minute, second) - offset;
        if (second == LeapSecond && (read.Minute, read.Hour) != (0, 0)) return false;
        if (second < LeapSecond) read = read.AddTicks(fraction);
        time = new DateTimeOffset(read);
        return time.Year is >= EarliestYear and <= LatestYear;
    }

    /// <summary>Whether the text is meant for a time: it begins with four digits and a dash, or with eight digits and a T.</summary>
    public static bool LooksLikeTime(string text) => Beginning().IsMatch(text);

    private static int Number(Match form, string group) =>
        form.Groups[group] is { Success: true } digits ? int.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    private static long Fraction(ReadOnlySpan<char> digits)
    {
        var ticks = 0L;
        for (var i = 0; i < TickDigits; i++) ticks = (ticks * 10) + (i < digits.Length ? digits[i] - '0' : 0);
        return ticks;
    }

    [GeneratedRegex(
        """
        ^\s* (?<year>[0-9]{4}) (?: - (?<month>[0-9]{2}) - (?<day>[0-9]{2}) | (?<month>[0-9]{2}) (?<day>[0-9]{2}) (?=[Tt]) )
        (?: [Tt\ ] (?<hour>[0-9]{2}) :? (?<minute>[0-9]{2}) (?: :? (?<second>[0-9]{2}) (?: [.,] (?<fraction>[0-9]+) )? )?
            (?: [Zz] | (?<sign>[+-]) (?<offsetHours>[0-9]{2}) (?: :? (?<offsetMinutes>[0-9]{2}) )? )? )?
        \s* $
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();

    [GeneratedRegex("""^\s*([0-9]{4}-|[0-9]{8}[Tt])""", RegexOptions.ExplicitCapture)]
    private static partial Regex Beginning();
}
