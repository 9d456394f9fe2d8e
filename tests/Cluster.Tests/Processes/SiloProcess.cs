using System.Globalization;
using System.Net;
using DroneDelivery.Tls;

namespace DroneDelivery.Processes;

/// <summary>A silo on a local store; it keeps its ports over restarts.</summary>
internal sealed class SiloProcess : ServiceProcess
{
    public SiloProcess(string storePath) : this(new Dictionary<string, string> { ["Storage:Sqlite:Path"] = storePath })
    {
    }

    /// <param name="settings">Names the store.</param>
    /// <param name="address">The address of the host it runs on; loopback unless given.</param>
    /// <param name="on">What its command line begins with, so that it runs on that host.</param>
    public SiloProcess(IReadOnlyDictionary<string, string> settings, IPAddress? address = null, IReadOnlyList<string>? on = null)
        : this(settings, address ?? IPAddress.Loopback, on ?? [], Ports.Free(3))
    {
    }

    private SiloProcess(IReadOnlyDictionary<string, string> settings, IPAddress address, IReadOnlyList<string> on, int[] ports)
        : base("Silo", new Uri($"http://{address}:{ports[0]}"), on)
    {
        Use(settings);
        SiloPort = ports[1];
        Environment["ASPNETCORE_URLS"] = $"http://{address}:{ports[0]}";
        Environment["Orleans__Endpoints__AdvertisedIPAddress"] = address.ToString();
        Environment["Orleans__Endpoints__SiloPort"] = SiloPort.ToString(CultureInfo.InvariantCulture);
        Environment["Orleans__Endpoints__GatewayPort"] = ports[2].ToString(CultureInfo.InvariantCulture);
        if (settings.ContainsKey("Storage:Provider")) UseTls(TestAuthority.Shared.SiloFolder);
        HealthPort = ports[0];
        GatewayPort = ports[2];
    }

    /// <summary>The port of its probes, alone there in a pod.</summary>
    public int HealthPort { get; }

    /// <summary>The port by which clients of the cluster know it.</summary>
    public int GatewayPort { get; }

    /// <summary>The port by which the cluster knows it.</summary>
    public int SiloPort { get; }
}
