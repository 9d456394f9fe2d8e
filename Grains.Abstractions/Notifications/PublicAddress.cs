using System.Net;
using System.Net.Sockets;

namespace DroneDelivery.Notifications;

/// <summary>
/// Tells addresses of the public internet from those that only mean something inside a network: an owner must not be able to have us ask
/// our own services. Ranges: the special-purpose registries of IANA (RFC 6890) and the virtual address of the Azure platform.
/// </summary>
public static class PublicAddress
{
    // Azure's DNS, DHCP and health probes of each virtual machine; routable by its number, private by its meaning.
    private static readonly IPAddress AzurePlatform = IPAddress.Parse("168.63.129.16");

    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
            "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        }.Select(IPNetwork.Parse),
    ];

    // Of IPv6 only 2000::/3 is given out, and of that these are special; ::ffff:0:0/96 and 64:ff9b::/96 carry an IPv4 address.
    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork[] SpecialV6 = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Whether the address belongs to the public internet.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetwork) return !address.Equals(AzurePlatform) && !Array.Exists(Special, range => range.Contains(address));
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return false;
        if (Translated.Contains(address)) return IsPublic(new IPAddress(address.GetAddressBytes().AsSpan(12)));
        return Global.Contains(address) && !Array.Exists(SpecialV6, range => range.Contains(address));
    }
}
