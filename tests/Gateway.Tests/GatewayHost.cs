using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Gateway.Tests.Fakes;
using DroneDelivery.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.TestingHost;

[assembly: AssemblyFixture(typeof(DroneDelivery.Gateway.Tests.GatewayFixture))]

namespace DroneDelivery.Gateway.Tests;

/// <summary>The gateway as it ships, on a free loopback port, talking to a test cluster instead of the one its store names.</summary>
internal sealed class GatewayHost(InProcessTestCluster cluster, Dictionary<string, string>? settings = null, Action<IServiceCollection>? services = null)
    : WebApplicationFactory<Program>
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-tests-");

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("urls", "http://127.0.0.1:0");
        builder.UseSetting("Storage:Sqlite:Path", Path.Combine(_folder.FullName, "test.db"));
        foreach (var (key, value) in settings ?? []) builder.UseSetting(key, value);
        builder.ConfigureLogging(logging => logging.ClearProviders());
        builder.ConfigureTestServices(collection =>
        {
            collection.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.Options.ClusterId, cluster.Options.ServiceId));

            // The test cluster keeps its membership and its wires in memory; its own client knows both.
            var known = cluster.Client.ServiceProvider;
            collection.AddSingleton(known.GetRequiredService<IGatewayListProvider>());
            var key = collection.Last(service => service.IsKeyedService && service.ServiceType == typeof(IConnectionFactory)).ServiceKey;
            collection.AddKeyedSingleton(key, known.GetRequiredKeyedService<IConnectionFactory>(key));

            // Nothing is encrypted there.
            collection.RemoveAll<IConfigureOptions<ClientConnectionOptions>>();
            services?.Invoke(collection);
        });
    }

    /// <summary>A client of it that brings nothing along.</summary>
    public HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        BaseAddress = new Uri(Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()),
    };

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && _folder.Exists) _folder.Delete(recursive: true);
    }
}

/// <summary>One silo with stand-in grains, and the gateway in front of it.</summary>
public class GatewayFixture : IAsyncLifetime
{
    /// <summary>What share links are made with, the same on every gateway.</summary>
    internal static readonly string SharingKey = Convert.ToBase64String(new byte[32]);

    private InProcessTestCluster? _cluster;
    private GatewayHost? _host;

    internal World World { get; } = new();

    internal Faults Faults { get; } = new();

    internal InProcessTestCluster Cluster => _cluster!;

    internal GatewayHost Host => _host!;

    public HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1) { Options = { ConfigureFileLogging = false } };
        builder.ConfigureSilo((_, silo) => silo.AddActivityPropagation());
        builder.ConfigureSiloHost((_, silo) =>
        {
            silo.Services.AddSingleton(World);
            silo.Services.AddSingleton<IIncomingGrainCallFilter>(Faults);
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        (_host, Http) = await Open(new(PartnerCallbackTests.Settings) { ["Sharing:Key"] = SharingKey });
    }

    /// <summary>Another gateway on the same cluster.</summary>
    internal async Task<(GatewayHost Host, HttpClient Http)> Open(
        Dictionary<string, string>? settings = null, Action<IServiceCollection>? services = null, int port = 0)
    {
        var host = new GatewayHost(Cluster, settings, services);
        host.UseKestrel(port);
        host.StartServer();
        var http = host.Client();
        var cluster = host.Services.GetRequiredService<ClusterConnection>();
        await Eventually.Holds(() => Task.FromResult(cluster.IsConnected), "the gateway is connected");
        return (host, http);
    }

    /// <summary>Another gateway on the same cluster, outside local mode: it asks for tokens of the issuer.</summary>
    internal Task<(GatewayHost Host, HttpClient Http)> OpenToTheWorld(
        TokenIssuer issuer, Dictionary<string, string>? settings = null, Action<IServiceCollection>? services = null)
    {
        var all = issuer.Settings;
        all["Hosting:Mode"] = "Kubernetes";
        all["Orleans:Tls:Directory"] = TestAuthority.Shared.GatewayFolder;
        all["Sharing:Key"] = SharingKey;
        all["Idempotency:Key"] = SharingKey;
        all["DroneKeys:Secret"] = SharingKey;
        foreach (var (key, value) in settings ?? []) all[key] = value;
        return Open(all, services);
    }

    internal Task KillSilo() => Cluster.KillSiloAsync(Cluster.Silos[0]);

    internal Task StartSilo() => Cluster.StartAdditionalSiloAsync();

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (_host is not null) await _host.DisposeAsync();
        if (_cluster is not null) await _cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
