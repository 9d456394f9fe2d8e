using System.Net;
using DroneDelivery.CosmosSimulator.Accounting;
using DroneDelivery.CosmosSimulator.Faults;
using DroneDelivery.CosmosSimulator.Protocol;
using DroneDelivery.CosmosSimulator.Store;

namespace DroneDelivery.CosmosSimulator.Hosting;

/// <summary>A running simulator.</summary>
internal sealed class SimulatorServer : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly SimulatedAccount _account;
    private readonly SimulatorOptions _options;

    private SimulatorServer(SimulatorOptions options, TimeProvider clock)
    {
        _options = options;
        _account = new SimulatedAccount(options.Partitions, options.Throughput, clock);
        Latency = options.Latency;

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 16 * 1024 * 1024;
            kestrel.Listen(IPAddress.Loopback, options.Port);
        });
        _web = builder.Build();
        var pipeline = new RequestPipeline(
            new RequestDispatcher(_account, () => Endpoint), Faults, Requests, () => Latency, _web.Services.GetRequiredService<ILogger<RequestPipeline>>());
        _web.Run(pipeline.HandleAsync);
    }

    /// <summary>Where it answers.</summary>
    public Uri Endpoint => new(_web.Urls.First());

    /// <summary>How a client finds it and proves itself.</summary>
    public string ConnectionString => $"AccountEndpoint={Endpoint};AccountKey={_options.Key};";

    /// <summary>What shall go wrong.</summary>
    public FaultPlan Faults { get; } = new();

    /// <summary>What came.</summary>
    public RequestLog Requests { get; } = new();

    /// <summary>How long every request takes at least.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Starts a simulator.</summary>
    /// <param name="options">How it shall be.</param>
    /// <param name="clock">The time by which items expire and throughput comes back.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<SimulatorServer> StartAsync(SimulatorOptions options, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        var server = new SimulatorServer(options, clock ?? TimeProvider.System);
        await server._web.StartAsync(cancellationToken);
        return server;
    }

    /// <summary>Throughput of every physical partition from now on, request units a second; null for no limit.</summary>
    public void SetThroughput(double? unitsPerSecond) => _account.SetThroughput(unitsPerSecond);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync();
        await _web.DisposeAsync();
    }
}
