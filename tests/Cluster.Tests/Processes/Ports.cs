using System.Net;
using System.Net.Sockets;

namespace DroneDelivery.Processes;

/// <summary>Free ports of this machine.</summary>
internal static class Ports
{
    // Below the range from which outgoing connections take theirs, so that a port stays free while its owner restarts.
    private const int First = 15000;
    private const int Last = 32000;

    /// <summary>That many different ports of 127.0.0.1 on which nobody listens.</summary>
    public static int[] Free(int count)
    {
        var ports = new HashSet<int>();
        while (ports.Count < count)
        {
            var port = Random.Shared.Next(First, Last);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                ports.Add(port);
            }
            catch (SocketException)
            {
                // Taken: try another.
            }
        }

        return [.. ports];
    }
}
