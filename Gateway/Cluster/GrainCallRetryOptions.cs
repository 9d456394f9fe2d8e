using System.ComponentModel.DataAnnotations;

namespace DroneDelivery.Gateway.Cluster;

/// <summary>How grain calls are repeated; section <c>GrainCalls</c>.</summary>
internal sealed class GrainCallRetryOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "GrainCalls";

    /// <summary>Pause before the first repetition; doubles with each, with jitter.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:10")]
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest pause.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>No repetition begins later than this after the first attempt.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan Budget { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Once no silo has been connected for this long, calls fail after one attempt instead of using up the budget.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan GiveUpWhenDisconnectedFor { get; set; } = TimeSpan.FromSeconds(1);
}
