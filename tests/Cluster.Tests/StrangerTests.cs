using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using DroneDelivery.Archiving;
using DroneDelivery.Drones;
using DroneDelivery.Processes;
using DroneDelivery.Storage;
using DroneDelivery.Tls;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Core.Internal;
using Orleans.Runtime.Messaging;

namespace DroneDelivery;

/// <summary>Clients that find a real silo by its store: who may call it, and what.</summary>
[Collection(nameof(Processes))]
public sealed class StrangerTests : IAsyncLifetime
{
    private const string Id = "drone-delivery";

    private readonly TemporaryFolder _data = new();
    private readonly TestAuthority _ours = new();
    private readonly TestAuthority _foreign = new();
    private SiloProcess _silo = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _silo = new SiloProcess(_data.Store);
        _silo.UseTls(_ours.SiloFolder);
        _silo.Start();
        await _silo.WaitUntilReadyAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.DisposeAsync();
        _ours.Dispose();
        _foreign.Dispose();
        _data.Dispose();
    }

    [Theory]
    [InlineData("without TLS")]
    [InlineData("no certificate")]
    [InlineData("foreign")]
    [InlineData("expired")]
    public async Task Stranger_cannot_connect(string certificate)
    {
        using var shown = certificate switch
        {
            "foreign" => _foreign.Issue(TestAuthority.Gateway),
            "expired" => _ours.Issue(TestAuthority.Gateway, validFor: TimeSpan.FromHours(23)),
            _ => null,
        };
        using var client = Client(builder =>
        {
            if (certificate is "without TLS") return;
            builder.UseTls(tls =>
            {
                tls.LocalClientCertificateSelector = (_, _, _, _, _) => shown;
                tls.OnAuthenticateAsClient = (_, options) => options.TargetHost = TestAuthority.Silo;
                tls.AllowAnyRemoteCertificate();
            });
        });

        var failure = await Record.ExceptionAsync(() => client.StartAsync(Cancellation));

        Assert.True(failure is OrleansException or ConnectionFailedException, $"{failure}\n{_silo.Output}");
        Assert.True(await _silo.IsReadyAsync(Cancellation));
    }

    [Fact]
    public async Task Gateway_may_call_what_gateways_call_and_nothing_else()
    {
        using var client = Client(builder => builder.UseMutualTls());
        await client.StartAsync(Cancellation);
        var grains = client.Services.GetRequiredService<IGrainFactory>();

        Assert.Null(await grains.GetGrain<IDroneGrain>("unknown").Get());
        Assert.NotEmpty(await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, Cancellation));
        Func<Task>[] forbidden =
        [
            () => grains.GetGrain<IArchiverGrain>(0).Wake(),
            () => grains.GetGrain<IManagementGrain>(0).ForceGarbageCollection([], Cancellation),
            () => grains.GetGrain<IDroneGrain>("unknown").AsReference<IGrainManagementExtension>().DeactivateOnIdle().AsTask(),
        ];
        foreach (var call in forbidden)
        {
            var refusal = await Assert.ThrowsAsync<UnauthorizedAccessException>(call);
            Assert.EndsWith("may be called by silos and their grains only.", refusal.Message, StringComparison.Ordinal);
        }

        await client.StopAsync(Cancellation);
        Assert.Contains("Client call refused: ", _silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_that_is_renewed_is_shown_without_a_restart()
    {
        using var later = _ours.Issue(TestAuthority.Silo);
        Assert.NotEqual(later.SerialNumber, await ShownAsync());

        _ours.Put(later, _ours.SiloFolder);

        await Eventually.HoldsAsync("the silo shows its new certificate", async () => await ShownAsync() == later.SerialNumber, TimeSpan.FromSeconds(20), Cancellation);
    }

    private IHost Client(Action<IClientBuilder> secure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Storage:Sqlite:Path"] = _data.Store,
            ["Orleans:Tls:Directory"] = _ours.GatewayFolder,
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (Id, Id));
            client.UseConnectionRetryFilter((_, _) => Task.FromResult(false));
            client.UseConfiguredStorage();
            secure(client);
        });
        return builder.Build();
    }

    /// <summary>The serial number of the certificate that the silo shows to a gateway.</summary>
    private async Task<string> ShownAsync()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _silo.GatewayPort, Cancellation);
        await using var tls = new SslStream(socket.GetStream());
        using var gateway = _ours.Issue(TestAuthority.Gateway);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = TestAuthority.Silo,
            LocalCertificateSelectionCallback = (_, _, _, _, _) => gateway,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        }, Cancellation);
        return ((X509Certificate2)tls.RemoteCertificate!).SerialNumber;
    }
}
