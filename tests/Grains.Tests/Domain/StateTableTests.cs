using CsCheck;
using DroneDelivery.Drones;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Domain;

public sealed class StateTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    // Written out from the specification, one line a stage: what may follow.
    private static readonly Dictionary<DeliveryStage, DeliveryStage[]> Stages = new()
    {
        [DeliveryStage.Created] = [DeliveryStage.HeadedToPickup, DeliveryStage.Rescheduled, DeliveryStage.Cancelled],
        [DeliveryStage.Rescheduled] = [DeliveryStage.HeadedToPickup, DeliveryStage.Rescheduled, DeliveryStage.Cancelled],
        [DeliveryStage.HeadedToPickup] = [DeliveryStage.HeadedToDropoff, DeliveryStage.Rescheduled, DeliveryStage.Cancelled],
        [DeliveryStage.HeadedToDropoff] = [DeliveryStage.Completed],
        [DeliveryStage.Completed] = [],
        [DeliveryStage.Cancelled] = [],
    };

    [Fact]
    public void Stages_move_only_along_the_table() => Assert.All(
        from f in Enum.GetValues<DeliveryStage>() from t in Enum.GetValues<DeliveryStage>() select (f, t),
        pair => Assert.Equal(Stages[pair.f].Contains(pair.t), pair.f.CanMoveTo(pair.t)));

    [Fact]
    public void Final_statuses_have_no_way_out() => Assert.All(
        from f in Enum.GetValues<RequestStatus>() from t in Enum.GetValues<RequestStatus>() select (f, t),
        pair => Assert.False(pair.f.IsFinal() && pair.f.CanMoveTo(pair.t)));

    [Fact]
    public void Every_open_status_can_end() => Assert.All(
        Enum.GetValues<RequestStatus>().Where(status => !status.IsFinal()),
        status => Assert.Contains(Enum.GetValues<RequestStatus>(), next => next.IsFinal() && status.CanMoveTo(next)));

    [Fact]
    public void Tracking_events_stay_gap_free_and_a_forbidden_move_changes_nothing() =>
        Gen.Enum<DeliveryStage>().Array[0, 20].Sample(moves =>
        {
            var state = new DeliveryState().WithEvent(DeliveryStage.Created, Now, null, "");
            foreach (var move in moves)
            {
                if (state.Stage.CanMoveTo(move)) state = state.MoveTo(move, Now, null, "");
                else Assert.Throws<InvalidOperationException>(() => { _ = state.MoveTo(move, Now, null, ""); });
            }

            Assert.Equal(Enumerable.Range(1, state.Events.Count).Select(number => (long)number), state.Events.Select(entry => entry.Sequence));
            Assert.All(state.Events.Zip(state.Events.Skip(1)), pair => Assert.Contains(pair.Second.Stage, Stages[pair.First.Stage]));
        });

    [Fact]
    public void Command_log_keeps_the_last_results_and_stays_small() =>
        Gen.Int[1, 60].Sample(count =>
        {
            var log = new CommandLog();
            for (var number = 0; number < count; number++) log = log.With(new CommandId($"c{number}"), CommandResult.Conflict($"{number}"));
            Assert.Equal(Math.Min(count, CommandLog.Capacity), log.Entries.Count);
            for (var number = Math.Max(0, count - CommandLog.Capacity); number < count; number++)
                Assert.Equal($"{number}", log.Find(new CommandId($"c{number}"))!.Reason);
            Assert.Null(log.Find(new CommandId("other")));
        });

    [Fact]
    public void Tickets_are_served_expedited_then_by_deadline_then_by_age()
    {
        DispatchTicket Ticket(string id, bool expedited, int? deadline, int age) => new(
            id, default, default, 1, PackageSize.Small, expedited, deadline is { } minutes ? Now.AddMinutes(minutes) : null, Now.AddMinutes(-age), Now.AddMinutes(-age));
        DispatchTicket[] tickets =
        [
            Ticket("plain-young", false, null, 1), Ticket("plain-old", false, null, 9), Ticket("due-late", false, 60, 9), Ticket("due-soon", false, 5, 1),
            Ticket("express", true, null, 0), Ticket("aged", false, null, 15), Ticket("aged-more", false, null, 20), Ticket("aged-express", true, 1, 15),
        ];
        Assert.Equal(
            ["aged-more", "aged-express", "aged", "express", "due-soon", "due-late", "plain-old", "plain-young"],
            tickets.Order(new TicketOrder(Now, TimeSpan.FromMinutes(15))).Select(ticket => ticket.DeliveryId));
    }

    [Fact]
    public void Sighting_follows_by_boot_then_sequence() =>
        Gen.Select(Gen.Long[0, 3], Gen.Long[0, 3], Gen.Long[0, 3], Gen.Long[0, 3]).Sample((boot1, sequence1, boot2, sequence2) =>
        {
            var (one, two) = (new Sighting(boot1, sequence1, Now, default, 1), new Sighting(boot2, sequence2, Now, default, 1));
            Assert.Equal((boot1, sequence1).CompareTo((boot2, sequence2)) > 0, one.Follows(two, isAnew: false));
        });

    [Fact]
    public void Change_of_an_order_keeps_what_it_does_not_name()
    {
        var order = new DeliveryOrder(
            "o", "p", new PackageDetails(PackageSize.Small, 1, null), new Place("a", default), new Place("b", default), Now, Now.AddHours(1), "in an hour", false, ConfirmationRequired.None);
        var state = new DeliveryRequestState { Order = order };
        Assert.Equal(order, state.WithChange(new DeliveryChange(null, null, null, null, null)).Order);
        var changed = state.WithChange(new DeliveryChange(new Place("c", default), null, null, "", null)).Order!;
        Assert.Equal(order with { Pickup = new Place("c", default), DeadlineText = "", Deadline = null }, changed);
    }
}
