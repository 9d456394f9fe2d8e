using DroneDelivery.Drones;
using DroneDelivery.Scheduling;
using DroneDelivery.ThirdParty;

namespace DroneDelivery.Domain;

/// <summary>What a request keeps of alarms, and a partner's order of reports.</summary>
public sealed class AlarmAndReportTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly RequestAlarm Alarm = new(DroneEventKind.StrayParcel, "drone", 1, Now, "It has a parcel.");

    [Fact]
    public void Later_alarm_does_not_change_since_when_the_request_waits_for_an_operator()
    {
        var state = new DeliveryRequestState().WithAlarm(Alarm)!.WithAlarm(Alarm with { Attempt = 2, Time = Now.AddHours(1) })!;
        Assert.Equal((Now, 2), (state.FlaggedAt, state.Alarms.Count));
    }

    [Fact]
    public void Alarm_is_taken_in_once_as_a_fact_and_once_as_a_doubt()
    {
        var state = new DeliveryRequestState().WithAlarm(Alarm)!;
        Assert.Null(state.WithAlarm(Alarm));
        state = state.WithAlarm(Alarm, isDoubt: true);
        Assert.NotNull(state);
        Assert.Null(state.WithAlarm(Alarm, isDoubt: true));
    }

    [Fact]
    public void Status_of_a_partner_counts_from_when_it_was_first_learnt()
    {
        var order = new PartnerOrderState { Status = PartnerStatus.Accepted, Since = Now };
        var eta = Now.AddMinutes(30);
        var again = order.With(new("delivery", 1, PartnerStatus.Accepted, Now, PickupEta: eta), Now.AddMinutes(5));
        Assert.Equal((Now, eta), (again.Since, again.PickupEta));
        Assert.Equal(Now.AddMinutes(6), again.With(new("delivery", 1, PartnerStatus.HeadedToPickup, Now), Now.AddMinutes(6)).Since);
    }
}
