using CsCheck;
using DroneDelivery.Invoicing;
using DroneDelivery.Shipping;

namespace DroneDelivery.Domain;

/// <summary>What is flown and what it comes to, whatever happens to the messages.</summary>
public sealed class InvoicingTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<GeoPoint> Place =
        Gen.Select(Gen.Double[-60, 60], Gen.Double[-179, 179], (latitude, longitude) => new GeoPoint(latitude, longitude));

    private static readonly Gen<List<TrackingEvent>> Flights =
        Gen.Select(Place, Gen.Int[0, 900], Gen.Int[0, 3]).List[0, 20].Select(steps =>
        {
            var (events, at, attempt) = (new List<TrackingEvent>(), Noon, 1);
            foreach (var (place, seconds, kind) in steps)
            {
                at = at.AddSeconds(seconds);
                if (kind == 1) attempt++;
                events.Add(new(events.Count + 1, DeliveryStage.HeadedToPickup, at, kind == 2 ? null : place, null, kind == 3 ? null : attempt));
            }

            return events;
        });

    [Fact]
    public void Straight_delivery_counts_the_way_from_the_drone_over_the_pickup_to_the_dropoff()
    {
        var start = new GeoPoint(47, -122);
        var pickup = start.Destination(90, 3_218.688);
        var dropoff = pickup.Destination(0, 1_609.344);
        var record = FlightRecord.Of(
        [
            new(1, DeliveryStage.Created, Noon, start, null, 1),
            new(2, DeliveryStage.HeadedToPickup, Noon.AddMinutes(1), start, null, 1),
            new(3, DeliveryStage.HeadedToDropoff, Noon.AddMinutes(10), pickup, null, 1),
            new(4, DeliveryStage.HeadedToDropoff, Noon.AddMinutes(15), dropoff, "handed over", 1),
            new(5, DeliveryStage.Completed, Noon.AddHours(9), start, "confirmed", null),
        ]);

        Assert.Equal(3, record.Miles, 6);
        Assert.Equal(0.25, record.Hours, 9);
    }

    [Fact]
    public void Missions_given_up_count_and_what_lies_between_missions_does_not()
    {
        var start = new GeoPoint(47, -122);
        var record = FlightRecord.Of(
        [
            new(1, DeliveryStage.Created, Noon, start, null, 1),
            new(2, DeliveryStage.Rescheduled, Noon.AddMinutes(6), start.Destination(90, 1_609.344), "recalled", 1),
            new(3, DeliveryStage.Rescheduled, Noon.AddMinutes(60), start.Destination(180, 50_000), "another drone", 2),
            new(4, DeliveryStage.Completed, Noon.AddMinutes(66), start.Destination(180, 50_000 - 1_609.344), null, 2),
        ]);

        Assert.Equal(2, record.Miles, 6);
        Assert.Equal(0.2, record.Hours, 9);
    }

    [Theory]
    [InlineData(30, 9_000)] // It cannot have flown farther in five minutes.
    [InlineData(100, 10_000)]
    public void Way_that_the_drone_cannot_have_flown_does_not_count(double speed, double metres)
    {
        var start = new GeoPoint(47, -122);
        TrackingEvent[] events =
        [
            new(1, DeliveryStage.HeadedToPickup, Noon, start, null, 1),
            new(2, DeliveryStage.HeadedToDropoff, Noon.AddMinutes(5), start.Destination(90, 10_000), null, 1),
        ];
        Assert.Equal(metres, FlightRecord.Of(events, [new MissionSpeed(2, 1), new MissionSpeed(1, speed)]).Metres, 1e-3);
        Assert.Equal(10_000, FlightRecord.Of(events, [new MissionSpeed(2, 1)]).Metres, 1e-3); // Of an earlier build: not known.
    }

    [Fact]
    public void Way_is_at_least_the_straight_line_of_each_mission_and_the_time_its_length() => Flights.Sample(events =>
    {
        var record = FlightRecord.Of(events);
        var missions = events.Where(entry => entry is { Attempt: not null, Location: not null }).GroupBy(entry => entry.Attempt).ToList();
        var straight = missions.Sum(mission => mission.First().Location!.Value.DistanceTo(mission.Last().Location!.Value));
        Assert.True(record.Metres >= straight - 1e-3, $"{record.Metres} < {straight}");
        Assert.Equal(TimeSpan.FromTicks(missions.Sum(mission => (mission.Last().Time - mission.First().Time).Ticks)), record.Assigned);
    });

    [Fact]
    public void Seeing_the_drone_once_more_on_its_way_changes_nothing() => Gen.Select(Place, Gen.Double[0, 360], Gen.Double[1, 100_000], Gen.Double[0, 1]).Sample(
        (start, bearing, distance, part) =>
        {
            var middle = start.Destination(bearing, distance * part);
            var end = start.Destination(bearing, distance);
            TrackingEvent At(int minute, GeoPoint place) => new(minute + 1, DeliveryStage.HeadedToPickup, Noon.AddMinutes(minute), place, null, 1);

            var direct = FlightRecord.Of([At(0, start), At(9, end)]);
            var seen = FlightRecord.Of([At(0, start), At(4, middle), At(9, end)]);
            Assert.Equal(direct.Metres, seen.Metres, Math.Max(1e-3, distance * 1e-6));
            Assert.Equal(direct.Assigned, seen.Assigned);
        });

    [Fact]
    public void Ledger_counts_each_delivery_once_under_repetition_and_crash() => Ledger(static (state, batch) => state.With(batch), loseUnanswered: false);

    [Fact]
    public void Ledger_that_forgets_whom_it_counted_is_caught() => Assert.ThrowsAny<Exception>(() => Ledger(
        static (state, batch) => (state with { Deliveries = [] }).With(batch) with { Deliveries = [.. state.Deliveries, .. batch.Select(delivery => delivery.DeliveryId)] },
        loseUnanswered: false));

    [Fact]
    public void Sender_that_takes_no_answer_for_one_is_caught() =>
        Assert.ThrowsAny<Exception>(() => Ledger(static (state, batch) => state.With(batch), loseUnanswered: true));

    [Fact]
    public void Sums_do_not_depend_on_the_order() => Gen.Double[0, 1_000].List[0, 30].Sample(weights =>
    {
        var deliveries = weights.Select((weight, number) => new CompletedDelivery($"{number}", weight, weight / 7, weight / 11)).ToList();
        var together = new LedgerState().With(deliveries).Totals;
        var backwards = deliveries.AsEnumerable().Reverse().Aggregate(new LedgerState(), (state, delivery) => state.With([delivery])).Totals;
        Assert.Equal(together, backwards);
    });

    [Fact]
    public void Month_is_its_days()
    {
        var keys = LedgerKey.DaysOf(2028, 2).Select(day => LedgerKey.Of("a/b", day)).ToList();
        Assert.Equal(29, keys.Count);
        Assert.Equal(("a/b/2028-02-01", "a/b/2028-02-29"), (keys[0], keys[^1]));
        Assert.Equal("a/b/2028-02-29", LedgerKey.Of("a/b", new DateTimeOffset(2028, 3, 1, 1, 30, 0, TimeSpan.FromHours(2))));
    }

    private enum Fate
    {
        Stored,
        LostBeforeWrite,
        LostAfterWrite,
    }

    /// <summary>
    /// Deliveries complete in any order, several share a write, writes fail before or after they took effect, and what was not
    /// answered is told again, as the outbox does. In the end the ledger equals the sum over the deliveries.
    /// </summary>
    private static void Ledger(Func<LedgerState, IReadOnlyList<CompletedDelivery>, LedgerState> count, bool loseUnanswered) =>
        Gen.Select(Gen.Int[0, 9].List[1, 4], Gen.Enum<Fate>()).List[1, 30].Sample(writes =>
        {
            var stored = new LedgerState();
            var (completed, unanswered) = (new HashSet<int>(), new HashSet<int>());
            foreach (var (numbers, fate) in writes)
            {
                completed.UnionWith(numbers);
                var next = count(stored, [.. numbers.Distinct().Select(Delivery)]);
                if (fate != Fate.LostBeforeWrite) stored = next;
                if (fate == Fate.Stored || loseUnanswered) unanswered.ExceptWith(numbers);
                else unanswered.UnionWith(numbers);
            }

            foreach (var number in unanswered) stored = count(stored, [Delivery(number)]);

            var sum = completed.Select(Delivery).ToList();
            var expected = new LedgerTotals(
                sum.Count,
                sum.Sum(delivery => LedgerState.Rounded(delivery.Weight)),
                sum.Sum(delivery => LedgerState.Rounded(delivery.Miles)),
                sum.Sum(delivery => LedgerState.Rounded(delivery.Hours)));
            Assert.Equal(expected, stored.Totals);
        });

    private static CompletedDelivery Delivery(int number) => new($"d{number}", 1 + (number / 3.0), number * 1.7, number / 7.0);
}
