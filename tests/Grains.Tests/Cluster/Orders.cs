using DroneDelivery.Packages;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Cluster;

/// <summary>Orders for tests; each test flies in a corner of the world of its own, so that tests share no drones.</summary>
internal static class Orders
{
    private static int _corner;

    /// <summary>A place no other test uses, hundreds of kilometres from the next.</summary>
    public static GeoPoint Corner()
    {
        var number = Interlocked.Increment(ref _corner);
        return new GeoPoint(-60 + (number * 5 % 120), -170 + (number * 7 % 340));
    }

    public static string Id(string what) => $"{what}-{Guid.NewGuid():N}";

    public static DeliveryOrder From(
        GeoPoint corner, double weight = 10, ConfirmationRequired confirmation = ConfirmationRequired.None, DateTimeOffset? pickupTime = null,
        DateTimeOffset? deadline = null, string? owner = null, string? package = null) => new(
        owner ?? Id("owner"),
        package ?? Id("package"),
        new PackageDetails(PackageSize.Small, weight, "tag"),
        new Place("my pickup", corner.Destination(90, 1_000)),
        new Place("drop off", corner.Destination(90, 3_000)),
        pickupTime ?? DateTimeOffset.UtcNow.AddMinutes(-1),
        deadline,
        "",
        true,
        confirmation);
}
