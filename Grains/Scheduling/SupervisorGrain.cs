using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace DroneDelivery.Scheduling;

[GrainType("supervisor"), Reentrant]
internal sealed partial class SupervisorGrain : Grain, ISupervisorGrain, IRemindable
{
    private const string ReminderName = "supervise";
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);

    private readonly IPersistentState<SupervisorState> _store;
    private readonly SchedulingOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SupervisorGrain> _logger;
    private readonly GroupCommit _commit;
    private readonly HashSet<string> _resuming = [];
    private Task? _reminder;

    public SupervisorGrain(
        [PersistentState("supervisor", GrainStores.Supervision)] IPersistentState<SupervisorState> store,
        IOptions<SchedulingOptions> options,
        TimeProvider time,
        ILogger<SupervisorGrain> logger)
    {
        (_store, _options, _time, _logger) = (store, options.Value, time, logger);
        _commit = new GroupCommit(Write);
    }

    private Dictionary<string, DateTimeOffset> Open => _store.State.Open;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // What a former activation left may be stuck: look at everything now.
        foreach (var id in Open.Keys) Open[id] = _time.GetUtcNow();
        this.RegisterGrainTimer(
            ResumeDue, new GrainTimerCreationOptions(TimeSpan.Zero, _options.ShardInterval) { Interleave = true, KeepAlive = true });
        return Task.CompletedTask;
    }

    public async Task Register(string deliveryId, DateTimeOffset due)
    {
        await (_reminder ??= this.RegisterOrUpdateReminder(ReminderName, ReminderPeriod, ReminderPeriod));
        Open[deliveryId] = due;
        await _commit.Commit();
    }

    public Task Postpone(string deliveryId, DateTimeOffset due)
    {
        if (Open.ContainsKey(deliveryId)) Open[deliveryId] = due;
        return Task.CompletedTask;
    }

    public ValueTask Settle(string deliveryId)
    {
        Open.Remove(deliveryId);
        return ValueTask.CompletedTask;
    }

    public Task Wake() => Task.CompletedTask;

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    public ValueTask<IReadOnlyList<SupervisedRequest>> List() => ValueTask.FromResult<IReadOnlyList<SupervisedRequest>>(
        [.. Open.Select(entry => new SupervisedRequest(entry.Key, entry.Value)).OrderBy(entry => entry.Due)]);

    private async Task Write()
    {
        try
        {
            await _store.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }

    private Task ResumeDue(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        var due = Open.Where(entry => entry.Value <= now && !_resuming.Contains(entry.Key))
            .OrderBy(entry => entry.Value)
            .Select(entry => entry.Key)
            .Take(_options.ShardConcurrency - _resuming.Count)
            .ToList();
        foreach (var id in due) _ = ResumeOne(id);
        return Task.CompletedTask;
    }

    private async Task ResumeOne(string deliveryId)
    {
        _resuming.Add(deliveryId);
        try
        {
            var next = await GrainFactory.GetGrain<IDeliveryRequestGrain>(deliveryId).Resume();
            if (next is { } due) await Postpone(deliveryId, due);
            else Open.Remove(deliveryId);
        }
        catch (Exception failure)
        {
            LogResumeFailed(failure, deliveryId);
            await Postpone(deliveryId, _time.GetUtcNow() + _options.Recheck);
        }
        finally
        {
            _resuming.Remove(deliveryId);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Request {DeliveryId} could not be resumed; trying again.")]
    private partial void LogResumeFailed(Exception failure, string deliveryId);
}
