using DroneDelivery.FleetSimulator.Missions;
using DroneDelivery.FleetSimulator.Protocol;

namespace DroneDelivery.FleetSimulator.Station;

/// <summary>What the ground station knows about its exchanges with one drone's backend.</summary>
/// <param name="index">Its place in the fleet.</param>
/// <param name="drone">The drone.</param>
/// <param name="isRecalled">Whether the drone remembers where it was before a restart.</param>
internal sealed class DroneLink(int index, Drone drone, bool isRecalled)
{
    private long _sequence;

    /// <summary>Its place in the fleet.</summary>
    public int Index => index;

    /// <summary>The drone.</summary>
    public Drone Drone => drone;

    /// <summary>Whether the backend should be asked where the drone was.</summary>
    public bool MustBeFound { get; set; } = !isRecalled;

    /// <summary>Whether the backend knows the drone.</summary>
    public bool IsRegistered { get; set; }

    /// <summary>Whether a question about it is under way: never two at a time.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Whether the backend heard that it is at the pickup and should be asked for the parcel.</summary>
    public bool ShouldAskForParcel { get; set; }

    /// <summary>When it is due for the next question, in uptime.</summary>
    public TimeSpan Due { get; set; }

    /// <summary>How things stand now.</summary>
    public TelemetryReport Report(long boot, DateTimeOffset now)
    {
        drone.NewsTold();
        return TelemetryReport.Of(drone, boot, ++_sequence, now);
    }
}
