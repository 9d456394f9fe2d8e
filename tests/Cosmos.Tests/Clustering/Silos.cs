using System.Net;

namespace DroneDelivery.Cosmos.Clustering;

/// <summary>Rows of a membership table.</summary>
internal static class Silos
{
    private static int _generation;

    public static SiloAddress Address() => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 12345), Interlocked.Increment(ref _generation));

    public static MembershipEntry Entry(SiloStatus status = SiloStatus.Joining, int age = 0)
    {
        var now = DateTime.UtcNow;
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)).AddDays(-age);
        return new()
        {
            SiloAddress = Address(),
            HostName = "host",
            SiloName = "silo",
            Status = status,
            ProxyPort = 12345,
            StartTime = now,
            IAmAliveTime = now,
        };
    }
}
