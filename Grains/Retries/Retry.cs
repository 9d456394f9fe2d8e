using System.Text.Json;

namespace DroneDelivery;

/// <summary>Which failures pass by themselves, and how long to wait for it.</summary>
internal static class Retry
{
    /// <summary>
    /// Whether trying again may help. Faults of the code or of stored data do not pass; whatever is unknown may, and is bounded by the
    /// number of attempts. A disposed object is a silo that shuts down.
    /// </summary>
    public static bool MayHelp(Exception failure) => failure switch
    {
        ObjectDisposedException => true,
        InvalidOperationException or ArgumentException or NotSupportedException or NotImplementedException => false,
        FormatException or JsonException or InvalidCastException or NullReferenceException or IndexOutOfRangeException or KeyNotFoundException => false,
        _ => true,
    };

    /// <summary>Delay before a retry: doubles with each failure up to a bound, the upper half of it at random, so that many do not come back at once.</summary>
    /// <param name="who">Whose retry it is: what is random between two is the same for one, so that a run can be repeated.</param>
    /// <param name="failures">Failures so far, from 1.</param>
    /// <param name="first">Bound after the first failure.</param>
    /// <param name="last">Largest bound.</param>
    public static TimeSpan Delay(GrainId who, int failures, TimeSpan first, TimeSpan last)
    {
        var bound = Math.Min(last.Ticks, first.Ticks * Math.Pow(2, Math.Min(failures, 32) - 1));
        var random = new Random((int)who.GetUniformHashCode() ^ (failures * 7919)).NextDouble();
        return TimeSpan.FromTicks((long)(bound * (0.5 + (0.5 * random))));
    }
}
