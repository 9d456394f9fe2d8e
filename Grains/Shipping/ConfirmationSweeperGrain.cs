using System.ComponentModel.DataAnnotations;
using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Shipping;

/// <summary>
/// Goes through the days whose time is over, a bounded number of deliveries at a time, and writes down how far it came. A crash repeats a
/// day at most, which deletes nothing twice.
/// </summary>
[GrainType("confirmation-sweeper")]
internal sealed partial class ConfirmationSweeperGrain(
    [PersistentState("confirmation-sweeper", GrainStores.Confirmations)] IPersistentState<ConfirmationSweeperState> store,
    IOptions<ConfirmationOptions> options,
    TimeProvider time,
    ILogger<ConfirmationSweeperGrain> logger) : DocumentGrain<ConfirmationSweeperState>(store), IConfirmationSweeperGrain, IRemindable
{
    private const string ReminderName = "sweep";
    private static readonly TimeSpan ReminderPeriod = TimeSpan.FromHours(1);

    private bool _reminded;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        this.RegisterGrainTimer(Sweep, new GrainTimerCreationOptions(options.Value.SweepInterval, options.Value.SweepInterval) { Interleave = true, KeepAlive = true });
    }

    public async Task Wake()
    {
        if (!Exists) await Save(new ConfirmationSweeperState { Next = Today.AddDays(-1) });
        if (_reminded) return;
        await this.RegisterOrUpdateReminder(ReminderName, ReminderPeriod, ReminderPeriod);
        _reminded = true;
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private async Task Sweep(CancellationToken cancellationToken)
    {
        try
        {
            // A day is over when its last moment is older than the time to keep.
            var last = DateOnly.FromDateTime((time.GetUtcNow() - options.Value.Retention).UtcDateTime).AddDays(-1);
            while (Exists && Document.Next <= last && !cancellationToken.IsCancellationRequested)
            {
                for (var part = 0; part < ConfirmationDays.Parts; part++)
                {
                    while (!await GrainFactory.GetGrain<IConfirmationDayGrain>(ConfirmationDays.Key(Document.Next, part)).Sweep(options.Value.SweepBatch)) ;
                }

                await Save(Document with { Next = Document.Next.AddDays(1) });
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogSweepFailed(failure, Document.Next);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The confirmations of {Day:O} could not be deleted; trying again.")]
    private partial void LogSweepFailed(Exception failure, DateOnly day);
}

/// <summary>Stored form of the sweeper.</summary>
internal sealed record ConfirmationSweeperState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>The first day that may still have something.</summary>
    public DateOnly Next { get; init; }
}

/// <summary>How long the evidence of confirmations is kept; section <c>Confirmations</c>.</summary>
internal sealed class ConfirmationOptions
{
    /// <summary>How long at least; it is deleted within the day after. The delivery goes on saying that it was confirmed, and how.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How often it is looked for what is due.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Most deliveries whose evidence is deleted at the same time.</summary>
    [Range(1, 1_000)]
    public int SweepBatch { get; set; } = 50;
}
