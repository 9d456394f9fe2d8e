using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace DroneDelivery.Scheduling;

[GrainType("supervisor"), Reentrant]
internal sealed partial class SupervisorGrain(
    [PersistentState("supervisor", GrainStores.Supervision)] IPersistentState<SupervisorState> store,
    IOptions<SchedulingOptions> options,
    TimeProvider time,
    ILogger<SupervisorGrain> logger) : GroupCommitGrain<SupervisorState>(store), ISupervisorGrain, IRemindable
{
    private const string ReminderName = "supervise";

    private readonly SchedulingOptions _options = options.Value;

    // Requests being resumed, and the time by which one of them asked to be looked at meanwhile.
    private readonly Dictionary<string, DateTimeOffset?> _resuming = [];
    private readonly Dictionary<string, int> _failures = [];

    private Dictionary<string, DateTimeOffset> Open => State.Open;

    private Dictionary<string, ShardFlag> Flags => State.Flags;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // What a former activation left may be stuck, and may be due earlier than was stored: look at everything now.
        foreach (var id in Open.Keys) Open[id] = time.GetUtcNow();
        this.RegisterGrainTimer(
            ResumeDue, new GrainTimerCreationOptions(TimeSpan.Zero, _options.ShardInterval) { Interleave = true, KeepAlive = true });
        this.RegisterGrainTimer(_ => Remind(ReminderName), new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true }); // Not when a client waits.
        return Task.CompletedTask;
    }

    public async Task<bool> Register(string deliveryId, DateTimeOffset due)
    {
        if (!Open.ContainsKey(deliveryId) && Open.Count >= _options.ShardCapacity)
        {
            LogFull(this.GetPrimaryKeyLong(), Open.Count);
            return false;
        }

        Expect(deliveryId, due);
        await Remind(ReminderName);
        await Commit();
        return true;
    }

    public async Task Postpone(string deliveryId, Watch watch)
    {
        if (!Open.ContainsKey(deliveryId)) return;
        Expect(deliveryId, watch.Due);
        if (watch.Due <= time.GetUtcNow()) _ = ResumeDue(CancellationToken.None);
        if (Mark(deliveryId, watch)) await Commit();
    }

    public ValueTask<bool> Watches(string deliveryId) => ValueTask.FromResult(Open.ContainsKey(deliveryId));

    public Task Wake() => Task.CompletedTask;

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    public ValueTask<IReadOnlyList<SupervisedRequest>> List() => ValueTask.FromResult<IReadOnlyList<SupervisedRequest>>(
        [.. Open.Select(entry => new SupervisedRequest(entry.Key, entry.Value, _failures.GetValueOrDefault(entry.Key))).OrderBy(entry => entry.Due)]);

    public ValueTask<IReadOnlyList<FlaggedRequest>> ListFlagged(RequestFlag flag) => ValueTask.FromResult<IReadOnlyList<FlaggedRequest>>(
        [.. Flags.Where(entry => entry.Value.Flag == flag)
            .Select(entry => new FlaggedRequest(entry.Key, flag, entry.Value.Reason, entry.Value.Since))
            .OrderBy(entry => entry.Since)]);

    private void Expect(string deliveryId, DateTimeOffset due)
    {
        Open[deliveryId] = due;
        if (_resuming.ContainsKey(deliveryId)) _resuming[deliveryId] = due; // The answer under way does not know of this.
    }

    /// <summary>Takes in what operators see; true when it changed.</summary>
    private bool Mark(string deliveryId, Watch watch)
    {
        if (watch.Flag is not { } kind) return Flags.Remove(deliveryId);
        var flag = new ShardFlag(kind, watch.Reason, watch.Since ?? time.GetUtcNow());
        if (Flags.GetValueOrDefault(deliveryId) == flag) return false;
        Flags[deliveryId] = flag;
        return true;
    }

    private void Forget(string deliveryId)
    {
        Open.Remove(deliveryId);
        Flags.Remove(deliveryId);
        _failures.Remove(deliveryId);
    }

    private Task ResumeDue(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var due = Open.Where(entry => entry.Value <= now && !_resuming.ContainsKey(entry.Key))
            .OrderBy(entry => entry.Value)
            .Select(entry => entry.Key)
            .Take(_options.ShardConcurrency - _resuming.Count)
            .ToList();
        foreach (var id in due) _ = ResumeOne(id);
        return Task.CompletedTask;
    }

    private async Task ResumeOne(string deliveryId)
    {
        _resuming.Add(deliveryId, null);
        try
        {
            var watch = await GrainFactory.GetGrain<IDeliveryRequestGrain>(deliveryId).Resume();
            _failures.Remove(deliveryId);
            if (watch is null && _resuming[deliveryId] is null) Forget(deliveryId);
            else if (watch is not null) await Postpone(deliveryId, watch with { Due = Earlier(watch.Due, _resuming[deliveryId]) });
        }
        catch (Exception failure)
        {
            var failures = _failures[deliveryId] = _failures.GetValueOrDefault(deliveryId) + 1;
            LogResumeFailed(failure, deliveryId, failures);
            var delay = Retry.Delay(this.GetGrainId(), failures, _options.FirstRetry, _options.Recheck);
            if (Open.ContainsKey(deliveryId)) Open[deliveryId] = time.GetUtcNow() + delay;
        }
        finally
        {
            _resuming.Remove(deliveryId);
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset? other) => other < one ? other.Value : one;

    [LoggerMessage(LogLevel.Warning, "Request {DeliveryId} could not be resumed ({Failures} times in a row); trying again.")]
    private partial void LogResumeFailed(Exception failure, string deliveryId, int failures);

    [LoggerMessage(LogLevel.Error, "Supervisor shard {Shard} is full with {Count} unsettled requests; it takes no more.")]
    private partial void LogFull(long shard, int count);
}
