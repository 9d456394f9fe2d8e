using DroneDelivery.Startup;
using DroneDelivery.Storage.Cosmos;
using Microsoft.Extensions.Configuration;

namespace DroneDelivery.Storage;

/// <summary>Where state, membership and reminders are kept; configuration section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Storage";

    /// <summary>The store.</summary>
    public StorageProvider Provider { get; init; } = StorageProvider.Sqlite;

    /// <summary>Settings of <see cref="StorageProvider.Sqlite"/>.</summary>
    public SqliteStoreOptions Sqlite { get; init; } = new();

    /// <summary>Settings of <see cref="StorageProvider.Cosmos"/>; null with another provider.</summary>
    public CosmosStoreOptions? Cosmos { get; init; }

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="StartupException">A setting is wrong.</exception>
    public static StorageOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var provider = ReadProvider(section["Provider"]);
        return new()
        {
            Provider = provider,
            Cosmos = provider is StorageProvider.Cosmos ? CosmosStoreOptions.Read(section.GetSection("Cosmos")) : null,
            Sqlite = new()
            {
                Path = ReadPath(section["Sqlite:Path"]),
                LockTimeout = ReadLockTimeout(section["Sqlite:LockTimeout"]),
            },
        };
    }

    private static StorageProvider ReadProvider(string? text)
    {
        if (text is null) return StorageProvider.Sqlite;
        if (!Enum.TryParse<StorageProvider>(text, ignoreCase: true, out var provider) || !Enum.IsDefined(provider) || char.IsDigit(text.Trim()[0]))
            throw new StartupException($"Storage:Provider is '{text}', which this program does not know; set it to Sqlite or Cosmos.");
        return provider;
    }

    private static string ReadPath(string? text)
    {
        if (text is null) return SqliteStoreOptions.DefaultPath;
        if (string.IsNullOrWhiteSpace(text) || text.Contains('\0'))
            throw new StartupException($"Storage:Sqlite:Path is empty; set it to the path of a file, such as {SqliteStoreOptions.DefaultPath}, or leave it out.");
        return text;
    }

    private static TimeSpan ReadLockTimeout(string? text)
    {
        if (text is null) return SqliteStoreOptions.DefaultLockTimeout;
        if (!TimeSpan.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var timeout) || timeout <= TimeSpan.Zero || timeout > TimeSpan.FromHours(1))
            throw new StartupException($"Storage:Sqlite:LockTimeout is '{text}'; set it to a time such as 00:00:10, at most one hour.");
        return timeout;
    }
}

/// <summary>The stores that exist.</summary>
public enum StorageProvider
{
    /// <summary>A file on this machine, for local mode.</summary>
    Sqlite,

    /// <summary>Azure Cosmos DB, for production.</summary>
    Cosmos,
}

/// <summary>Settings of the local store.</summary>
public sealed class SqliteStoreOptions
{
    internal const string DefaultPath = ".data/drone-delivery.db";
    internal static readonly TimeSpan DefaultLockTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The database file; its folder is made when missing.</summary>
    public string Path { get; init; } = DefaultPath;

    /// <summary>How long a writer waits while another process holds the file before it gives up.</summary>
    public TimeSpan LockTimeout { get; init; } = DefaultLockTimeout;
}
