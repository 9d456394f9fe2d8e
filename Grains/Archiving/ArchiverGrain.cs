using DroneDelivery.Queries;
using DroneDelivery.Scheduling;
using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Archiving;

/// <summary>
/// Goes through the delivery index, pass by pass: each takes the rows that came to their stage between the end of the pass before and the time that is
/// old enough now, a page at a time, and writes down how far it came. A crash repeats a page at most, which archives nothing twice.
/// </summary>
[GrainType("archiver")]
internal sealed partial class ArchiverGrain(
    [PersistentState("archiver", GrainStores.Archive)] IPersistentState<ArchiverState> store,
    IDeliveryIndex index,
    IOptions<ArchiveOptions> options,
    ArchiveMetrics metrics,
    TimeProvider time,
    ILogger<ArchiverGrain> logger) : DocumentGrain<ArchiverState>(store), IArchiverGrain, IRemindable
{
    /// <summary>Most requests that are remembered because they could not be archived; with more, whoever keeps them has to see to them first.</summary>
    internal const int MaxWaiting = 2_000;

    private const string ReminderName = "archive";
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromHours(1);

    private IGrainTimer? _timer;
    private bool _reminded;
    private int _left;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        _timer = this.RegisterGrainTimer(Turn, new GrainTimerCreationOptions(options.Value.Interval, options.Value.Interval) { Interleave = true, KeepAlive = true });
    }

    public async Task Wake()
    {
        if (_reminded) return;
        await this.RegisterOrUpdateReminder(ReminderName, ReminderPeriod, ReminderPeriod);
        _reminded = true;
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    private async Task Turn(CancellationToken cancellationToken)
    {
        try
        {
            _left = options.Value.MostPerTurn;
            while (_left > 0 && !cancellationToken.IsCancellationRequested)
            {
                if (await Pass(cancellationToken)) return; // Until the next interval.
            }

            _timer!.Change(options.Value.Pause, options.Value.Interval);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogTurnFailed(failure);
        }
    }

    /// <summary>One page of a pass; true when the pass is over.</summary>
    private async Task<bool> Pass(CancellationToken cancellationToken)
    {
        if (Document.Ceiling is null)
        {
            // Those left over come first, once in each pass.
            var ceiling = time.GetUtcNow() - options.Value.After;
            if (Document.Floor >= ceiling) return true;
            Note(Document with { Ceiling = ceiling, Waiting = await Archive(Document.Waiting) });
        }

        if (Document.Waiting.Count >= MaxWaiting)
        {
            LogTooManyWait(Document.Waiting.Count);
            await Save(Document with { Ceiling = null, After = null });
            return true;
        }

        var page = await index.Query(
            new DeliveryIndexQuery(From: Document.Floor, To: Document.Ceiling, After: Position(), Limit: options.Value.Concurrency), cancellationToken);
        var waiting = await Archive([.. page.Deliveries.Where(MayHaveEnded).Select(row => row.DeliveryId)]);
        var next = Document with { Waiting = [.. Document.Waiting.Union(waiting)], After = page.Next?.ToString() };
        if (page.Next is null) next = next with { Floor = Document.Ceiling, Ceiling = null };
        await Save(next);
        return page.Next is null;
    }

    private DeliveryIndexPosition? Position() => DeliveryIndexPosition.TryParse(Document.After, out var position) ? position : null;

    /// <summary>
    /// Whatever else ends gets a new row, and with it a later pass. What an operator gave up after pickup stays headed to its dropoff in the index.
    /// </summary>
    private static bool MayHaveEnded(DeliveryIndexEntry row) => row.Stage.IsFinal() || row.Stage == DeliveryStage.HeadedToDropoff;

    /// <summary>Archives them, some at a time; gives those that it has to come back to.</summary>
    private async Task<IReadOnlyList<string>> Archive(IReadOnlyList<string> deliveries)
    {
        var waiting = new List<string>();
        var archived = 0;
        foreach (var some in deliveries.Chunk(options.Value.Concurrency))
        {
            foreach (var (id, result) in some.Zip(await Task.WhenAll(some.Select(Archive))))
            {
                metrics.Count(result?.ToString() ?? "Failed");
                if (result is null or ArchiveResult.NotYet) waiting.Add(id);
                if (result == ArchiveResult.Archived) archived++;
            }

            _left -= some.Length;
        }

        _left--;
        if (archived > 0) LogArchived(archived, waiting.Count);
        return waiting;
    }

    private async Task<ArchiveResult?> Archive(string deliveryId)
    {
        try
        {
            return await GrainFactory.GetGrain<IDeliveryRequestGrain>(deliveryId).Archive();
        }
        catch (Exception failure)
        {
            LogNotArchived(failure, deliveryId);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Information, "Archived {Count} deliveries; {Waiting} more have to wait.")]
    private partial void LogArchived(int count, int waiting);

    [LoggerMessage(LogLevel.Warning, "Delivery {DeliveryId} could not be archived; it is tried again in the next pass.")]
    private partial void LogNotArchived(Exception failure, string deliveryId);

    [LoggerMessage(LogLevel.Warning, "Deliveries could not be archived for now; trying again.")]
    private partial void LogTurnFailed(Exception failure);

    [LoggerMessage(LogLevel.Error, "{Count} deliveries could not be archived, so that no others are: operators have to see to those that are in an incident or dead letters.")]
    private partial void LogTooManyWait(int count);
}

/// <summary>Stored form of the archiver.</summary>
internal sealed record ArchiverState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>What came to its stage earlier has been dealt with; null: nothing has.</summary>
    public DateTimeOffset? Floor { get; init; }

    /// <summary>Where the pass under way ends; null: none is.</summary>
    public DateTimeOffset? Ceiling { get; init; }

    /// <summary>Where its next page begins; null: at its beginning.</summary>
    public string? After { get; init; }

    /// <summary>Deliveries that had not ended for everybody when their turn came.</summary>
    public IReadOnlyList<string> Waiting { get; init; } = [];
}
