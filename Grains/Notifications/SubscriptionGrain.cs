using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Storage;

namespace DroneDelivery.Notifications;

/// <summary>
/// Queues durably, sends from the queue. What was sent leaves the stored queue with the next write, so that a crash in between sends it
/// again. Reentrant: whoever hands events in waits for the store only, never for a receiver.
/// </summary>
[GrainType("subscription"), Reentrant]
internal sealed partial class SubscriptionGrain : Grain, ISubscriptionGrain
{
    private static readonly TimeSpan Forever = TimeSpan.FromHours(1);

    private readonly IPersistentState<SubscriptionState> _store;
    private readonly IEventChannels _channels;
    private readonly SecretSeal _seal;
    private readonly NotificationOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SubscriptionGrain> _logger;
    private readonly GroupCommit _commit;
    private readonly CancellationTokenSource _stopping = new();

    // Deliveries whose events wait for an answer, and those whose last attempt failed.
    private readonly HashSet<string> _underWay = [];
    private readonly Dictionary<string, Setback> _setbacks = [];
    private SubscriptionState _state = new();
    private IGrainTimer? _timer;
    private int _requests;
    private int _failures;
    private DateTimeOffset _pausedUntil;
    private DateTimeOffset _lastQueued;
    private DateTimeOffset? _unsavedSince;

    // How often the queue grew, and how much of that is stored.
    private long _queued;
    private long _stored;
    private bool _watched;
    private bool _lost;

    public SubscriptionGrain(
        [PersistentState("subscription", GrainStores.Notifications)] IPersistentState<SubscriptionState> store,
        IEventChannels channels,
        SecretSeal seal,
        IOptions<NotificationOptions> options,
        TimeProvider time,
        ILogger<SubscriptionGrain> logger)
    {
        (_store, _channels, _seal, _options, _time, _logger) = (store, channels, seal, options.Value, time, logger);
        _commit = new GroupCommit(Write);
    }

    private string Key => this.GetPrimaryKeyString();

    private bool IsSink => SubscriptionKey.Split(Key).OwnerId.Length == 0;

    private bool IsMade => IsSink || _state.Settings is not null;

    private ISubscriptionWatchGrain Shard => GrainFactory.GetGrain<ISubscriptionWatchGrain>(SubscriptionShards.Of(this.GetGrainId()));

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _state = _store.State;
        _lastQueued = _time.GetUtcNow();
        SendSoon();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_unsavedSince is not null && !_lost) await _commit.Commit(); // Or what was sent would be sent again.
    }

    public async Task<CommandResult> Create(CommandId command, WebhookSettings settings, string secret, bool paused)
    {
        if (_state.Commands.Find(command) is { } known) return known;
        if (IsMade) return CommandResult.Exists;
        return await Apply(command, CommandResult.Created, new SubscriptionState
        {
            Settings = settings,
            Status = paused ? SubscriptionStatus.Paused : SubscriptionStatus.Active,
            Secrets = [new SigningSecret(_seal.Seal(secret, Key), null, command.Value)],
            CreatedAt = _time.GetUtcNow(),
        });
    }

    public async Task<CommandResult> Change(CommandId command, WebhookChange change)
    {
        if (_state.Commands.Find(command) is { } known) return known;
        if (_state.Settings is not { } settings) return CommandResult.NotFound;
        if (Precondition.Refusal(this.GetGrainId(), SubscriptionSnapshot.VersionOf(settings, _state.Status)) is { } unmet) return unmet;
        return await Apply(command, CommandResult.Done, _state with
        {
            Settings = new(change.Url ?? settings.Url, change.Kinds ?? settings.Kinds, change.Description ?? settings.Description),
            Status = change.Paused switch
            {
                true => SubscriptionStatus.Paused,
                false when _state.Status == SubscriptionStatus.Paused => SubscriptionStatus.Active,
                _ => _state.Status,
            },
        });
    }

    public async Task<CommandResult> Rotate(CommandId command, string secret, DateTimeOffset oldUntil)
    {
        if (_state.Commands.Find(command) is { } known) return known;
        if (_state.Settings is null) return CommandResult.NotFound;
        if (_state.Commands.Refuse(command, _time.GetUtcNow()) is { } full) return full;
        return await Apply(command, CommandResult.Done, _state with
        {
            Secrets = [_state.Secrets[^1] with { Until = oldUntil }, new SigningSecret(_seal.Seal(secret, Key), null, command.Value)],
        });
    }

    public ValueTask<string?> GetSecret(CommandId madeBy) =>
        ValueTask.FromResult(_state.Secrets.LastOrDefault(secret => madeBy == default || secret.MadeBy == madeBy.Value) is { } found ? Open(found) : null);

    public async Task<CommandResult> Resume(CommandId command)
    {
        if (_state.Commands.Find(command) is { } known) return known;
        if (!IsMade) return CommandResult.NotFound;
        _setbacks.Clear();
        (_failures, _pausedUntil) = (0, default);
        return await Apply(command, CommandResult.Done, _state.WithResumed(_time.GetUtcNow()));
    }

    public async Task<WebhookTest?> Test()
    {
        if (_state.Settings is null) return null;
        var now = _time.GetUtcNow();
        var (owner, id) = SubscriptionKey.Split(Key);
        var notice = new DeliveryNotice(
            NoticeKind.SubscriptionTested, id, owner, DeliveryNotice.SequenceOf(now.ToUnixTimeSeconds()), now, "The owner tests this webhook; nothing happened.");
        var result = await Send(_channels.Webhooks, [notice]);
        return new WebhookTest(result.Delivered, result.Reason);
    }

    public async Task Delete()
    {
        _state = new SubscriptionState();
        await _commit.Commit();
        await Shard.Forget(Key);
        _watched = false;
    }

    public async Task Enqueue(IReadOnlyList<DeliveryNotice> notices)
    {
        if (!IsMade) return;
        var now = _time.GetUtcNow();
        if (!_watched && _state.WithQueued(notices, now, _options.QueueCapacity) != _state)
        {
            await Shard.Watch(Key);
            _watched = true;
        }

        var before = _state;
        _state = before.WithQueued(notices, now, _options.QueueCapacity);
        if (_state.Queue.Count > before.Queue.Count) _queued++;
        if (_state != before) _lastQueued = now;

        // What was queued already may be so by a call whose write has not succeeded, or never will.
        if (_stored != _queued) await _commit.Commit();
        else if (_state.Missed > before.Missed) await Miss(before);
        SendSoon();
    }

    public async Task Forget(string deliveryId)
    {
        if (_state.Queue.All(entry => entry.Notice.DeliveryId != deliveryId)) return;
        _state = _state with { Queue = [.. _state.Queue.Where(entry => entry.Notice.DeliveryId != deliveryId)] };
        await _commit.Commit();
    }

    public async Task<CommandResult> Miss(CommandId command, long events)
    {
        if (_state.Commands.Find(command) is { } known) return known;
        if (!IsMade) return CommandResult.NotFound;
        return await Apply(command, CommandResult.Done, _state with { Missed = _state.Missed + events });
    }

    public async Task<SubscriptionHealth?> Wake()
    {
        await SaveIfDue();
        SendSoon();
        var idle = _state.Queue.Count == 0 && _unsavedSince is null && _time.GetUtcNow() - _lastQueued > _options.WatchFor;
        if (!IsMade || (idle && !Health().IsTroubled))
        {
            _watched = false;
            return null;
        }

        _watched = true;
        return Health();
    }

    public ValueTask<SubscriptionSnapshot?> Get()
    {
        var now = _time.GetUtcNow();
        var old = _state.Secrets is [{ Until: { } until }, _] && until > now ? until : (DateTimeOffset?)null;
        return ValueTask.FromResult(_state.Settings is not { } settings
            ? null
            : new SubscriptionSnapshot(settings, Health(), _state.CreatedAt, _state.LastDelivered, old));
    }

    private SubscriptionHealth Health()
    {
        var (owner, id) = SubscriptionKey.Split(Key);
        return new(
            owner, id, _state.Status, _state.Queue.Count, _state.Queue is [var oldest, ..] ? oldest.QueuedAt : null,
            _state.FailingSince, _state.LastFailure, _state.Missed, _state.Abandoned);
    }

    private async Task<CommandResult> Apply(CommandId command, CommandResult result, SubscriptionState next)
    {
        _state = next with { Commands = next.Commands.With(command, result, _time.GetUtcNow()) };
        await _commit.Commit();
        if (_watched) await Tell();
        SendSoon();
        return result;
    }

    /// <summary>Nothing but a number: it is written with the next change, or in a while.</summary>
    private async Task Miss(SubscriptionState before)
    {
        _unsavedSince ??= _time.GetUtcNow();
        if (before.Missed > 0) return;
        LogFull(Key, _state.Queue.Count, _state.Queue.Sum(entry => entry.Bytes));
        await Tell();
    }

    private Task Tell() => Shard.Report(Key, Health());

    private async Task Write()
    {
        if (_lost) throw new InconsistentStateException("This activation has lost track of what is stored.");
        _unsavedSince = null;
        var queued = _queued;
        try
        {
            if (IsMade)
            {
                // Those under a former key, or from before there was one, move to the present key with what is written anyway.
                if (!_state.Secrets.All(secret => _seal.IsCurrent(secret.Value)))
                    _state = _state with { Secrets = [.. _state.Secrets.Select(secret => secret with { Value = _seal.Renew(secret.Value, Key) })] };
                _store.State = _state;
                await _store.WriteStateAsync();
            }
            else if (_store.RecordExists)
            {
                await _store.ClearStateAsync();
            }
        }
        catch
        {
            _lost = true;
            DeactivateOnIdle();
            throw;
        }

        _stored = queued;
    }

    private async Task SaveIfDue()
    {
        if (_unsavedSince is { } since && (_state.Queue.Count == 0 || _time.GetUtcNow() - since >= _options.SaveInterval)) await _commit.Commit();
    }
}
