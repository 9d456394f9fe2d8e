using System.Net;
using DroneDelivery.CosmosSimulator.Accounting;
using DroneDelivery.CosmosSimulator.Authorization;
using DroneDelivery.CosmosSimulator.Faults;
using DroneDelivery.CosmosSimulator.Journal;
using DroneDelivery.CosmosSimulator.Protocol;
using DroneDelivery.CosmosSimulator.Store;

namespace DroneDelivery.CosmosSimulator.Hosting;

/// <summary>A running simulator.</summary>
internal sealed class SimulatorServer : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly SimulatedAccount _account;
    private readonly ReplicaLag _lag;
    private readonly StoreJournal _journal = new();
    private readonly SimulatorOptions _options;

    private SimulatorServer(SimulatorOptions options, TimeProvider clock)
    {
        _options = options;
        _lag = new ReplicaLag(options.ReplicaLag, options.ReplicaSeed);
        _account = new SimulatedAccount(options.Partitions, options.Throughput, _journal, _lag, clock);
        Latency = options.Latency;
        Throughput = options.Throughput;

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
            new Authorizer(options),
            new RequestDispatcher(_account, new AccountHandler(options, () => Endpoint), new ReadConsistency(options.Consistency, _lag)),
            Faults,
            Requests,
            () => Latency,
            _web.Services.GetRequiredService<ILogger<RequestPipeline>>());
        AdministrationApi.Map(_web, this);
        _web.Map("/{**path}", pipeline.HandleAsync);
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

    /// <summary>How far the replicas lag that answer reads of Session consistency and less.</summary>
    public TimeSpan ReplicaLag
    {
        get => _lag.Maximum;
        set => _lag.Maximum = value;
    }

    /// <summary>Throughput of every physical partition, request units a second; null for no limit.</summary>
    public double? Throughput { get; private set; }

    /// <summary>Starts a simulator.</summary>
    /// <param name="options">How it shall be.</param>
    /// <param name="clock">The time by which items expire and throughput comes back.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="JournalException">The data file cannot be used.</exception>
    public static async Task<SimulatorServer> StartAsync(SimulatorOptions options, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        var server = new SimulatorServer(options, clock ?? TimeProvider.System);
        try
        {
            if (options.DataFile is { } file) await server._journal.OpenAsync(file, server._account, cancellationToken);
            await server._web.StartAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Throughput of every physical partition from now on, request units a second; null for no limit.</summary>
    public void SetThroughput(double? unitsPerSecond)
    {
        Throughput = unitsPerSecond;
        _account.SetThroughput(unitsPerSecond);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync();
        await _web.DisposeAsync();
        _journal.Dispose();
    }
}
