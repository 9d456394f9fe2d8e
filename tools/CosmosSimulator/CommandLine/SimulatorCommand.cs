using System.CommandLine;
using System.Text;
using DroneDelivery.CommandLine;
using Microsoft.Azure.Cosmos;
using static DroneDelivery.CommandLine.CheckedOption;

namespace DroneDelivery.CosmosSimulator.CommandLine;

/// <summary>The command line.</summary>
internal static class SimulatorCommand
{
    private static readonly Option<int?> Port = Number("--port", "Port of 127.0.0.1; 0 for a free one.", 8081, 0, 65535);

    private static readonly Option<string?> Data = Text(
        "--data", "File that keeps the data over a restart, also after a crash; without it everything is in memory.", null, "the path of a file",
        text => text.Length > 0 && !Directory.Exists(text));

    private static readonly Option<string?> Key = Text(
        "--key", "Key of the account; the one of Microsoft's emulator by default.", SimulatorOptions.WellKnownKey, "base64 text of at least 16 bytes", IsKey);

    private static readonly Option<bool> NoKeys = new("--no-keys") { Description = "Accept Entra tokens only." };

    private static readonly Option<string?> EntraIssuer = Text("--entra-issuer", "Issuer whose Entra tokens are accepted.", null, "not empty", text => text.Length > 0);

    private static readonly Option<string?> EntraKey = Text(
        "--entra-key", "Secret that Entra tokens are signed with (HS256); without it every signature is believed.", null, "not empty", text => text.Length > 0);

    private static readonly Option<double?> Latency = Real("--latency", "Milliseconds that every request takes at least.", 0, 0, 60_000);

    private static readonly Option<double?> Throughput = Real("--throughput", "Request units a second of each physical partition; 0 for no limit.", 0, 0, 1_000_000);

    private static readonly Option<int?> Partitions = Number("--partitions", "Physical partitions of a new container.", 1, 1, 100);

    private static readonly Option<ConsistencyLevel?> Consistency = Value<ConsistencyLevel?>(
        "--consistency", "Consistency level of the account.", ConsistencyLevel.BoundedStaleness, $"one of {string.Join(", ", Enum.GetNames<ConsistencyLevel>())}",
        text => Enum.GetNames<ConsistencyLevel>().Contains(text) ? Enum.Parse<ConsistencyLevel>(text) : null);

    private static readonly Option<string?> Regions = Text(
        "--regions", "Regions that the account announces, with commas between; the first is written to.", "Simulator", "names with commas between",
        text => text.Split(',').All(name => !string.IsNullOrWhiteSpace(name)));

    private static readonly Option<bool> MultipleWriteRegions = new("--multiple-write-regions") { Description = "Announce all regions as writable." };

    private static readonly Option<double?> ReplicaLag = Real(
        "--replica-lag", "Milliseconds by which the replicas lag that answer reads of Session consistency and less.", 0, 0, 60_000);

    private static readonly Option<int?> ReplicaSeed = Number(
        "--replica-seed", "Draw each lag between 0 and --replica-lag, repeatably; 0 for the longest every time.", 0, 0, int.MaxValue);

    /// <summary>Reads the command line and runs; a wrong one costs a sentence and <see cref="CheckedCommand.WrongUse"/>.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="error">Where the sentence goes.</param>
    /// <param name="run">What to do with it; cancelled by SIGINT and SIGTERM.</param>
    public static Task<int> InvokeAsync(string[] args, TextWriter error, Func<SimulatorOptions, CancellationToken, Task<int>> run)
    {
        var command = new RootCommand("Speaks the part of the Cosmos DB protocol that this repository uses, for tests and trials. Nothing of it is for production.")
        {
            Port, Data, Key, NoKeys, EntraIssuer, EntraKey, Latency, Throughput, Partitions,
            Consistency, Regions, MultipleWriteRegions, ReplicaLag, ReplicaSeed,
        };
        command.SetAction((result, cancellationToken) => run(Options(result), cancellationToken));
        return CheckedCommand.InvokeAsync(command, args, error, result =>
            result.GetValue(NoKeys) && result.GetValue(EntraIssuer) is null ? "--no-keys needs --entra-issuer; otherwise nobody could connect." : null);
    }

    private static SimulatorOptions Options(ParseResult result) => new()
    {
        Port = result.GetRequiredValue(Port)!.Value,
        DataFile = result.GetValue(Data),
        Key = result.GetRequiredValue(Key)!,
        AllowKeys = !result.GetValue(NoKeys),
        EntraIssuer = result.GetValue(EntraIssuer),
        EntraKey = result.GetValue(EntraKey) is { } secret ? Encoding.UTF8.GetBytes(secret) : null,
        Latency = TimeSpan.FromMilliseconds(result.GetRequiredValue(Latency)!.Value),
        Throughput = result.GetRequiredValue(Throughput) is > 0 and var units ? units : null,
        Partitions = result.GetRequiredValue(Partitions)!.Value,
        Consistency = result.GetRequiredValue(Consistency)!.Value,
        Regions = result.GetRequiredValue(Regions)!.Split(',', StringSplitOptions.TrimEntries),
        MultipleWriteRegions = result.GetValue(MultipleWriteRegions),
        ReplicaLag = TimeSpan.FromMilliseconds(result.GetRequiredValue(ReplicaLag)!.Value),
        ReplicaSeed = result.GetRequiredValue(ReplicaSeed) is > 0 and var seed ? seed : null,
    };

    private static bool IsKey(string text)
    {
        Span<byte> bytes = stackalloc byte[256];
        return Convert.TryFromBase64String(text, bytes, out var count) && count >= 16;
    }
}
