using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace DroneDelivery.Scheduling;

[GrainType("supervisor"), Reentrant]
internal sealed partial class SupervisorGrain(
    [PersistentState("supervisor", GrainStores.Supervision)] IPersistentState<SupervisorState> store,
    IOptions<SchedulingOptions> options,
    SupervisionMetrics metrics,
    TimeProvider time,
    ILogger<SupervisorGrain> logger) : GroupCommitGrain<SupervisorState>(store), ISupervisorGrain, IRemindable
{
    /// <summary>
    /// For how long a registration stands though its request is not found: its insert may still be under way, or another life not have seen it. The request
    /// registers again when its insert took longer than half of it, so that stale reads have the other half.
    /// </summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    private const string ReminderName = "supervise";

    private readonly SchedulingOptions _options = options.Value;

    // Requests being resumed, and the time by which one of them asked to be looked at meanwhile.
    private readonly Dictionary<string, DateTimeOffset?> _resuming = [];
    private readonly Dictionary<string, int> _failures = [];

    // When each request was registered with this life; what was read is as new as the life.
    private readonly Dictionary<string, long> _registered = [];
    private long _readAt;

    // Since when a request says that it is settled although operators see it.
    private readonly Dictionary<string, long> _doubted = [];

    private Dictionary<string, DateTimeOffset> Open => State.Open;

    // Also those that the document has no room for.
    private Dictionary<string, ShardFlag> Flags { get; } = [];

    private readonly OwnerShares _shares = new();

    private int _flagBytes;
    private bool _isFull;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        _readAt = time.GetTimestamp();
        foreach (var (id, flag) in State.Flags)
        {
            Flags.Add(id, flag);
            _flagBytes += ShardBytes.OfFlag(id, flag);
        }

        // What a former activation left may be stuck, and may be due earlier than was stored: look at everything now.
        foreach (var id in Open.Keys) Open[id] = time.GetUtcNow();
        this.RegisterGrainTimer(
            ResumeDue, new GrainTimerCreationOptions(TimeSpan.Zero, _options.ShardInterval) { Interleave = true, KeepAlive = true });
        this.RegisterGrainTimer(_ => Remind(ReminderName), new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan) { Interleave = true }); // Not when a client waits.
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        metrics.Forget(this.GetPrimaryKeyLong());
        return base.OnDeactivateAsync(reason, cancellationToken);
    }

    public async Task<bool> Register(string deliveryId, DateTimeOffset due, string? ownerId = null)
    {
        if (!Open.ContainsKey(deliveryId))
        {
            if (!HasRoomFor(deliveryId))
            {
                if (!_isFull) LogFull(this.GetPrimaryKeyLong(), Open.Count);
                _isFull = true;
                return false;
            }

            if (ownerId is not null && _shares.Of(ownerId) >= _options.OwnerShare * (_options.ShardCapacity - Open.Count)) return false;
        }

        _isFull = false;
        if (ownerId is not null) _shares.Add(deliveryId, ownerId);
        Expect(deliveryId, due);
        _registered[deliveryId] = time.GetTimestamp();
        await Remind(ReminderName);
        await Commit();
        return true;
    }

    public async Task Postpone(string deliveryId, Watch watch)
    {
        if (!Open.ContainsKey(deliveryId)) return;
        if (watch.OwnerId is not null) _shares.Add(deliveryId, watch.OwnerId);
        Expect(deliveryId, watch.Due);
        if (watch.Due <= time.GetUtcNow()) _ = ResumeDue(CancellationToken.None);
        if (Mark(deliveryId, watch)) await Commit();
    }

    public async ValueTask<bool> Watches(string deliveryId)
    {
        await Verify();
        return Open.ContainsKey(deliveryId);
    }

    public Task Wake() => Task.CompletedTask;

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    public async ValueTask<IReadOnlyList<SupervisedRequest>> List()
    {
        await Verify();
        return [.. Open.Select(entry => new SupervisedRequest(entry.Key, entry.Value, _failures.GetValueOrDefault(entry.Key))).OrderBy(entry => entry.Due)];
    }

    public async ValueTask<IReadOnlyList<FlaggedRequest>> ListFlagged(RequestFlag flag)
    {
        await Verify();
        return [.. Flags.Where(entry => entry.Value.Flag == flag)
            .Select(entry => new FlaggedRequest(entry.Key, flag, entry.Value.Reason, entry.Value.Since, entry.Value.OwnerId))
            .OrderBy(entry => entry.Since)];
    }

    private void Expect(string deliveryId, DateTimeOffset due)
    {
        Open[deliveryId] = due;
        if (_resuming.ContainsKey(deliveryId)) _resuming[deliveryId] = due; // The answer under way does not know of this.
    }

    /// <summary>Takes in what operators see; true when it changed.</summary>
    private bool Mark(string deliveryId, Watch watch)
    {
        if (watch.Flag is not { } kind) return Lower(deliveryId);
        var flag = new ShardFlag(kind, watch.Reason.Cut(BoundedText.ShortBytes), watch.Since ?? time.GetUtcNow(), watch.OwnerId);
        if (Flags.GetValueOrDefault(deliveryId) == flag) return false;
        Lower(deliveryId);
        Flags.Add(deliveryId, flag);
        var bytes = ShardBytes.OfFlag(deliveryId, flag);
        if (_flagBytes + bytes > SupervisorState.FlagBytes) return true;
        State.Flags.Add(deliveryId, flag);
        _flagBytes += bytes;
        return true;
    }

    private bool Lower(string deliveryId)
    {
        if (State.Flags.Remove(deliveryId, out var stored)) _flagBytes -= ShardBytes.OfFlag(deliveryId, stored);
        return Flags.Remove(deliveryId);
    }

    private int OpenBytes => Open.Keys.Sum(ShardBytes.OfOpen);

    private double Fullness => Math.Max((double)Open.Count / _options.ShardCapacity, (double)OpenBytes / SupervisorState.OpenBytes);

    private bool HasRoomFor(string deliveryId)
    {
        if (Open.Count >= _options.ShardCapacity) return false;
        return Open.Count < SupervisorState.AlwaysFit || OpenBytes + ShardBytes.OfOpen(deliveryId) <= SupervisorState.OpenBytes;
    }

    private void Forget(string deliveryId)
    {
        Open.Remove(deliveryId);
        _shares.Remove(deliveryId);
        Lower(deliveryId);
        _failures.Remove(deliveryId);
        _registered.Remove(deliveryId);
        _doubted.Remove(deliveryId);
    }

    private async Task ResumeDue(CancellationToken cancellationToken)
    {
        metrics.Note(this.GetPrimaryKeyLong(), Fullness);
        if (Open.Count > 0) await Verify(); // A life that has a successor would resume the same requests without end.
        var now = time.GetUtcNow();
        var due = Open.Where(entry => entry.Value <= now && !_resuming.ContainsKey(entry.Key))
            .OrderBy(entry => entry.Value)
            .Select(entry => entry.Key)
            .Take(_options.ShardConcurrency - _resuming.Count)
            .ToList();
        foreach (var id in due) _ = ResumeOne(id);
    }

    private async Task ResumeOne(string deliveryId)
    {
        _resuming.Add(deliveryId, null);
        var asked = time.GetTimestamp();
        try
        {
            var watch = await GrainFactory.GetGrain<IDeliveryRequestGrain>(deliveryId).Resume();
            _failures.Remove(deliveryId);
            if (watch is { IsMissing: false })
            {
                _doubted.Remove(deliveryId);
                await Postpone(deliveryId, watch with { Due = Earlier(watch.Due, _resuming[deliveryId]) });
            }
            else if (_resuming[deliveryId] is null)
            {
                LetGo(deliveryId, isMissing: watch is not null, asked);
            }
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

    /// <summary>
    /// Forgets a request that says it is settled, or that was not found long after it was registered. Another life of it may know better in two cases: it is not
    /// found, as its insert is under way, or operators see it, as that life has heard an alarm. Then it is asked again after the grace.
    /// </summary>
    private void LetGo(string deliveryId, bool isMissing, long asked)
    {
        long? since = null;
        if (isMissing) since = Math.Max(_readAt, _registered.GetValueOrDefault(deliveryId));
        else if (Flags.ContainsKey(deliveryId)) since = _doubted.TryGetValue(deliveryId, out var doubted) ? doubted : _doubted[deliveryId] = asked;

        if (since is not { } from || time.GetElapsedTime(from, asked) is var passed && passed >= Grace) Forget(deliveryId);
        else Open[deliveryId] = time.GetUtcNow() + Grace - passed;
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset? other) => other < one ? other.Value : one;

    [LoggerMessage(LogLevel.Warning, "Request {DeliveryId} could not be resumed ({Failures} times in a row); trying again.")]
    private partial void LogResumeFailed(Exception failure, string deliveryId, int failures);

    [LoggerMessage(LogLevel.Error, "Supervisor shard {Shard} is full with {Count} unsettled requests; it takes no more.")]
    private partial void LogFull(long shard, int count);
}
