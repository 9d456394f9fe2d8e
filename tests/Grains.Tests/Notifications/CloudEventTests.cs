namespace DroneDelivery.Notifications;

public sealed class CloudEventTests
{
    private static readonly NoticeKind[] OfRequests =
    [
        NoticeKind.DeliveryRequested, NoticeKind.DeliveryChanged, NoticeKind.DeliveryRejected, NoticeKind.DeliveryCancelled,
        NoticeKind.DeliveryDeadLettered, NoticeKind.DeliveryIncidentRaised, NoticeKind.DeliveryResumed, NoticeKind.DeliveryFailed,
    ];

    public static TheoryData<NoticeKind> Kinds() => [.. Enum.GetValues<NoticeKind>()];

    [Theory, MemberData(nameof(Kinds))]
    public void Every_kind_has_a_source(NoticeKind kind)
    {
        var expected = kind == NoticeKind.SubscriptionTested ? "webhooks" : OfRequests.Contains(kind) ? "deliveryrequests" : "deliveries";

        Assert.Equal($"/{expected}/d1", (string?)CloudEvent.Of(Notice(kind))["source"]);
    }

    [Fact]
    public void Kind_that_nobody_placed_is_not_guessed_by_its_number() => Assert.Throws<ArgumentOutOfRangeException>(() => CloudEvent.Of(Notice((NoticeKind)99)));

    private static DeliveryNotice Notice(NoticeKind kind) => new(kind, "d1", "owner", DeliveryNotice.SequenceOf(1), DateTimeOffset.UnixEpoch);
}
