using DroneDelivery.Notifications;
using DroneDelivery.Queries;
using DroneDelivery.Shipping;

namespace DroneDelivery.Domain;

public sealed class DeliveryOutboxTests
{
    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;
    private static readonly GeoPoint Start = new(47, -122);
    private static readonly TrackingEvent Fetching = new(2, DeliveryStage.Created, At.AddSeconds(3), Start, "Drone d1 will fetch the parcel.", 1);

    private static readonly DeliveryState Made = new()
    {
        Plan = new("owner", "package", new(null, Start), new(null, Start), "", false, ConfirmationRequired.None, At, 1),
        Events = [TrackingEvent.Asked(At), Fetching],
    };

    // Earlier builds began with the drone.
    private static readonly DeliveryState MadeEarlier = Made with { Events = [Fetching with { Sequence = 1 }] };

    [Fact]
    public void Owner_hears_of_the_drone_and_not_again_that_it_was_asked_for()
    {
        var notice = Made.Notice("d", Made.NextOwedToOwner(new())!);

        Assert.Equal((NoticeKind.DeliveryCreated, DeliveryNotice.SequenceOf(2), Fetching.Detail, Start), (notice.Kind, notice.Sequence, notice.Detail, notice.Location!.Value));
        Assert.Equal(1, Made.ToldToOwner(new()));
        Assert.Null(Made.NextOwedToOwner(new() { Notices = 2 }));
    }

    [Fact]
    public void Owner_hears_of_a_delivery_of_an_earlier_build_under_the_number_that_it_has()
    {
        Assert.Equal(1, MadeEarlier.NextOwedToOwner(new())!.Sequence);
        Assert.Null(MadeEarlier.NextOwedToOwner(new() { Notices = 1 }));
    }

    [Fact]
    public void Row_is_new_when_the_drone_was_committed_before_the_request_spoke_for_itself()
    {
        Assert.False(Made.IndexRow("d", new()).IsNew);
        Assert.False(MadeEarlier.IndexRow("d", new()).IsNew);
        Assert.True((Made with { Events = [Made.Events[0], Fetching with { Time = At.AddMilliseconds(500) }] }).IndexRow("d", new()).IsNew);
        Assert.Equal(DeliveryIndexVersions.OfTracking(1), Made.IndexRow("d", new()).Version);
    }
}
