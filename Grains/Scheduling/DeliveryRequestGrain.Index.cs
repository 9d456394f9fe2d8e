using DroneDelivery.Queries;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Scheduling;

/// <summary>What the request tells the delivery index: that it was accepted, and its end if no delivery ever was.</summary>
internal sealed partial class DeliveryRequestGrain
{
    private static readonly TimeSpan IndexRetry = TimeSpan.FromSeconds(2);

    private IGrainTimer? _telling;
    private bool _told;
    private bool _tellingFails;

    // Whether everybody who has to know of the end does.
    private bool _endKnown;

    /// <summary>
    /// Makes the request known in a moment. One that has ended by then needs no telling that it began, and one whose drone is committed is told
    /// of by its delivery, which is soon on its way.
    /// </summary>
    private void TellIndexSoon()
    {
        if (_told || _telling is not null) return;
        _telling = this.RegisterGrainTimer(TellIndex, new GrainTimerCreationOptions(DeliveryIndexVersions.RequestSpeaksAfter, IndexRetry) { Interleave = true, KeepAlive = true });
    }

    private async Task TellIndex(CancellationToken cancellationToken)
    {
        try
        {
            if (Document.Status.IsUnscheduled() || Document.Status == RequestStatus.DeadLettered)
            {
                await index.Upsert(Row(DeliveryIndexVersions.Accepted, DeliveryStage.Created, Document.AcceptedAt) with { IsNew = true }, cancellationToken);
                _told = true;
            }

            _telling?.Dispose();
            _telling = null;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            if (!_tellingFails) LogNotIndexed(failure, Id);
            _tellingFails = true;
        }
    }

    /// <summary>Sees to it that everybody who has to know of the end does; false: it has to be tried again.</summary>
    private async Task<bool> TellEnd()
    {
        if (!await Announce()) return false;

        // Without a mission there never was a delivery; asking for it would cost a read.
        var delivery = Document.LastAttempt > 0 ? await FindDelivery() : null;
        if (delivery is not null && (IsBehind(delivery) || !delivery.Drained)) return false;
        if (delivery is null) await index.Upsert(Row(DeliveryIndexVersions.EndedUnshipped, DeliveryStage.Cancelled, Document.UpdatedAt));
        return true;
    }

    private DeliveryIndexEntry Row(long version, DeliveryStage stage, DateTimeOffset since) =>
        new(Id, Document.Order!.OwnerId, version, stage, Document.AcceptedAt, since);

    [LoggerMessage(LogLevel.Warning, "The index could not be told of request {DeliveryId}; trying again.")]
    private partial void LogNotIndexed(Exception failure, string deliveryId);
}
