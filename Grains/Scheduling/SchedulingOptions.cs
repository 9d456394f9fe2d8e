using System.ComponentModel.DataAnnotations;

namespace DroneDelivery.Scheduling;

/// <summary>How requests are scheduled and watched; section <c>Scheduling</c>.</summary>
internal sealed class SchedulingOptions
{
    /// <summary>Largest distance over which a drone is sought, metres.</summary>
    [Range(1_000, 200_000)]
    public double MaxRange { get; set; } = 30_000;

    /// <summary>Part of the battery that must be left when the drone is home.</summary>
    [Range(0.0, 0.9)]
    public double BatteryReserve { get; set; } = 0.2;

    /// <summary>How long before its pickup time a request begins to look for a drone.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan PickupLead { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a queue with waiting requests looks for drones when nothing wakes it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan QueueInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Most requests that a queue tries to match in one turn.</summary>
    [Range(1, 10_000)]
    public int QueueBatch { get; set; } = 200;

    /// <summary>After which time an unsettled request is looked at again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Recheck { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A drone on a mission that is silent for longer loses it, if it does not have the parcel yet. Longer than the mission's lease.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan LostContact { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>How often a shard looks for requests that are due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan ShardInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most requests that a shard resumes at the same time.</summary>
    [Range(1, 1_000)]
    public int ShardConcurrency { get; set; } = 16;
}
