using System.Globalization;
using System.Net;
using System.Text.Json;
using Orleans.Providers.Cosmos;

namespace Orleans.Clustering.Cosmos;

/// <summary>The documents of a membership table, as the official package lays them out: a version and a row for each silo, all in the partition of their cluster.</summary>
internal static class ClusterDocuments
{
    public const string VersionId = "ClusterVersion";
    public const string VersionType = "ClusterVersionEntity";
    public const string SiloType = "SiloEntity";
    public const string AliveTime = nameof(MembershipEntry.IAmAliveTime);

    // Not part of the official layout, whose readers skip it.
    private const string WriteId = "WriteId";

    /// <summary>The container.</summary>
    public static ContainerShape Container { get; } = new("/ClusterId") { IndexedPaths = ["/ClusterId/?", "/EntityType/?", "/Status/?"] };

    /// <summary>Id of a silo's row.</summary>
    public static string Id(SiloAddress silo) => $"{silo.Endpoint.Address}-{silo.Endpoint.Port}-{silo.Generation}";

    /// <summary>Writes the version.</summary>
    public static ReadOnlyMemory<byte> Version(string clusterId, int version) => Bytes.Document(json =>
    {
        json.WriteString("id", VersionId);
        json.WriteString("ClusterId", clusterId);
        json.WriteString("EntityType", VersionType);
        json.WriteNumber("ClusterVersion", version);
    });

    /// <summary>Reads the version.</summary>
    public static TableVersion ReadVersion(ItemResult document)
    {
        using var json = JsonDocument.Parse(document.Content);
        return new(json.RootElement.GetProperty("ClusterVersion").GetInt32(), document.ETag!);
    }

    /// <summary>Writes a row.</summary>
    /// <param name="clusterId">The cluster.</param>
    /// <param name="entry">The silo.</param>
    /// <param name="writeId">Names this very write, so that its author can tell it from any other.</param>
    public static ReadOnlyMemory<byte> Silo(string clusterId, MembershipEntry entry, string writeId) => Bytes.Document(json =>
    {
        var endpoint = entry.SiloAddress.Endpoint;
        json.WriteString("id", Id(entry.SiloAddress));
        json.WriteString("ClusterId", clusterId);
        json.WriteString("EntityType", SiloType);
        json.WriteString("Address", endpoint.Address.ToString());
        json.WriteNumber("Port", endpoint.Port);
        json.WriteNumber("Generation", entry.SiloAddress.Generation);
        json.WriteString("Hostname", entry.HostName);
        json.WriteNumber("Status", (int)entry.Status);
        json.WriteNumber("ProxyPort", entry.ProxyPort);
        json.WriteString("SiloName", entry.SiloName);
        json.WriteStartArray("SuspectingSilos");
        foreach (var vote in entry.SuspectTimes ?? []) json.WriteStringValue(vote.Item1.ToParsableString());
        json.WriteEndArray();
        json.WriteStartArray("SuspectingTimes");
        foreach (var vote in entry.SuspectTimes ?? []) json.WriteStringValue(LogFormatter.PrintDate(vote.Item2));
        json.WriteEndArray();
        json.WriteString("StartTime", Time(entry.StartTime));
        json.WriteString(AliveTime, Time(entry.IAmAliveTime));
        json.WriteString(WriteId, writeId);
    });

    /// <summary>Reads a row.</summary>
    public static MembershipEntry ReadSilo(JsonElement json)
    {
        var entry = new MembershipEntry
        {
            SiloAddress = SiloAddress.New(new(IPAddress.Parse(Text(json, "Address")), json.GetProperty("Port").GetInt32()), json.GetProperty("Generation").GetInt32()),
            HostName = Text(json, "Hostname"),
            Status = (SiloStatus)json.GetProperty("Status").GetInt32(),
            ProxyPort = json.TryGetProperty("ProxyPort", out var port) && port.ValueKind is JsonValueKind.Number ? port.GetInt32() : 0,
            SiloName = Text(json, "SiloName"),
            StartTime = json.GetProperty("StartTime").GetDateTimeOffset().UtcDateTime,
            IAmAliveTime = json.GetProperty(AliveTime).GetDateTimeOffset().UtcDateTime,
        };
        var (silos, times) = (json.GetProperty("SuspectingSilos"), json.GetProperty("SuspectingTimes"));
        foreach (var (silo, time) in silos.EnumerateArray().Zip(times.EnumerateArray()))
            entry.AddSuspector(SiloAddress.FromParsableString(silo.GetString()!), LogFormatter.ParseDate(time.GetString()!));
        return entry;
    }

    /// <summary>Whether a row stands as the named write left it; heartbeats do not matter.</summary>
    public static bool WasWrittenBy(ItemResult document, string writeId)
    {
        using var json = JsonDocument.Parse(document.Content);
        return json.RootElement.TryGetProperty(WriteId, out var value) && value.ValueEquals(writeId);
    }

    /// <summary>When anything was last heard of a silo: it started, it was alive, or others voted on it.</summary>
    public static DateTime LastUpdate(MembershipEntry entry)
    {
        var heard = entry.StartTime > entry.IAmAliveTime ? entry.StartTime : entry.IAmAliveTime;
        foreach (var vote in entry.SuspectTimes ?? [])
        {
            if (vote.Item2 > heard) heard = vote.Item2;
        }

        return heard;
    }

    /// <summary>A time as documents hold it.</summary>
    public static DateTimeOffset Time(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    /// <summary>A time as text, for a patch.</summary>
    public static string TimeText(DateTime time) => Time(time).ToString("O", CultureInfo.InvariantCulture);

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";
}
