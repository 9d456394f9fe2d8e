using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DroneDelivery.Faults;

/// <summary>Hosts of their own on a switch of their own: network namespaces on a bridge, which has an address too. Needs root and iproute2.</summary>
internal sealed class NetworkHosts : IAsyncDisposable
{
    private readonly string _name = $"dd{Environment.ProcessId % 100_000}";
    private readonly byte _subnet = (byte)(Environment.ProcessId % 250 + 1);
    private readonly int _count;
    private readonly List<TcpRelay> _relays = [];

    private NetworkHosts(int count) => _count = count;

    /// <summary>The address by which the hosts reach this machine.</summary>
    public IPAddress Switch => Address(0);

    public static async Task<NetworkHosts> CreateAsync(int count)
    {
        var hosts = new NetworkHosts(count);
        try
        {
            await RunAsync($"link add {hosts._name} type bridge");
            await RunAsync($"addr add {hosts.Switch}/24 dev {hosts._name}");
            await RunAsync($"link set {hosts._name} up");
            for (var number = 0; number < count; number++)
            {
                var (space, outside) = (hosts.Namespace(number), hosts.Cable(number));
                await RunAsync($"netns add {space}");
                await RunAsync($"link add {outside} type veth peer name eth0 netns {space}");
                await RunAsync($"link set {outside} master {hosts._name} up");
                await RunAsync($"-n {space} addr add {hosts.AddressOf(number)}/24 dev eth0");
                await RunAsync($"-n {space} link set eth0 up");
                await RunAsync($"-n {space} link set lo up");
            }

            return hosts;
        }
        catch
        {
            await hosts.DisposeAsync();
            throw;
        }
    }

    /// <summary>The address of a host.</summary>
    public IPAddress AddressOf(int number) => Address((byte)(number + 11));

    /// <summary>What a command line begins with, so that it runs on a host.</summary>
    public IReadOnlyList<string> On(int number) => ["ip", "netns", "exec", Namespace(number)];

    /// <summary>Pulls the cable of a host: what it sends and what is sent to it is lost, and nobody is told.</summary>
    public Task CutAsync(int number) => RunAsync($"link set {Cable(number)} down");

    /// <summary>Plugs the cable in again.</summary>
    public Task MendAsync(int number) => RunAsync($"link set {Cable(number)} up");

    /// <summary>Lets the hosts reach a server that listens on this machine's loopback.</summary>
    /// <returns>Where they reach it.</returns>
    public Uri Offer(Uri server)
    {
        var relay = new TcpRelay(new(Switch, 0), new(IPAddress.Loopback, server.Port));
        _relays.Add(relay);
        return new UriBuilder(server) { Host = relay.Address.Address.ToString(), Port = relay.Address.Port }.Uri;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var relay in _relays) await relay.DisposeAsync();
        for (var number = 0; number < _count; number++) await RunAsync($"netns del {Namespace(number)}", mayFail: true);
        await RunAsync($"link del {_name}", mayFail: true);
    }

    private IPAddress Address(byte host) => new([10, 213, _subnet, host == 0 ? (byte)1 : host]);

    private string Namespace(int number) => $"{_name}-{number}";

    private string Cable(int number) => $"{_name}v{number}";

    private static async Task RunAsync(string arguments, bool mayFail = false)
    {
        using var ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var errors = await ip.StandardError.ReadToEndAsync();
        await ip.WaitForExitAsync();
        if (ip.ExitCode != 0 && !mayFail) throw new InvalidOperationException($"ip {arguments}: {errors.Trim()} (network namespaces need root and iproute2).");
    }

    /// <summary>Carries bytes between two addresses.</summary>
    private sealed class TcpRelay : IAsyncDisposable
    {
        private readonly TcpListener _listener;
        private readonly IPEndPoint _target;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _accepting;

        public TcpRelay(IPEndPoint address, IPEndPoint target)
        {
            (_listener, _target) = (new(address), target);
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _accepting;
            _stop.Dispose();
        }

        private async Task AcceptAsync()
        {
            var carried = new List<Task>();
            try
            {
                while (true) carried.Add(CarryAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
            catch (Exception exception) when (_stop.IsCancellationRequested && exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                await Task.WhenAll(carried);
            }
        }

        private async Task CarryAsync(Socket caller)
        {
            using var target = new Socket(SocketType.Stream, ProtocolType.Tcp);
            using (caller)
            {
                try
                {
                    await target.ConnectAsync(_target, _stop.Token);
                    await using var there = new NetworkStream(caller);
                    await using var here = new NetworkStream(target);
                    await Task.WhenAny(there.CopyToAsync(here, _stop.Token), here.CopyToAsync(there, _stop.Token));
                }
                catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
                {
                    // Either end has gone, as ends do; the sockets are closed and the other end sees it.
                }
            }
        }
    }
}
