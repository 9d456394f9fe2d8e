using DroneDelivery.Notifications;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Scheduling;

/// <summary>
/// What the request tells its owner. The delivery tells its own; the two are told in the order of cause and effect: a notice that
/// followed an event of the delivery waits for it, and an event of the delivery lets the request go first.
/// </summary>
internal sealed partial class DeliveryRequestGrain
{
    private static readonly TimeSpan AnnounceRetry = TimeSpan.FromSeconds(2);

    private IGrainTimer? _announcer;
    private Task? _announcing;
    private bool _announcingFails;

    // Number of the last notice told by this activation, and of the last tracking event of the delivery that it knows.
    private long _announced;
    private long _flown;

    public Task<bool> AnnounceBefore(long sequence) => Announce(sequence);

    private bool IsOwedToOwner => Document.Outbox is [.., var last] && last.Number > _announced;

    private void AnnounceSoon()
    {
        if (!IsOwedToOwner || _announcer is not null) return;
        _announcer = this.RegisterGrainTimer(
            AnnounceNow, new GrainTimerCreationOptions(TimeSpan.Zero, AnnounceRetry) { Interleave = true, KeepAlive = true });
    }

    private async Task AnnounceNow(CancellationToken cancellationToken)
    {
        try
        {
            if (!await Announce() || IsOwedToOwner) return; // The next tick.
            _announcingFails = false;
            _announcer?.Dispose();
            _announcer = null;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            if (!_announcingFails) LogNotAnnounced(failure, Id);
            _announcingFails = true;
        }
    }

    /// <summary>Tells what is owed and does not come after an event of the delivery; one call at a time, or the order would be lost.</summary>
    /// <param name="before">Number of an event of the delivery; what follows it can wait.</param>
    /// <returns>Whether all of it has been told.</returns>
    private async Task<bool> Announce(long? before = null)
    {
        while (_announcing is { IsCompleted: false } other)
            await other.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext); // Its caller hears of a failure.
        if (!IsOwedToOwner) return true;

        var mine = AnnounceOwed(before);
        _announcing = mine;
        return await mine;
    }

    private async Task<bool> AnnounceOwed(long? before)
    {
        while (Document.Outbox.FirstOrDefault(owed => owed.Number > _announced) is { } next && !(next.After >= before))
        {
            if (next.After > 0 && await FindDelivery() is { } delivery && (IsBehind(delivery, next.After) || delivery.AnnouncedEvent < Math.Min(next.After, delivery.LastEvent))) return false;
            await GrainFactory.GetGrain<IOwnerNotificationsGrain>(Document.Order!.OwnerId).Publish([next.Notice]);
            _announced = next.Number;
        }

        return true;
    }

    [LoggerMessage(LogLevel.Warning, "What happened to request {DeliveryId} could not be handed to its owner's notifications; trying again.")]
    private partial void LogNotAnnounced(Exception failure, string deliveryId);
}
