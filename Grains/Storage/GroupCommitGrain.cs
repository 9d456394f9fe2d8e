using Microsoft.Extensions.DependencyInjection;

namespace DroneDelivery.Storage;

/// <summary>
/// A reentrant grain whose calls change one state in memory and have it stored together. A failed write ends the activation, since nobody knows then
/// what the store holds. An activation stores before it serves: what a former life has under way, or is told later, fails then, and its callers come here.
/// </summary>
internal abstract class GroupCommitGrain<TState> : Grain
{
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);

    private readonly IPersistentState<TState> _store;
    private readonly GroupCommit _commit;
    private Task? _reminder;
    private long _storedAt;

    protected GroupCommitGrain(IPersistentState<TState> store)
    {
        _store = store;
        _commit = new GroupCommit(Write);
    }

    /// <summary>The state, with changes that may not be stored yet.</summary>
    protected TState State => _store.State;

    private TimeProvider Clock => field ??= ServiceProvider.GetRequiredService<TimeProvider>();

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken) => Fence();

    /// <summary>Returns when a write that began after this call has succeeded.</summary>
    protected Task Commit() => _commit.Commit();

    /// <summary>
    /// Finds out whether another life has stored meanwhile, if this one has not stored for a while: what is only read would otherwise be answered from a stale state
    /// without end.
    /// </summary>
    protected Task Verify() => Clock.GetElapsedTime(_storedAt) < Freshness.Bound ? Task.CompletedTask : Commit();

    /// <summary>Deletes the document, if there is one.</summary>
    protected Task Clear() => _store.RecordExists ? _store.ClearStateAsync() : Task.CompletedTask;

    /// <summary>Has the grain woken each minute from now on; once for an activation.</summary>
    protected async Task Remind(string name)
    {
        try
        {
            await (_reminder ??= this.RegisterOrUpdateReminder(name, ReminderPeriod, ReminderPeriod));
        }
        catch
        {
            _reminder = null;
            throw;
        }
    }

    private async Task Fence()
    {
        await _store.WriteStateAsync();
        _storedAt = Clock.GetTimestamp();
    }

    private async Task Write()
    {
        try
        {
            await Fence();
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }
}
