namespace DroneDelivery.Storage;

/// <summary>
/// Groups the writes of concurrent calls on one reentrant grain: while a write runs, all that come wait for the next one together.
/// </summary>
/// <param name="write">Stores everything that changed before it was called.</param>
internal sealed class GroupCommit(Func<Task> write)
{
    private TaskCompletionSource? _next;
    private bool _running;

    /// <summary>Returns when a write that began after this call has succeeded; throws what it threw.</summary>
    public Task Commit()
    {
        _next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var mine = _next.Task;
        if (!_running) _ = Run();
        return mine;
    }

    private async Task Run()
    {
        _running = true;
        while (_next is { } batch)
        {
            _next = null;
            try
            {
                await write();
                batch.SetResult();
            }
            catch (Exception failure)
            {
                batch.SetException(failure);
            }
        }

        _running = false;
    }
}
