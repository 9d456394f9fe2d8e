using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace DroneDelivery.Notifications;

[GrainType("owner-notifications"), Reentrant]
internal sealed partial class OwnerNotificationsGrain(IOptions<NotificationOptions> options, ILogger<OwnerNotificationsGrain> logger)
    : Grain, IOwnerNotificationsGrain
{
    public Task<bool> Publish(IReadOnlyList<DeliveryNotice> notices)
    {
        if (options.Value.Log)
        {
            foreach (var notice in notices) LogEvent(notice.Id, notice.Kind, notice.DeliveryId, notice.Sequence, notice.Time);
        }

        return Task.FromResult(false);
    }

    [LoggerMessage(LogLevel.Information, "Event {EventId}: {Kind} of {DeliveryId}, number {Sequence}, at {Time:O}.")]
    private partial void LogEvent(string eventId, NoticeKind kind, string deliveryId, string sequence, DateTimeOffset time);
}
