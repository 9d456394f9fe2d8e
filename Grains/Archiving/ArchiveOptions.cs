using System.ComponentModel.DataAnnotations;

namespace DroneDelivery.Archiving;

/// <summary>When finished deliveries leave the containers of those under way; section <c>Archive</c>.</summary>
internal sealed class ArchiveOptions
{
    /// <summary>How long after its end at least. Longer than the store may be away, for what the index hears of only later is not found.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan After { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often it is looked for deliveries whose time has come.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Most deliveries that are looked at before a pause.</summary>
    [Range(1, 10_000)]
    public int MostPerTurn { get; set; } = 500;

    /// <summary>How long the pause is; with <see cref="MostPerTurn"/> it bounds what archiving takes from the store's throughput.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Most deliveries that are archived at the same time.</summary>
    [Range(1, 200)]
    public int Concurrency { get; set; } = 25;
}
