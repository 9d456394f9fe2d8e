namespace DroneDelivery.Drones;

/// <summary>Which counters of a report can follow those of the last: one absurd number believed would make every later report look old.</summary>
internal static class ReportCounters
{
    // Units a second of the clocks that drones take boot numbers from, and what those showed at the Unix epoch: seconds, ms, µs, 100 ns, ns, ticks of .NET.
    private static readonly (double Rate, double AtEpoch)[] Clocks = [(1, 0), (1e3, 0), (1e6, 0), (1e7, 0), (1e9, 0), (1e7, 621_355_968_000_000_000)];

    /// <summary>Whether these counters can follow.</summary>
    /// <param name="last">The last sighting; null: none.</param>
    /// <param name="boot">Number of the boot.</param>
    /// <param name="sequence">Number of the report.</param>
    /// <param name="now">Present time.</param>
    /// <param name="options">The bounds.</param>
    public static bool ArePlausible(Sighting? last, long boot, long sequence, DateTimeOffset now, DroneOptions options)
    {
        var known = last is { Boot: >= 0 } ? last : null;
        if (boot != known?.Boot && !MayBoot(known?.Boot ?? 0, boot, now, options)) return false;

        // A boot can be older than its first report here, but it cannot have begun before the last report of the one before.
        var since = known?.Time ?? DateTimeOffset.UnixEpoch;
        var first = boot == known?.Boot ? known.Sequence : 0;
        return sequence - first <= options.SequenceLeap + (options.SequenceRate * Math.Max(0, (now - since).TotalSeconds));
    }

    // 0 is what those who report for a drone begin with: nothing is known of how the drone itself counts.
    private static bool MayBoot(long last, long boot, DateTimeOffset now, DroneOptions options)
    {
        var latest = (now + options.BootLead - DateTimeOffset.UnixEpoch).TotalSeconds;
        foreach (var (rate, atEpoch) in Clocks)
        {
            var limit = atEpoch + (latest * rate);
            if (IsOf(last, limit)) return boot <= limit;
            if (last == 0 && IsOf(boot, limit)) return true;
        }

        return last == 0 ? boot <= options.BootLeap : boot - last <= options.BootLeap;
    }

    // Of the latter half of a clock's time: no two of the clocks overlap there.
    private static bool IsOf(long boot, double limit) => boot > limit / 2 && boot <= limit;
}
