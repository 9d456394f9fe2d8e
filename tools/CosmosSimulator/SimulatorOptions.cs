using Microsoft.Azure.Cosmos;

namespace DroneDelivery.CosmosSimulator;

/// <summary>How a simulator shall be.</summary>
internal sealed record SimulatorOptions
{
    /// <summary>The key that Microsoft's emulator uses too; everybody knows it.</summary>
    public const string WellKnownKey = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

    /// <summary>Port of 127.0.0.1; 0 for a free one.</summary>
    public int Port { get; init; }

    /// <summary>File that keeps the data over a restart; null to keep it in memory.</summary>
    public string? DataFile { get; init; }

    /// <summary>The account's key, base64.</summary>
    public string Key { get; init; } = WellKnownKey;

    /// <summary>Whether requests may be signed with the key at all.</summary>
    public bool AllowKeys { get; init; } = true;

    /// <summary>Whose Entra tokens are accepted; null for nobody's.</summary>
    public string? EntraIssuer { get; init; }

    /// <summary>Checks the signature of Entra tokens (HS256); null to believe every signature.</summary>
    public byte[]? EntraKey { get; init; }

    /// <summary>How many physical partitions a new container gets.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>Throughput of each physical partition, request units a second; null for no limit.</summary>
    public double? Throughput { get; init; }

    /// <summary>Consistency level of the account.</summary>
    public ConsistencyLevel Consistency { get; init; } = ConsistencyLevel.BoundedStaleness;

    /// <summary>Regions of the account; the first is written to.</summary>
    public IReadOnlyList<string> Regions { get; init; } = ["Simulator"];

    /// <summary>Whether the account announces all its regions as writable.</summary>
    public bool MultipleWriteRegions { get; init; }

    /// <summary>How far the replicas lag that answer reads of Session consistency and less; zero for no lag.</summary>
    public TimeSpan ReplicaLag { get; init; }

    /// <summary>Seed of the lags, which are drawn between zero and the longest; null for the longest every time.</summary>
    public int? ReplicaSeed { get; init; }

    /// <summary>How long every request takes at least.</summary>
    public TimeSpan Latency { get; init; }
}
