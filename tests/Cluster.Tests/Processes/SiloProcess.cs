using System.Globalization;

namespace DroneDelivery.Processes;

/// <summary>A silo on a local store; it keeps its ports over restarts.</summary>
internal sealed class SiloProcess : ServiceProcess
{
    public SiloProcess(string storePath) : this(storePath, Ports.Free(3))
    {
    }

    private SiloProcess(string storePath, int[] ports) : base("Silo", new Uri($"http://127.0.0.1:{ports[0]}"))
    {
        SiloPort = ports[1];
        Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{ports[0]}";
        Environment["Orleans__Endpoints__SiloPort"] = SiloPort.ToString(CultureInfo.InvariantCulture);
        Environment["Orleans__Endpoints__GatewayPort"] = ports[2].ToString(CultureInfo.InvariantCulture);
        Environment["Storage__Sqlite__Path"] = storePath;
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
