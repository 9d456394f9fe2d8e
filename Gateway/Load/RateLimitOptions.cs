using System.ComponentModel.DataAnnotations;

namespace DroneDelivery.Gateway.Load;

/// <summary>How much one gateway takes on; section <c>RateLimits</c>. Groups are those of the authorization policies.</summary>
internal sealed class RateLimitOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "RateLimits";

    /// <summary>Whether there are limits; left out: outside local mode.</summary>
    public bool? Enabled { get; set; }

    /// <summary>After this time a request is given up, and so is what it waits for. Longer than a client may ask to wait.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How long a stream of telemetry may go without a report; other lines, also blank ones, do not count.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ReportTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Orders and what belongs to them.</summary>
    public GroupLimit Deliveries { get; set; } = new() { PerSecond = 100, Burst = 200, Concurrent = 512, ConcurrentOfClient = 128 };

    /// <summary>Drones and ground stations. Fewer at a time than orders, so that telemetry cannot starve them.</summary>
    public GroupLimit Reports { get; set; } = new() { PerSecond = 200, Burst = 400, Concurrent = 128, ConcurrentOfClient = 32 };

    /// <summary>Operators.</summary>
    public GroupLimit Operators { get; set; } = new() { PerSecond = 50, Burst = 200, Concurrent = 64, ConcurrentOfClient = 16 };

    /// <summary>Everything else, and whoever brings no valid token; by address.</summary>
    public GroupLimit Public { get; set; } = new() { PerSecond = 50, Burst = 200, Concurrent = 256, ConcurrentOfClient = 64 };

    /// <summary>Callbacks of transport partners; by address.</summary>
    public GroupLimit Partners { get; set; } = new() { PerSecond = 50, Burst = 200, Concurrent = 64, ConcurrentOfClient = 16 };

    /// <summary>Requests of one client that wait for news (<c>Prefer: wait</c>) at the same time. They take no place among the concurrent ones of their group.</summary>
    [Range(1, GroupLimit.Most)]
    public int WaitsOfClient { get; set; } = 256;

    /// <summary>
    /// Drone keys that are looked up in vain, by the address they come from, or by drone when their MAC is right. The burst also bounds how many good ones
    /// without a MAC one address may have looked up at the same moment.
    /// </summary>
    public FailureLimit FailedSignIns { get; set; } = new() { PerSecond = 5, Burst = 300 };

    /// <summary>Streams of one share link that are open at the same time.</summary>
    [Range(1, GroupLimit.Most)]
    public int StreamsOfLink { get; set; } = 20;

    /// <summary>Streams of share links that one address has open at the same time.</summary>
    [Range(1, GroupLimit.Most)]
    public int StreamsOfAddress { get; set; } = 50;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, group) in new[] { (nameof(Deliveries), Deliveries), (nameof(Reports), Reports), (nameof(Operators), Operators), (nameof(Public), Public), (nameof(Partners), Partners) })
        {
            if (group.PerSecond is < 1 or > GroupLimit.Most || group.Burst is < 1 or > GroupLimit.Most || group.Concurrent is < 1 or > GroupLimit.Most || group.ConcurrentOfClient is < 1 or > GroupLimit.Most)
                yield return new ValidationResult($"{Section}:{name} has a limit that is not a whole number from 1 to {GroupLimit.Most}.");
        }

        if (FailedSignIns.PerSecond is < 1 or > GroupLimit.Most || FailedSignIns.Burst is < 1 or > GroupLimit.Most)
            yield return new ValidationResult($"{Section}:{nameof(FailedSignIns)} has a limit that is not a whole number from 1 to {GroupLimit.Most}.");
    }
}

/// <summary>Limits of a group of routes.</summary>
internal sealed class GroupLimit
{
    /// <summary>Greatest limit that can be set.</summary>
    public const int Most = 1_000_000;

    /// <summary>Requests a second of one client in the long run.</summary>
    public int PerSecond { get; set; }

    /// <summary>Requests of one client that may come at once.</summary>
    public int Burst { get; set; }

    /// <summary>Requests of all clients that are served at the same time.</summary>
    public int Concurrent { get; set; }

    /// <summary>Requests of one client that are served at the same time.</summary>
    public int ConcurrentOfClient { get; set; }
}

/// <summary>How much may fail.</summary>
internal sealed class FailureLimit
{
    /// <summary>Failures a second in the long run.</summary>
    public int PerSecond { get; set; }

    /// <summary>Failures that may come at once.</summary>
    public int Burst { get; set; }
}
