using DroneDelivery.CosmosSimulator;
using DroneDelivery.CosmosSimulator.Faults;
using DroneDelivery.CosmosSimulator.Hosting;
using Microsoft.Azure.Cosmos;
using Orleans.Providers.Cosmos;

namespace DroneDelivery.Cosmos.Account;

/// <summary>An account with a database of its own: on a simulator, or where COSMOS_CONNECTION_STRING says. Tests of faults always take a simulator.</summary>
internal sealed class TestAccount : IAsyncDisposable
{
    private const string Variable = "COSMOS_CONNECTION_STRING";
    private readonly SimulatorServer? _simulator;
    private readonly Lazy<CosmosClient> _client;

    private readonly bool _acceptStaleReads;

    private TestAccount(string connectionString, SimulatorServer? simulator, bool acceptStaleReads)
    {
        (ConnectionString, _simulator, _acceptStaleReads) = (connectionString, simulator, acceptStaleReads);
        _client = new(() => new(connectionString, new() { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true }));
    }

    public string ConnectionString { get; }

    public string Database { get; } = $"orleans-tests-{Guid.NewGuid():N}";

    public SimulatorServer Simulator => _simulator ?? throw new InvalidOperationException("This is a real account.");

    public FaultPlan Faults => Simulator.Faults;

    /// <summary>A plain client, to look behind the providers.</summary>
    public CosmosClient Client => _client.Value;

    // An emulator has one replica, which never lags, and Session consistency by default.
    public static async Task<TestAccount> CreateAsync() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } connectionString ? new(connectionString, null, acceptStaleReads: true) : await SimulatedAsync();

    public static async Task<TestAccount> SimulatedAsync(SimulatorOptions? options = null, TimeProvider? clock = null, bool acceptStaleReads = false)
    {
        var simulator = await SimulatorServer.StartAsync(options ?? new(), clock);
        return new(simulator.ConnectionString, simulator, acceptStaleReads);
    }

    public Container Container(string name) => Client.GetContainer(Database, name);

    /// <summary>Points a provider at this account's database and lets it create what it needs.</summary>
    public void Configure(CosmosOptions options)
    {
        options.ConfigureCosmosClient(ConnectionString);
        options.DatabaseName = Database;
        options.IsResourceCreationEnabled = true;
        options.ConnectionMode = ConnectionMode.Gateway;
        options.LimitToEndpoint = true;
        options.AcceptStaleReads = _acceptStaleReads;
    }

    public async ValueTask DisposeAsync()
    {
        if (_simulator is null)
        {
            try
            {
                await Client.GetDatabase(Database).DeleteAsync();
            }
            catch (CosmosException missing) when (missing.StatusCode is System.Net.HttpStatusCode.NotFound)
            {
                // The test made nothing.
            }
        }

        if (_client.IsValueCreated) Client.Dispose();
        if (_simulator is not null) await _simulator.DisposeAsync();
    }
}
