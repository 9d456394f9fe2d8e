using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Connections.Security;

namespace DroneDelivery.Tls;

/// <summary>Who is let in at which end of a connection, over real sockets.</summary>
public sealed class HandshakeTests : IDisposable
{
    private readonly TestAuthority _ours = new();
    private readonly TestAuthority _foreign = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _ours.Dispose();
        _foreign.Dispose();
    }

    public static TheoryData<string, string, bool> Callers => new()
    {
        { "a silo", TestAuthority.Silo, true },
        { "a silo", TestAuthority.Gateway, false },
        { "a gateway", TestAuthority.Gateway, true },
        { "a gateway", TestAuthority.Silo, false },
        { "none", TestAuthority.Gateway, false },
        { "foreign", TestAuthority.Gateway, false },
        { "expired", TestAuthority.Gateway, false },
        { "for servers only", TestAuthority.Gateway, false },
        { "of another cluster", TestAuthority.Gateway, false },
        { "none", TestAuthority.Silo, false },
        { "foreign", TestAuthority.Silo, false },
        { "expired", TestAuthority.Silo, false },
    };

    [Theory, MemberData(nameof(Callers))]
    public async Task Port_for_one_kind_of_peer_admits_only_its_certificates(string certificate, string port, bool admitted)
    {
        using var shown = certificate is "none" ? null : Certificate(certificate, port);
        var client = new SslClientAuthenticationOptions
        {
            TargetHost = TestAuthority.Silo,
            LocalCertificateSelectionCallback = (_, _, _, _, _) => shown!,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };

        var (_, atServer) = await ConnectAsync(client, Server(port));

        Assert.Equal(admitted, atServer is null);
        if (!admitted) Assert.IsType<AuthenticationException>(atServer);
    }

    [Theory]
    [InlineData("a silo", true)]
    [InlineData("a gateway", false)]
    [InlineData("foreign", false)]
    [InlineData("expired", false)]
    [InlineData("for clients only", false)]
    public async Task Silo_is_believed_only_with_a_certificate_of_a_silo(string certificate, bool believed)
    {
        using var shown = Certificate(certificate, TestAuthority.Silo);
        var server = new SslServerAuthenticationOptions { ServerCertificate = shown };

        var (atClient, _) = await ConnectAsync(Client(TestAuthority.Silo), server);

        Assert.Equal(believed, atClient is null);
        if (!believed) Assert.IsType<AuthenticationException>(atClient);
    }

    [Fact]
    public async Task Old_versions_of_TLS_are_not_spoken()
    {
#pragma warning disable SYSLIB0039, CA5397 // They are offered to be refused.
        var client = new SslClientAuthenticationOptions
        {
            TargetHost = TestAuthority.Silo,
            EnabledSslProtocols = SslProtocols.Tls11,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        };
#pragma warning restore SYSLIB0039, CA5397

        var (atClient, atServer) = await ConnectAsync(client, Server(TestAuthority.Gateway));

        Assert.NotNull(atClient);
        Assert.NotNull(atServer);
    }

    private X509Certificate2 Certificate(string kind, string name) => kind switch
    {
        "a silo" => _ours.Issue(TestAuthority.Silo),
        "a gateway" => _ours.Issue(TestAuthority.Gateway),
        "foreign" => _foreign.Issue(name),
        "expired" => _ours.Issue(name, validFor: TimeSpan.FromHours(23)),
        "for servers only" => _ours.Issue(name, TestAuthority.ServerAuthentication),
        "for clients only" => _ours.Issue(name, TestAuthority.ClientAuthentication),
        "of another cluster" => _ours.Issue("gateway.staging"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private static TlsOptions Options(string folder, string name, string peer)
    {
        var certificates = new ClusterCertificates(folder, name, [], new FakeTimeProvider(DateTimeOffset.UtcNow), NullLogger<ClusterCertificates>.Instance);
        return new MutualTls(certificates, NullLogger<MutualTls>.Instance).With(peer);
    }

    /// <summary>What Orleans' middleware hands to the socket of a silo.</summary>
    private SslServerAuthenticationOptions Server(string peer)
    {
        var options = Options(_ours.SiloFolder, TestAuthority.Silo, peer);
        var tls = new TlsServerAuthenticationOptions
        {
            ClientCertificateRequired = options.RemoteCertificateMode is RemoteCertificateMode.RequireCertificate,
            EnabledSslProtocols = options.SslProtocols,
        };
        options.OnAuthenticateAsServer!(null!, tls);
        var server = (SslServerAuthenticationOptions)tls.SslServerAuthenticationOptions;
        server.ApplicationProtocols = null;
        server.RemoteCertificateValidationCallback = Validation(options);
        return server;
    }

    private SslClientAuthenticationOptions Client(string peer)
    {
        var options = Options(_ours.GatewayFolder, TestAuthority.Gateway, peer);
        var tls = new TlsClientAuthenticationOptions { EnabledSslProtocols = options.SslProtocols };
        options.OnAuthenticateAsClient!(null!, tls);
        var client = (SslClientAuthenticationOptions)tls.SslClientAuthenticationOptions;
        client.ApplicationProtocols = null;
        client.RemoteCertificateValidationCallback = Validation(options);
        return client;
    }

    private static RemoteCertificateValidationCallback Validation(TlsOptions options) => (_, certificate, chain, errors) =>
        certificate is X509Certificate2 shown && options.RemoteCertificateValidation!(shown, chain, errors);

    /// <summary>Shakes hands and tells what either side makes of it; null when it is content.</summary>
    private static async Task<(Exception? AtClient, Exception? AtServer)> ConnectAsync(SslClientAuthenticationOptions client, SslServerAuthenticationOptions server)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var caller = new TcpClient();
        await caller.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Cancellation);
        using var called = await listener.AcceptTcpClientAsync(Cancellation);
        await using var atClient = new SslStream(caller.GetStream());
        await using var atServer = new SslStream(called.GetStream());

        var outcomes = await Task.WhenAll(
            Record.ExceptionAsync(() => atClient.AuthenticateAsClientAsync(client, Cancellation)).AsTask(),
            Record.ExceptionAsync(async () =>
            {
                try
                {
                    await atServer.AuthenticateAsServerAsync(server, Cancellation);
                }
                catch
                {
                    called.Close();
                    throw;
                }
            }).AsTask());
        return (outcomes[0], outcomes[1]);
    }
}
