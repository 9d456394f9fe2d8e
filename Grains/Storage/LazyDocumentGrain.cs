using Orleans.Storage;

namespace DroneDelivery.Storage;

/// <summary>
/// A grain that reads its document when a call needs it. One that makes the document does without: storing it finds out whether there is
/// one already, so that what is new costs no request to learn that it was not there. Its state is a <see cref="LazyStateAttribute"/>.
/// </summary>
internal abstract class LazyDocumentGrain<TState>(IPersistentState<TState> store)
    : DocumentGrain<TState>(store) where TState : class, new()
{
    // The read or write under way before the document is known; one at a time, or the older answer would count.
    private Task _asking = Task.CompletedTask;

    /// <summary>Whether what is stored is known: it was read, or written by this activation.</summary>
    protected bool IsRead { get; private set; }

    public override Task Invoke(IIncomingGrainCallContext context)
    {
        return IsRead ? base.Invoke(context) : NeedsDocument(context.MethodName) ? FirstRead() : context.Invoke();

        async Task FirstRead()
        {
            await Read();
            await context.Invoke();
        }
    }

    /// <summary>Whether a call needs the document before it is read.</summary>
    protected abstract bool NeedsDocument(string method);

    /// <summary>The document has been read; what follows from it, before the first call that needs it.</summary>
    protected virtual Task OnRead() => Task.CompletedTask;

    /// <summary>Reads the document unless it is known. What was only noted stands if nothing is stored, and is forgotten otherwise.</summary>
    protected async Task Read()
    {
        await Others();
        if (!IsRead) await (_asking = ReadNow());
    }

    /// <summary>Stores a first version; false, with the document read, when there is one already.</summary>
    protected async Task<bool> Insert(TState first)
    {
        await Others();
        if (!IsRead)
        {
            var inserting = TryWrite(first);
            _asking = inserting;
            if (await inserting) return true;
            await Read();
        }

        if (Exists) return false;
        await Save(first);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task Save(TState next)
    {
        if (IsRead)
        {
            await base.Save(next);
            return;
        }

        await Others();
        // What was noted without knowing, and is the ground of what comes next, is not so.
        if (IsRead && Exists)
        {
            Lose();
            throw new InconsistentStateException("There is a document already.");
        }

        await (_asking = SaveFirst(next));
    }

    private async Task Others()
    {
        while (!IsRead && !_asking.IsCompleted)
            await _asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext); // Its caller hears of a failure.
    }

    private async Task ReadNow()
    {
        await Reread();
        await OnRead();
        IsRead = true;
    }

    private async Task SaveFirst(TState next)
    {
        await base.Save(next);
        IsRead = true;
    }

    private async Task<bool> TryWrite(TState first)
    {
        IsRead = await TrySave(first);
        return IsRead;
    }
}
