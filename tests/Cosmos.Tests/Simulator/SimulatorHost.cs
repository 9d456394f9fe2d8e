using System.Text.Json;
using DroneDelivery.CosmosSimulator;
using DroneDelivery.CosmosSimulator.Accounting;
using DroneDelivery.CosmosSimulator.Faults;
using DroneDelivery.CosmosSimulator.Hosting;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Cosmos.Simulator;

/// <summary>
/// A simulator in this process with a client for it. As a class or collection fixture it is one with the default options; tests that want
/// faults, a small throughput or their own clock start one for themselves.
/// </summary>
public sealed class SimulatorHost : IAsyncLifetime
{
    private readonly SimulatorOptions _options;
    private readonly TimeProvider _clock;
    private SimulatorServer? _server;
    private CosmosClient? _client;

    /// <summary>One with the default options.</summary>
    public SimulatorHost() : this(new SimulatorOptions(), TimeProvider.System)
    {
    }

    private SimulatorHost(SimulatorOptions options, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
    }

    /// <summary>The simulator.</summary>
    internal SimulatorServer Server => _server ?? throw new InvalidOperationException("The simulator was not started.");

    /// <summary>What shall go wrong.</summary>
    internal FaultPlan Faults => Server.Faults;

    /// <summary>What came, and what it cost.</summary>
    internal RequestLog Requests => Server.Requests;

    /// <summary>A client with the account's key.</summary>
    public CosmosClient Client => _client ?? throw new InvalidOperationException("The simulator was not started.");

    /// <summary>Where the account answers.</summary>
    public Uri Endpoint => Server.Endpoint;

    /// <summary>Endpoint and key.</summary>
    public string ConnectionString => Server.ConnectionString;

    /// <summary>Starts one that the caller disposes of.</summary>
    internal static async Task<SimulatorHost> StartAsync(SimulatorOptions? options = null, TimeProvider? clock = null)
    {
        var host = new SimulatorHost(options ?? new SimulatorOptions(), clock ?? TimeProvider.System);
        await host.InitializeAsync();
        return host;
    }

    /// <summary>The options that every client of a simulator needs.</summary>
    public static CosmosClientOptions ClientOptions(Action<CosmosClientOptions>? configure = null)
    {
        var options = new CosmosClientOptions
        {
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
            UseSystemTextJsonSerializerWithOptions = new JsonSerializerOptions(JsonSerializerDefaults.Web),
        };
        configure?.Invoke(options);
        return options;
    }

    /// <summary>Another client, which the caller disposes of.</summary>
    public CosmosClient CreateClient(Action<CosmosClientOptions>? configure = null) => new(ConnectionString, ClientOptions(configure));

    /// <summary>A new container in a database of its own, so that tests on one simulator do not meet.</summary>
    /// <param name="partitionKeyPath">Path of the partition key.</param>
    /// <param name="configure">Changes its properties.</param>
    public async Task<Container> CreateContainerAsync(string partitionKeyPath = "/pk", Action<ContainerProperties>? configure = null)
    {
        var properties = new ContainerProperties("items", partitionKeyPath) { PartitionKeyDefinitionVersion = PartitionKeyDefinitionVersion.V2 };
        configure?.Invoke(properties);
        Database database = await Client.CreateDatabaseAsync($"db-{Guid.NewGuid():N}");
        return await database.CreateContainerAsync(properties);
    }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _server = await SimulatorServer.StartAsync(_options, _clock);
        _client = CreateClient();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
    }
}
