using DroneDelivery.FleetSimulator.Motion;
using DroneDelivery.FleetSimulator.Protocol;

namespace DroneDelivery.FleetSimulator;

/// <summary>What the simulator was asked to do; all values are in range.</summary>
internal sealed record FleetOptions
{
    /// <summary>Where the gateway listens.</summary>
    public Uri Gateway { get; init; } = new("http://localhost:8080");

    /// <summary>How many drones fly.</summary>
    public int Drones { get; init; } = 20;

    /// <summary>How many times faster than normal.</summary>
    public double SpeedUp { get; init; } = 60;

    /// <summary>Of the weather.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Between two reports of a drone with nothing new to tell.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where they fly.</summary>
    public ServiceArea Area { get; init; } = new(new GeoPoint(47.6400, -122.1400), 8000, 4);

    /// <summary>Where to keep the fleet's state over a restart; null: nowhere.</summary>
    public string? StateFile { get; init; }

    /// <summary>File that holds the station's token, or the key of its one drone; null: no such file.</summary>
    public string? TokenFile { get; init; }

    /// <summary>How to get tokens from an issuer; null: not at all.</summary>
    public ClientCredentialsOptions? Credentials { get; init; }

    /// <summary>What the ids of the drones begin with.</summary>
    public string IdPrefix { get; init; } = "drone";
}
