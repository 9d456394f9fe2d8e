using System.Net;
using System.Net.Sockets;

namespace DroneDelivery.Gateway.Load;

/// <summary>The address by which callers are told apart who prove nothing else.</summary>
internal static class ClientAddress
{
    /// <summary>The address of a request; of IPv6 the network that one customer gets.</summary>
    public static string Of(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}
