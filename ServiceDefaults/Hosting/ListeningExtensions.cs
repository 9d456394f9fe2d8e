using System.Net;
using DroneDelivery.Startup;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace DroneDelivery.Hosting;

/// <summary>On which addresses a process listens.</summary>
public static class ListeningExtensions
{
    private const string Everywhere = "*";
    private const string Loopback = "127.0.0.1";

    /// <summary>
    /// Listens where <c>urls</c> says, else on <paramref name="defaultPort"/>: of loopback in local mode, which has no authentication, otherwise of every
    /// address. The port of the probes, where there is one, is opened beside them.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="defaultPort">The port of the application's own routes; null when it has none, so that a port for the probes is enough.</param>
    /// <exception cref="StartupException">A setting is wrong, or an address of <c>urls</c> is not one of this machine's loopback in local mode.</exception>
    public static WebApplicationBuilder Listen(this WebApplicationBuilder builder, int? defaultPort)
    {
        var healthPort = HostingOptions.Read(builder.Configuration).HealthPort;
        var local = HostingOptions.IsLocal(builder.Configuration);
        var host = local ? Loopback : Everywhere;
        var urls = (builder.Configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToList();

        var port = defaultPort ?? (healthPort is null ? HostingOptions.DefaultHealthPort : null);
        if (urls.Count == 0 && port is not null) urls.Add($"http://{host}:{port}");
        foreach (var url in urls) Check(url, local, healthPort);

        if (healthPort is not null)
        {
            // Kestrel takes no notice of urls when its configuration names endpoints.
            if (builder.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
                builder.WebHost.ConfigureKestrel(kestrel => Open(kestrel, local, healthPort.Value));
            else
                urls.Add($"http://{host}:{healthPort}");
        }

        builder.WebHost.UseUrls([.. urls]);
        return builder;
    }

    private static void Open(KestrelServerOptions kestrel, bool local, int port)
    {
        if (local) kestrel.Listen(IPAddress.Loopback, port);
        else kestrel.ListenAnyIP(port);
    }

    private static void Check(string url, bool local, int? healthPort)
    {
        BindingAddress? address = null;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            // Said below.
        }

        if (address is null || !(address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase) || address.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase)))
            throw new StartupException($"The address '{url}' in ASPNETCORE_URLS or --urls cannot be read; write it like http://{Loopback}:8080.");
        if (local && !IsLoopback(address.Host))
            throw new StartupException($"Local mode has no authentication and listens on loopback only, so '{url}' is refused; use http://{Loopback}:{address.Port} or another mode.");
        if (address.Port == healthPort)
            throw new StartupException($"The address '{url}' takes the port of Hosting:HealthPort; give them different ports.");
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
