using DroneDelivery.FleetSimulator.Missions;
using DroneDelivery.FleetSimulator.Motion;

namespace DroneDelivery.FleetSimulator.Display;

/// <summary>The fleet at one moment.</summary>
/// <param name="Time">When.</param>
/// <param name="Gateway">Whom it speaks to.</param>
/// <param name="Outage">Why the gateway does not answer; null: it does.</param>
/// <param name="Wind">Over the service area.</param>
/// <param name="Activities">How many drones do what.</param>
/// <param name="Sample">A few drones, those with missions first.</param>
/// <param name="Delivered">Parcels handed over.</param>
/// <param name="Dropped">Missions dropped.</param>
/// <param name="Reports">Reports taken in.</param>
/// <param name="ReportRate">Of late, per second.</param>
/// <param name="Errors">Questions that failed or were refused.</param>
internal sealed record FleetView(
    DateTimeOffset Time,
    Uri Gateway,
    string? Outage,
    WindVector Wind,
    IReadOnlyDictionary<string, int> Activities,
    IReadOnlyList<DroneView> Sample,
    long Delivered,
    long Dropped,
    long Reports,
    double ReportRate,
    long Errors)
{
    private const int SampleSize = 12;

    /// <summary>How many drones do what.</summary>
    public static IReadOnlyDictionary<string, int> Count(IEnumerable<Drone> drones) =>
        drones.CountBy(DroneView.Words).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary();

    /// <summary>A few drones, those with missions first.</summary>
    public static IReadOnlyList<DroneView> Pick(IReadOnlyCollection<Drone> drones) =>
        [.. drones.Where(drone => drone.Mission is not null)
            .Concat(drones.Where(drone => drone.Mission is null))
            .Take(SampleSize)
            .Select(DroneView.Of)];
}
