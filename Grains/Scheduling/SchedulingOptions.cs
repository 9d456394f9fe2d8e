using System.ComponentModel.DataAnnotations;

namespace DroneDelivery.Scheduling;

/// <summary>How requests are scheduled and watched; section <c>Scheduling</c>.</summary>
internal sealed class SchedulingOptions
{
    /// <summary>Largest distance over which a drone is sought, metres.</summary>
    [Range(1_000, 200_000)]
    public double MaxRange { get; set; } = 30_000;

    /// <summary>How long before its pickup time a request begins to look for a drone.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan PickupLead { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a queue with waiting requests looks for drones when nothing wakes it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan QueueInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Most requests that a queue matches without letting calls in between.</summary>
    [Range(1, 10_000)]
    public int QueueBatch { get; set; } = 200;

    /// <summary>How long a drone that refused a request is not offered to it again.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RefusalPause { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>A request that has looked for a drone for longer is served before all that came after it, expedited or not.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan AgeingBound { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How often a queue with requests that no free drone can carry asks what the fleet could do at best; what no registered drone can carry is rejected at
    /// once, or given to the partner. Zero: never, and all wait alike.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan FleetRefresh { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long no new kind of drone must have registered before anything is called impossible: a fleet registers one by one.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan FleetSettling { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a request looks for a drone before a partner is asked or it is rejected; a deadline may end it sooner. Counts from the order, or from its last
    /// change; a drone that is found and lost again does not prolong it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan MaximumWait { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Id of the transport partner that is asked when no drone can carry a parcel in time; empty: there is none.</summary>
    [RegularExpression("[A-Za-z0-9-]{0,64}", ErrorMessage = "Scheduling:PartnerId must be up to 64 letters, digits and hyphens.")]
    public string PartnerId { get; set; } = "";

    /// <summary>How long before its deadline a request goes to the partner if no drone was found.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan PartnerLead { get; set; } = TimeSpan.FromMinutes(45);

    /// <summary>How long a drone is sought at least, however near the deadline is, before the partner is asked.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan DroneSearch { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A partner that has not decided by then has refused.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan PartnerDecision { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A partner of which nothing was heard for longer, though it was asked, raises an incident.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan PartnerSilence { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Delay before the first retry of a step that failed; it doubles with each failure.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest delay between retries.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00")]
    public TimeSpan LastRetry { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a step may fail in a row for an unexplained reason before the request is left to an operator.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 8;

    /// <summary>Longest delay between retries of a step while something that it depends on is away: a store, a silo, the partner.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "1.00:00:00")]
    public TimeSpan OutageRetry { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long something may be away before operators see the requests that wait for it. They go on by themselves when it is back.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan OutagePatience { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How many missions may be lost before pickup in one search for a carrier before the partner is asked, and then an operator.</summary>
    [Range(1, 100)]
    public int MaxMissions { get; set; } = 20;

    /// <summary>How often clients may change one order.</summary>
    [Range(1, 200)]
    public int MaxChanges { get; set; } = 50;

    /// <summary>After which time an unsettled request is looked at again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:30")]
    public TimeSpan Recheck { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A drone on a mission that is silent for longer loses it, if it does not have the parcel yet. Longer than the mission's lease.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan LostContact { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>After which time a request that waits for an operator is looked at again.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan ParkedRecheck { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A drone that is silent for longer while it has the parcel raises an incident.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan LostWithParcel { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>A confirmation that has not come this long after the handover raises an incident.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan ConfirmationTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Most unsettled requests of a shard; a full one takes no more, so that its document stays small enough to be stored.</summary>
    [Range(1, 20_000)]
    public int ShardCapacity { get; set; } = 5_000;

    /// <summary>
    /// Unsettled requests that one account may have in a shard, as a share of the room that is still free there. At a half, one account that asks without end gets
    /// a third of the shard, k of them a (k + 2)th each, and two (k + 2)ths stay free for all others.
    /// </summary>
    [Range(0.01, 100)]
    public double OwnerShare { get; set; } = 0.5;

    /// <summary>How often a shard looks for requests that are due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ShardInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most requests that a shard resumes at the same time.</summary>
    [Range(1, 1_000)]
    public int ShardConcurrency { get; set; } = 16;
}
