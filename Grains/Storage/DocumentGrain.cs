using Orleans.Storage;

namespace DroneDelivery.Storage;

/// <summary>
/// A grain whose state is one immutable document. Readers only ever see what is stored: a change becomes visible when its
/// write has succeeded, and a failed write ends the activation, since nobody knows then what the store holds.
/// </summary>
internal abstract class DocumentGrain<TState>(IPersistentState<TState> store) : Grain where TState : class, new()
{
    /// <summary>The document as stored.</summary>
    protected TState Document { get; private set; } = null!;

    /// <summary>Whether it was ever stored.</summary>
    protected bool Exists { get; private set; }

    /// <summary>Whether the document lies in the archive: it can be read, and never changes.</summary>
    protected bool IsArchived { get; private set; }

    /// <summary>Whether a write has failed, so that this activation knows no more what is stored and may not go on.</summary>
    protected bool IsLost { get; private set; }

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Document = store.State;
        Exists = store.RecordExists;
        return Task.CompletedTask;
    }

    /// <summary>Reads the document again: the write of a former activation may have come after this one had read.</summary>
    protected async Task Reread()
    {
        await store.ReadStateAsync();
        Exists = store.RecordExists;
        if (Exists) Document = store.State;
    }

    /// <summary>Stores the next version of the document.</summary>
    protected virtual async Task Save(TState next)
    {
        if (IsArchived) throw new InvalidOperationException("An archived document does not change.");
        await Write(next);
    }

    /// <summary>Stores the document; false when the store holds another version than this activation knows, which is to be read then.</summary>
    protected async Task<bool> TrySave(TState next)
    {
        try
        {
            await Write(next, mayBeStale: true);
            return true;
        }
        catch (InconsistentStateException) when (!IsLost)
        {
            return false;
        }
    }

    /// <summary>Changes the document in memory; the next <see cref="Save"/> takes it along. For what can be had again after a crash.</summary>
    protected void Note(TState next) => Document = next;

    /// <summary>Nobody knows what is stored: this activation ends.</summary>
    protected void Lose()
    {
        IsLost = true;
        DeactivateOnIdle();
    }

    /// <summary>Takes in a document that was found in the archive.</summary>
    protected void Adopt(TState archived) => (Document, Exists, IsArchived) = (archived, true, true);

    /// <summary>
    /// The document lies in the archive by now: deletes it here, or leaves a mark in its place. This activation can go on reading it.
    /// </summary>
    protected async Task Leave(TState? mark)
    {
        if (IsArchived) return;
        await (mark is null ? Change(store.ClearStateAsync) : Change(store.WriteStateAsync, mark));
        IsArchived = true;
        DeactivateOnIdle();
    }

    /// <summary>Deletes the document for good.</summary>
    protected async Task Delete()
    {
        await Change(() => store.RecordExists ? store.ClearStateAsync() : Task.CompletedTask);
        (Document, Exists, IsArchived) = (new TState(), false, false);
        DeactivateOnIdle();
    }

    private async Task Write(TState next, bool mayBeStale = false)
    {
        await Change(store.WriteStateAsync, next, mayBeStale);
        (Document, Exists) = (next, true);
    }

    /// <summary>Changes what is stored. A failure loses track of it, but for a version that is merely stale, where the caller reads again.</summary>
    private async Task Change(Func<Task> change, TState? next = null, bool mayBeStale = false)
    {
        // Calls that were waiting when a write failed still reach this activation; its successor answers them on repetition.
        if (IsLost) throw new InconsistentStateException("This activation has lost track of what is stored.");

        if (next is not null) store.State = next;
        try
        {
            await change();
        }
        catch (Exception failure)
        {
            store.State = Document;
            if (!mayBeStale || failure is not InconsistentStateException) Lose();
            throw;
        }
    }
}
