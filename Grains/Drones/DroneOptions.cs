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
}
