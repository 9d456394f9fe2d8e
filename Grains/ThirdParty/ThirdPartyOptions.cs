using System.ComponentModel.DataAnnotations;

namespace DroneDelivery.ThirdParty;

/// <summary>The transport partner that carries what no drone can; section <c>ThirdParty</c>.</summary>
internal sealed class ThirdPartyOptions : IValidatableObject
{
    /// <summary>Whether the partner is played by this process instead of being called; for local mode and trials.</summary>
    public bool Simulated { get; set; }

    /// <summary>How many times faster than real the simulated partner is.</summary>
    [Range(0.01, 10_000.0)]
    public double SimulatedSpeed { get; set; } = 1;

    /// <summary>Where the partner's API is; not needed when it is simulated.</summary>
    public Uri? BaseAddress { get; set; }

    /// <summary>The bearer token that the partner gave us; empty: none is sent.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>How long one try of a call may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:00:04")]
    public TimeSpan TryTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a call with its repetitions may take; shorter than a grain call.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:04.5")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How often an order is asked after when the partner says nothing by itself.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "01:00:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest pause before a partner that cannot be reached is called again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "01:00:00")]
    public TimeSpan LastRetry { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often the grain looks for what is due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.02", "00:01:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an order that is over is remembered, so that a late callback finds it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan Memory { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Most orders at a time; more are refused, so that the document stays small enough to be stored.</summary>
    [Range(1, 3_000)]
    public int MaxOrders { get; set; } = 1_000;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (BaseAddress is { } address && !(address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))))
            yield return new($"ThirdParty:BaseAddress is {address}; it must begin with https://.");
        if (CallTimeout < TryTimeout)
            yield return new("ThirdParty:CallTimeout must not be shorter than ThirdParty:TryTimeout.");
    }
}
