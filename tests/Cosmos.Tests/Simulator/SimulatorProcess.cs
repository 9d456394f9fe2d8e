using System.Globalization;
using DroneDelivery.CosmosSimulator;
using DroneDelivery.Processes;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Cosmos.Simulator;

/// <summary>The simulator's executable; it keeps its port and its data over restarts.</summary>
internal sealed class SimulatorProcess : ServiceProcess
{
    public SimulatorProcess(string dataFile, params string[] arguments) : this(Ports.Free(1)[0], dataFile, arguments)
    {
    }

    private SimulatorProcess(int port, string dataFile, string[] arguments) : base("tools/CosmosSimulator", new Uri($"http://127.0.0.1:{port}"))
    {
        Arguments.AddRange(["--port", port.ToString(CultureInfo.InvariantCulture), "--data", dataFile, .. arguments]);
        ConnectionString = $"AccountEndpoint=http://127.0.0.1:{port}/;AccountKey={SimulatorOptions.WellKnownKey};";
    }

    /// <summary>Endpoint and key.</summary>
    public string ConnectionString { get; }

    /// <summary>A client, which the caller disposes of.</summary>
    public CosmosClient CreateClient() => new(ConnectionString, SimulatorHost.ClientOptions());
}
