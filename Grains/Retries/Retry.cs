using System.Data.Common;
using System.Net.Sockets;
using System.Text.Json;

namespace DroneDelivery;

/// <summary>What a failure says of the work that failed.</summary>
internal enum Fault
{
    /// <summary>Nothing is known; it may pass.</summary>
    Unknown = 0,
    /// <summary>Something that the work depends on is away: a store, a silo, a partner. It passes when that is back, however long it takes.</summary>
    Outage = 1,
    /// <summary>The code or the stored data are at fault; trying again does not help.</summary>
    Lasting = 2,
}

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

    /// <summary>What kind of failure it is. What the runtime wraps counts, not the wrapping.</summary>
    public static Fault Of(Exception failure) => failure switch
    {
        { InnerException: { } inner } when failure.GetType() == typeof(OrleansException) || failure is AggregateException => Of(inner),
        _ when !MayHelp(failure) => Fault.Lasting,
        OrleansException or TimeoutException or OperationCanceledException or ObjectDisposedException => Fault.Outage,
        IOException or SocketException or HttpRequestException or DbException => Fault.Outage,
        _ => Fault.Unknown,
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
