using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Scheduling;

/// <summary>
/// What is to be replayed is stored before the first is: a repetition after a crash goes on with the same requests, each of which knows its
/// command.
/// </summary>
[GrainType("dead-letter-replay")]
internal sealed partial class DeadLetterReplayGrain(
    [PersistentState("replays", GrainStores.Supervision)] IPersistentState<DeadLetterReplayState> store,
    TimeProvider time,
    ILogger<DeadLetterReplayGrain> logger) : DocumentGrain<DeadLetterReplayState>(store), IDeadLetterReplayGrain
{
    private const int Concurrency = 16;
    private const int ReasonLength = 100;

    public async Task<ReplayResult> Replay(CommandId command, DeadLetterFilter filter, string note)
    {
        var now = time.GetUtcNow();
        if (Document.Commands.Find(command) is { Succeeded: false } other) return Refused(other);
        if (Document.Runs.GetValueOrDefault(command.Value) is not { } run)
        {
            if (Document.Commands.Refuse(command, now) is { } full) return Refused(full);
            run = await Plan(filter);
            await Save(Document.With(command, run, now));
        }

        if (run.Open.Count > 0)
        {
            run = await CarryOut(run, note);
            await Save(Document.With(command, run));
            LogReplayed(run.Replayed, run.Failed, run.More);
        }

        return new ReplayResult(CommandResult.Done, run.Replayed, run.Failed, run.Failures, run.More);
    }

    private static ReplayResult Refused(CommandResult result) => new(result, 0, 0, [], false);

    private async Task<ReplayRun> Plan(DeadLetterFilter filter)
    {
        var shards = await Task.WhenAll(Enumerable.Range(0, SupervisorShards.Count)
            .Select(shard => GrainFactory.GetGrain<ISupervisorGrain>(shard).ListFlagged(RequestFlag.DeadLetter).AsTask()));
        var limit = Math.Clamp(filter.Limit, 1, DeadLetterFilter.MaxLimit);
        var fitting = shards.SelectMany(shard => shard).Where(filter.Fits).OrderBy(request => request.Since);
        string[] ids = [.. fitting.Select(request => request.DeliveryId).Take(limit + 1)];
        return new ReplayRun(Document.LastRun + 1, [.. ids.Take(limit)], ids.Length > limit);
    }

    private async Task<ReplayRun> CarryOut(ReplayRun run, string note)
    {
        var command = new CommandId($"bulk-replay/{run.Number}");
        List<ReplayFailure> failures = [];
        foreach (var batch in run.Open.Chunk(Concurrency))
        {
            var results = await Task.WhenAll(batch.Select(id => Replay(id, command, note)));
            foreach (var (id, reason) in batch.Zip(results))
                if (reason is not null) failures.Add(new ReplayFailure(id, Short(reason)));
        }

        return run with
        {
            Open = [],
            Replayed = run.Open.Count - failures.Count,
            Failed = failures.Count,
            Failures = [.. failures.Take(ReplayResult.MaxFailures)],
        };
    }

    /// <summary>Why a dead letter could not be replayed, or null.</summary>
    private async Task<string?> Replay(string deliveryId, CommandId command, string note)
    {
        try
        {
            var result = await GrainFactory.GetGrain<IDeliveryRequestGrain>(deliveryId).Replay(command, note);
            return result.Succeeded ? null : result.Reason ?? $"{result.Outcome}";
        }
        catch (Exception failure)
        {
            LogNotReplayed(failure, deliveryId);
            return failure.Message;
        }
    }

    private static string Short(string reason) => reason.Length > ReasonLength ? $"{reason[..ReasonLength]}…" : reason;

    [LoggerMessage(LogLevel.Information, "{Replayed} dead letters go on, {Failed} do not; more are left: {More}")]
    private partial void LogReplayed(int replayed, int failed, bool more);

    [LoggerMessage(LogLevel.Warning, "Dead letter {DeliveryId} could not be replayed.")]
    private partial void LogNotReplayed(Exception failure, string deliveryId);
}

/// <summary>Stored form of the replays.</summary>
internal sealed record DeadLetterReplayState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Number of the last run.</summary>
    public long LastRun { get; init; }

    /// <summary>What became of the commands that are remembered.</summary>
    public Dictionary<string, ReplayRun> Runs { get; init; } = [];

    public CommandLog Commands { get; init; } = new();

    /// <summary>With a command that begins; runs of forgotten commands go.</summary>
    public DeadLetterReplayState With(CommandId command, ReplayRun run, DateTimeOffset now)
    {
        var commands = Commands.With(command, CommandResult.Done, now);
        var keyed = (commands.Keyed ?? []).Select(entry => entry.Id.Value);
        var kept = commands.Entries.Select(entry => entry.Id.Value).Concat(keyed).ToHashSet();
        return this with
        {
            LastRun = run.Number,
            Runs = new(Runs.Where(entry => kept.Contains(entry.Key))) { [command.Value] = run },
            Commands = commands,
        };
    }

    /// <summary>With what became of a command.</summary>
    public DeadLetterReplayState With(CommandId command, ReplayRun run) => this with { Runs = new(Runs) { [command.Value] = run } };
}

/// <summary>One replay of many.</summary>
/// <param name="Number">Makes the ids of its commands.</param>
/// <param name="Open">Requests that are yet to be replayed.</param>
/// <param name="More">Whether more would have fitted.</param>
/// <param name="Replayed">How many go on.</param>
/// <param name="Failed">How many do not.</param>
/// <param name="Failures">Which these are, the first.</param>
internal sealed record ReplayRun(
    long Number, IReadOnlyList<string> Open, bool More, int Replayed = 0, int Failed = 0, IReadOnlyList<ReplayFailure>? Failures = null)
{
    internal UnknownMembers? Unknown { get; init; }

    public IReadOnlyList<ReplayFailure> Failures { get; init; } = Failures ?? [];
}
