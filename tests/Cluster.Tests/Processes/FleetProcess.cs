namespace DroneDelivery.Processes;

/// <summary>A simulated fleet that speaks to a gateway; it has no health page, so its readiness shows at the gateway.</summary>
internal sealed class FleetProcess : ServiceProcess
{
    public FleetProcess(Uri gateway, params string[] arguments) : base("tools/FleetSimulator", address: null) =>
        Arguments.AddRange(["--gateway", gateway.ToString(), .. arguments]);
}
