using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace DroneDelivery.Storage;

/// <summary>
/// A grain whose state is one immutable document. Readers only ever see what is stored: a change becomes visible when its
/// write has succeeded, and a failed write ends the activation, since nobody knows then what the store holds. A grain can have two lives for a moment: what one
/// writes the other finds out with its next write, and when it only reads, with <see cref="Refresh"/>.
/// </summary>
internal abstract class DocumentGrain<TState>(IPersistentState<TState> store) : Grain, IIncomingGrainCallFilter where TState : class, new()
{
    private static readonly TimeSpan RefreshRetry = TimeSpan.FromSeconds(10);

    // A comparison with the store, or a change of it; one at a time.
    private Task _comparing = Task.CompletedTask;
    private Task _changing = Task.CompletedTask;

    // When the store was last heard of, by a clock that only goes forward.
    private long _heardAt;

    /// <summary>The document as stored.</summary>
    protected TState Document { get; private set; } = null!;

    /// <summary>Whether it was ever stored.</summary>
    protected bool Exists { get; private set; }

    /// <summary>Whether the document lies in the archive: it can be read, and never changes.</summary>
    protected bool IsArchived { get; private set; }

    /// <summary>Whether a write has failed, so that this activation knows no more what is stored and may not go on.</summary>
    protected bool IsLost { get; private set; }

    private TimeProvider Clock => field ??= ServiceProvider.GetRequiredService<TimeProvider>();

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Document = store.State;
        Exists = store.RecordExists;
        _heardAt = Clock.GetTimestamp();
        return Task.CompletedTask;
    }

    /// <summary>Lets a call see a document that is not too old.</summary>
    public virtual Task Invoke(IIncomingGrainCallContext context)
    {
        return IsOld(Freshness.Bound) && AnswersFromDocument(context.MethodName) ? Refreshed() : context.Invoke();

        async Task Refreshed()
        {
            await Refresh(Freshness.Bound);
            await context.Invoke();
        }
    }

    /// <summary>Whether the answer to a call says something about the document, so that it must not be too old.</summary>
    protected virtual bool AnswersFromDocument(string method) => true;

    /// <summary>
    /// Finds out whether another life has stored since this one heard of the store, if that is long ago; this one ends then, and the caller comes to the other.
    /// While the store is away no life can store: the answer comes from memory.
    /// </summary>
    /// <param name="bound">How long ago is long ago.</param>
    protected async Task Refresh(TimeSpan bound)
    {
        if (!IsOld(bound)) return;
        try
        {
            await Verify(bound);
        }
        catch (Exception failure) when (failure is not InconsistentStateException)
        {
            _heardAt = Clock.GetTimestamp() - (long)((bound - RefreshRetry).TotalSeconds * Clock.TimestampFrequency);
        }
    }

    /// <summary>The same for who concludes something: throws while the store cannot be asked.</summary>
    /// <param name="bound">How long ago the store was heard of for it to be asked.</param>
    protected async Task Verify(TimeSpan bound)
    {
        while (!_changing.IsCompleted || !_comparing.IsCompleted)
            await Task.WhenAll(_changing, _comparing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext); // Their callers hear of a failure.
        ThrowIfLost();
        if (!IsArchived && Clock.GetElapsedTime(_heardAt) >= bound) await (_comparing = Compare());
    }

    // A change under way finds out by itself whether it is stale.
    private bool IsOld(TimeSpan bound) => !IsArchived && !IsLost && _changing.IsCompleted && Clock.GetElapsedTime(_heardAt) >= bound;

    private void ThrowIfLost()
    {
        // Calls that were waiting when a write failed still reach this activation; its successor answers them on repetition.
        if (IsLost) throw new InconsistentStateException("This activation has lost track of what is stored.");
    }

    /// <summary>Reads the document again: the write of a former activation may have come after this one had read.</summary>
    protected async Task Reread()
    {
        await store.ReadStateAsync();
        _heardAt = Clock.GetTimestamp();
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

    private Task Write(TState next, bool mayBeStale = false) => Change(
        async () =>
        {
            await store.WriteStateAsync();
            (Document, Exists) = (next, true);
        },
        next,
        mayBeStale);

    private Task Change(Func<Task> change, TState? next = null, bool mayBeStale = false)
    {
        ThrowIfLost();
        return _changing = Run(change, next, mayBeStale);
    }

    /// <summary>Changes what is stored. A failure loses track of it, but for a version that is merely stale, where the caller reads again.</summary>
    private async Task Run(Func<Task> change, TState? next, bool mayBeStale)
    {
        await _comparing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        ThrowIfLost();
        if (next is not null) store.State = next;
        try
        {
            await change();
            _heardAt = Clock.GetTimestamp();
        }
        catch (Exception failure)
        {
            store.State = Document;
            if (!mayBeStale || failure is not InconsistentStateException) Lose();
            throw;
        }
    }

    private async Task Compare()
    {
        var known = store.Etag;
        await store.ReadStateAsync();
        var isStale = store.Etag != known;
        store.State = Document;
        if (!isStale)
        {
            _heardAt = Clock.GetTimestamp();
            return;
        }

        Lose();
        throw new InconsistentStateException("Another activation has stored a newer version.");
    }
}
