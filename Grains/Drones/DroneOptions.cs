using System.ComponentModel.DataAnnotations;

namespace DroneDelivery.Drones;

/// <summary>How drones are watched; section <c>Drones</c>.</summary>
internal sealed class DroneOptions
{
    /// <summary>How often a free drone tells its cell that it is still there.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan CellRefresh { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a soft claim keeps others off a drone.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Claim { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a drone may go on with a mission before pickup without hearing anything newer.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan MissionLease { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>A drone silent for longer gets no mission.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan ContactTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a drone that could not fly its mission gets no other.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RefusalPause { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How often the position of a drone that reports is stored, if no mission begins or ends. Longer than most flights: a drone that reports every few
    /// seconds is soon known again.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan Checkpoint { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Oldest report taken in.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "01:00:00")]
    public TimeSpan MaxReportAge { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How far ahead of ours a drone's clock may be.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MaxReportLead { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Part of the battery that must be left when the drone is home.</summary>
    [Range(0.0, 0.9)]
    public double BatteryReserve { get; set; } = 0.2;

    /// <summary>How far a sequence may leap beyond what the time passed allows; a report beyond is refused.</summary>
    [Range(1, long.MaxValue)]
    public long SequenceLeap { get; set; } = 1_000;

    /// <summary>Most reports a second that a drone counts, sent or not.</summary>
    [Range(0.1, 1e9)]
    public double SequenceRate { get; set; } = 100;

    /// <summary>How far a boot number that is a counter may leap; a report beyond is refused.</summary>
    [Range(1, long.MaxValue)]
    public long BootLeap { get; set; } = 1_000;

    /// <summary>How far ahead of the present a boot number that is a time may be.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan BootLead { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>A drone that reports, but of which no report was taken in for so long, raises an alarm.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan IgnoredAlarm { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How many times faster over ground than its airspeed a drone is believed to be; a tailwind has to fit in.</summary>
    [Range(1.0, 1e9)]
    public double SpeedTolerance { get; set; } = 2;

    /// <summary>Metres by which positions may be off.</summary>
    [Range(1.0, 1e9)]
    public double PositionSlack { get; set; } = 150;

    /// <summary>Metres from a pickup or dropoff within which a drone counts as there.</summary>
    [Range(1.0, 1e9)]
    public double PlaceTolerance { get; set; } = 250;

    /// <summary>After how many reports in a row that agree on a place out of its reach a drone without a mission is believed to have been carried there.</summary>
    [Range(1, 1_000)]
    public int RelocationReports { get; set; } = 3;

    /// <summary>After how many reports in a row without a position that can be believed a drone raises an alarm and gets no mission.</summary>
    [Range(1, 1_000)]
    public int DoubtfulReports { get; set; } = 3;

    /// <summary>How long a drone may ask for a parcel without being believed at the pickup before it loses its mission.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "1.00:00:00")]
    public TimeSpan DoubtPatience { get; set; } = TimeSpan.FromMinutes(2);
}
