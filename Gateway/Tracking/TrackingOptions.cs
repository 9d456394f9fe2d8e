using System.ComponentModel.DataAnnotations;

namespace DroneDelivery.Gateway.Tracking;

/// <summary>How deliveries are followed; section <c>Tracking</c>.</summary>
internal sealed class TrackingOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Tracking";

    /// <summary>How often a delivery in flight is looked at: the delay of its position.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often one that waits is.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan IdlePause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>After this silence a stream says that it is alive.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Most watchers of one gateway.</summary>
    [Range(1, 1_000_000)]
    public int MaxWatchers { get; set; } = 20_000;
}
