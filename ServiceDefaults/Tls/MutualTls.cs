using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using DroneDelivery.Startup;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Connections.Security;

namespace DroneDelivery.Tls;

/// <summary>Lets silos and gateways speak only to those of their own cluster.</summary>
public static class MutualTlsExtensions
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>
    /// Silos are reached by silos on the one port and by gateways on the other; both sides show a certificate. Off in local mode unless section
    /// <c>Orleans:Tls</c> names a folder.
    /// </summary>
    /// <exception cref="StartupException">A setting is wrong, or there is no folder outside local mode.</exception>
    public static ISiloBuilder UseMutualTls(this ISiloBuilder silo)
    {
        if (MutualTlsOptions.Read(silo.Configuration) is not { } options) return silo;
        silo.Services.AddMutualTls(options.Directory, options.Silo, ServerAuthentication, ClientAuthentication);
        return silo.Configure<SiloConnectionOptions>(connections =>
        {
            connections.ConfigureSiloInboundConnection(connection => connection.UseServerTls(Tls(connection).With(options.Silo)));
            connections.ConfigureSiloOutboundConnection(connection => connection.UseClientTls(Tls(connection).With(options.Silo)));
            connections.ConfigureGatewayInboundConnection(connection => connection.UseServerTls(Tls(connection).With(options.Gateway)));
        });
    }

    /// <summary>The same for a gateway, which connects to silos.</summary>
    /// <exception cref="StartupException">A setting is wrong, or there is no folder outside local mode.</exception>
    public static IClientBuilder UseMutualTls(this IClientBuilder client)
    {
        if (MutualTlsOptions.Read(client.Configuration) is not { } options) return client;
        client.Services.AddMutualTls(options.Directory, options.Gateway, ClientAuthentication);
        return client.Configure<ClientConnectionOptions>(connections =>
            connections.ConfigureConnection(connection => connection.UseClientTls(Tls(connection).With(options.Silo))));
    }

    private static void AddMutualTls(this IServiceCollection services, string folder, string name, params string[] purposes)
    {
        services.AddSingleton(provider => new ClusterCertificates(
            folder, name, purposes, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ClusterCertificates>>()));
        services.AddSingleton<MutualTls>();
        services.AddStartupCheck<CertificateIsUsable>();
    }

    private static MutualTls Tls(IConnectionBuilder connection) => connection.ApplicationServices.GetRequiredService<MutualTls>();

    private sealed class CertificateIsUsable(ClusterCertificates certificates) : IStartupCheck
    {
        public Task RunAsync(CancellationToken cancellationToken)
        {
            _ = certificates.Current;
            return Task.CompletedTask;
        }
    }
}

/// <summary>How a connection is secured at either end.</summary>
internal sealed partial class MutualTls(ClusterCertificates certificates, ILogger<MutualTls> logger)
{
    /// <summary>Accepts only a peer whose certificate bears this name.</summary>
    public TlsOptions With(string peer) => new()
    {
        // Asked for at start only; each connection gets its credentials below, intermediates included.
        LocalServerCertificateSelector = (_, _) => certificates.Current.Leaf,
        OnAuthenticateAsServer = (_, options) =>
        {
            var (tls, current) = ((SslServerAuthenticationOptions)options.SslServerAuthenticationOptions, certificates.Current);
            tls.ServerCertificateSelectionCallback = null;
            tls.ServerCertificateContext = current.Context;
            tls.CertificateChainPolicy = current.NewPolicy();
            // A resumed session would not show its certificate again.
            tls.AllowTlsResume = tls.AllowRenegotiation = false;
        },
        OnAuthenticateAsClient = (_, options) =>
        {
            var (tls, current) = ((SslClientAuthenticationOptions)options.SslClientAuthenticationOptions, certificates.Current);
            tls.TargetHost = peer;
            tls.ClientCertificateContext = current.Context;
            tls.CertificateChainPolicy = current.NewPolicy();
            tls.AllowTlsResume = tls.AllowRenegotiation = false;
        },
        RemoteCertificateValidation = (certificate, chain, errors) => Accepts(peer, certificate, chain, errors),
    };

    private bool Accepts(string peer, X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // TLS compares the names of servers only.
        if (errors is SslPolicyErrors.None && certificate.MatchesHostname(peer, allowCommonName: false)) return true;
        var reason = errors is SslPolicyErrors.None ? "the name is another"
            : string.Join(", ", chain?.ChainStatus.Select(status => status.Status.ToString()).Prepend(errors.ToString()) ?? [errors.ToString()]);
        LogRefused(certificate.Subject, certificate.SerialNumber, peer, reason);
        return false;
    }

    [LoggerMessage(LogLevel.Warning, "Connection refused: certificate {Subject} with serial number {SerialNumber} is not one of {Peer}: {Reason}")]
    private partial void LogRefused(string subject, string serialNumber, string peer, string reason);
}
