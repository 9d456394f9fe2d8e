using System.Globalization;
using DroneDelivery.Startup;
using DroneDelivery.Storage;
using Microsoft.Extensions.Configuration;

namespace DroneDelivery.Hosting;

/// <summary>Where the process runs; configuration section <c>Hosting</c>.</summary>
public sealed class HostingOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Hosting";

    /// <summary>Port of the probes in Kubernetes mode unless <see cref="HealthPort"/> says otherwise.</summary>
    public const int DefaultHealthPort = 8081;

    /// <summary>What the process finds around it.</summary>
    public HostingMode Mode { get; init; } = HostingMode.Plain;

    /// <summary>Port that serves the probes and nothing else; null when they are served beside everything else.</summary>
    public int? HealthPort { get; init; }

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="StartupException">A setting is wrong.</exception>
    public static HostingOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var mode = ReadMode(section["Mode"]);
        return new()
        {
            Mode = mode,
            HealthPort = ReadPort(section["HealthPort"]) ?? (mode is HostingMode.Kubernetes ? DefaultHealthPort : null),
        };
    }

    /// <summary>
    /// Whether this is the local mode: everything on one machine, without authentication, hence on loopback only. A store on this machine implies it
    /// unless the mode says otherwise.
    /// </summary>
    /// <exception cref="StartupException">A setting is wrong.</exception>
    public static bool IsLocal(IConfiguration configuration) => Read(configuration).Mode switch
    {
        HostingMode.Local => true,
        HostingMode.Plain => StorageOptions.Read(configuration).Provider is StorageProvider.Sqlite,
        _ => false,
    };

    private static HostingMode ReadMode(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return HostingMode.Plain;
        if (!Enum.TryParse<HostingMode>(text, ignoreCase: true, out var mode) || !Enum.IsDefined(mode) || char.IsDigit(text.Trim()[0]))
            throw new StartupException($"Hosting:Mode is '{text}', which this program does not know; set it to Plain, Kubernetes or Local.");
        return mode;
    }

    private static int? ReadPort(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            throw new StartupException($"Hosting:HealthPort is '{text}'; set it to a port from 1 to 65535.");
        return port;
    }
}

/// <summary>What a process may find around it.</summary>
public enum HostingMode
{
    /// <summary>A machine.</summary>
    Plain,

    /// <summary>A pod.</summary>
    Kubernetes,

    /// <summary>A developer's machine, whatever the store.</summary>
    Local,
}
