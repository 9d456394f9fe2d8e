using System.Globalization;

namespace DroneDelivery.Gateway.Input;

/// <summary>Reads ISO 8601 times as real clients write them: ending in <c>Z</c>, <c>+0000</c>, <c>+00:00</c> or nothing (UTC).</summary>
internal static class LooseTime
{
    /// <summary>First year that is taken for one.</summary>
    public const int EarliestYear = 1900;

    /// <summary>Last year that is taken for one.</summary>
    public const int LatestYear = 2200;

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd' 'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd' 'HH:mmK", "yyyy-MM-dd",
    ];

    /// <summary>Whether <paramref name="text"/> is a time between 1900 and 2200.</summary>
    public static bool TryRead(string text, out DateTimeOffset time)
    {
        text = text.Trim();

        // +0000 → +00:00
        if (text.Length > 16 && text[^5] is '+' or '-' && text.AsSpan(text.Length - 4).IndexOfAnyExceptInRange('0', '9') < 0)
            text = text.Insert(text.Length - 2, ":");

        if (!DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time)) return false;

        time = time.ToUniversalTime();
        return time.Year is >= EarliestYear and <= LatestYear;
    }
}
