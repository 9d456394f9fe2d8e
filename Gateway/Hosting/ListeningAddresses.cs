using System.Net;
using System.Net.Sockets;
using DroneDelivery.Startup;

namespace DroneDelivery.Gateway.Hosting;

/// <summary>
/// Local mode has no authentication, so the gateway listens on loopback only, however the address was configured,
/// and a port in use is reported before anything starts.
/// </summary>
internal sealed class ListeningAddresses(IConfiguration configuration) : IStartupCheck
{
    public Task RunAsync(CancellationToken cancellationToken)
    {
        var urls = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>();

        // What may not be listened on is said first, whoever has the ports of the rest.
        var addresses = urls.Concat(endpoints).Select(url => (Url: url, Address: Read(url))).ToList();
        foreach (var (url, address) in addresses) Probe(url, address);
        return Task.CompletedTask;
    }

    private static IPEndPoint? Read(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException exception)
        {
            throw new StartupException($"The address '{url}' cannot be read; write it like http://127.0.0.1:8080.", exception);
        }

        if (address.IsUnixPipe || address.IsNamedPipe) return null;
        if (Loopback(address.Host) is not { } loopback)
            throw new StartupException($"Local mode has no authentication and listens on loopback only, so '{url}' is refused; use http://127.0.0.1:{address.Port}.");
        return new(loopback, address.Port);
    }

    private static void Probe(string url, IPEndPoint? address)
    {
        if (address is null or { Port: 0 }) return;
        using var probe = new TcpListener(address);
        try
        {
            probe.Start();
        }
        catch (SocketException exception)
        {
            throw new StartupException($"Port {address.Port} of '{url}' is in use or may not be used; stop the program that uses it or choose another port.", exception);
        }
    }

    private static IPAddress? Loopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
        : IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address) ? address
        : null;
}
