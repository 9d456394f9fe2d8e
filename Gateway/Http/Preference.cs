using System.Globalization;

namespace DroneDelivery.Gateway.Http;

/// <summary>What a client would like of its answer (RFC 7240).</summary>
internal static class Preference
{
    /// <summary>Longest wait that is granted, below every proxy's patience.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>How long the client is willing to wait for news: <c>Prefer: wait=N</c>, seconds. What cannot be read is no wish.</summary>
    public static TimeSpan Wait(HttpRequest request)
    {
        foreach (var preference in request.Headers["Prefer"].SelectMany(value => (value ?? "").Split(',', ';')))
        {
            if (preference.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var number]
                && name.Equals("wait", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                return seconds < LongestWait.TotalSeconds ? TimeSpan.FromSeconds(seconds) : LongestWait;
        }

        return TimeSpan.Zero;
    }
}
