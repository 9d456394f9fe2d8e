namespace DroneDelivery.Processes;

/// <summary>A gateway on a local store; it keeps its port over restarts.</summary>
internal sealed class GatewayProcess : ServiceProcess
{
    public GatewayProcess(string storePath) : this(storePath, new Uri($"http://127.0.0.1:{Ports.Free(1)[0]}"))
    {
    }

    private GatewayProcess(string storePath, Uri address) : base("Gateway", address)
    {
        Address = address;
        Environment["ASPNETCORE_URLS"] = address.ToString();
        Environment["Storage__Sqlite__Path"] = storePath;
    }

    /// <summary>Where it serves the API.</summary>
    public Uri Address { get; }
}
