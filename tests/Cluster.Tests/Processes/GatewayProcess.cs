using DroneDelivery.Tls;

namespace DroneDelivery.Processes;

/// <summary>A gateway on a local store; it keeps its port over restarts.</summary>
internal sealed class GatewayProcess : ServiceProcess
{
    public GatewayProcess(string storePath) : this(new Dictionary<string, string> { ["Storage:Sqlite:Path"] = storePath })
    {
    }

    /// <param name="settings">Names the store.</param>
    public GatewayProcess(IReadOnlyDictionary<string, string> settings) : this(settings, new Uri($"http://127.0.0.1:{Ports.Free(1)[0]}"))
    {
    }

    private GatewayProcess(IReadOnlyDictionary<string, string> settings, Uri address) : base("Gateway", address)
    {
        Address = address;
        Environment["ASPNETCORE_URLS"] = address.ToString();
        Use(settings);
        if (settings.ContainsKey("Storage:Provider")) UseTls(TestAuthority.Shared.GatewayFolder);
    }

    /// <summary>Where it serves the API.</summary>
    public Uri Address { get; }
}
