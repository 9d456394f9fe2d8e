namespace DroneDelivery.Storage;

/// <summary>
/// A reentrant grain whose calls change one state in memory and have it stored together. A failed write ends the activation, since nobody knows then
/// what the store holds.
/// </summary>
internal abstract class GroupCommitGrain<TState> : Grain
{
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromMinutes(1);

    private readonly IPersistentState<TState> _store;
    private readonly GroupCommit _commit;
    private Task? _reminder;

    protected GroupCommitGrain(IPersistentState<TState> store)
    {
        _store = store;
        _commit = new GroupCommit(Write);
    }

    /// <summary>The state, with changes that may not be stored yet.</summary>
    protected TState State => _store.State;

    /// <summary>Returns when a write that began after this call has succeeded.</summary>
    protected Task Commit() => _commit.Commit();

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
}
