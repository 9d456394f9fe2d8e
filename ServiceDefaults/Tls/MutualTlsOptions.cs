using System.Text.RegularExpressions;
using DroneDelivery.Hosting;
using DroneDelivery.Startup;
using Microsoft.Extensions.Configuration;

namespace DroneDelivery.Tls;

/// <summary>How silos and gateways prove to each other what they are; configuration section <c>Orleans:Tls</c>.</summary>
public sealed partial class MutualTlsOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Orleans:Tls";

    internal const string DefaultDomain = "drone-delivery";

    /// <summary>Folder with <c>tls.crt</c>, <c>tls.key</c> and <c>ca.crt</c>, as cert-manager writes them. Files that change are read again.</summary>
    public required string Directory { get; init; }

    /// <summary>The DNS name below which the certificates of one cluster stand: <c>silo.</c> and <c>gateway.</c> followed by it.</summary>
    public string Domain { get; init; } = DefaultDomain;

    /// <summary>The name in the certificate of a silo.</summary>
    internal string Silo => $"silo.{Domain}";

    /// <summary>The name in the certificate of a gateway.</summary>
    internal string Gateway => $"gateway.{Domain}";

    /// <summary>Reads and checks the section.</summary>
    /// <returns>Null in local mode without a folder: connections are not encrypted there.</returns>
    /// <exception cref="StartupException">A setting is wrong, or there is no folder outside local mode.</exception>
    public static MutualTlsOptions? Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        if (string.IsNullOrWhiteSpace(section["Directory"]))
        {
            if (HostingOptions.IsLocal(configuration)) return null;
            throw new StartupException($"{Section}:Directory is missing; set it to the folder with the tls.crt, tls.key and ca.crt of this process, for only local mode runs without them.");
        }

        var domain = section["Domain"]?.Trim() is { Length: > 0 } text ? text : DefaultDomain;
        if (!DnsName().IsMatch(domain)) throw new StartupException($"{Section}:Domain is '{domain}'; set it to a DNS name such as {DefaultDomain}.");
        return new() { Directory = section["Directory"]!, Domain = domain };
    }

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$")]
    private static partial Regex DnsName();
}
