using DroneDelivery.Notifications;
using DroneDelivery.Storage;

namespace DroneDelivery.Domain;

/// <summary>What a subscription keeps, counts and gives up.</summary>
public sealed class SubscriptionQueueTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void Repetition_of_what_is_queued_is_dropped() =>
        Assert.Equal(["a", "b"], Queued(new SubscriptionState().WithQueued([Of("a"), Of("b"), Of("a")], Now, 10).WithQueued([Of("b")], Now, 10)));

    [Fact]
    public void Full_queue_keeps_what_it_has_and_counts_the_rest()
    {
        var full = new SubscriptionState().WithQueued([Of("a"), Of("b")], Now, 3).WithQueued([Of("c"), Of("d"), Of("e")], Now, 3);
        Assert.Equal(["a", "b", "c"], Queued(full));
        Assert.Equal(2, full.Missed);
        Assert.Equal(3, full.WithQueued([Of("f")], Now, 3).Missed);
    }

    /// <summary>Cosmos DB takes documents of 2 MB, and a queue has to leave room for what stands beside it.</summary>
    [Theory]
    [InlineData("漢")]
    [InlineData("😀")]
    [InlineData("\u0001")]
    [InlineData("x")]
    public void Queue_keeps_to_its_bytes_whatever_the_texts_and_counts_the_rest(string letter)
    {
        var place = new Place(string.Concat(Enumerable.Repeat(letter, 500 / letter.Length)), new GeoPoint(47.123456789012, -122.123456789012, 12.3456789012));
        var order = new NoticeOrder("package", place, place, Now, place.Text![..256], true, ConfirmationRequired.None);
        var state = new SubscriptionState();
        foreach (var some in Enumerable.Range(0, 2_000).Chunk(50))
            state = state.WithQueued(some.Select(number => Of($"{number:D32}") with { Order = order, Detail = place.Text }), Now.AddTicks(some[0]), 2_000);

        Assert.InRange(new GrainStateSerializer().Serialize(state).ToMemory().Length, 500_000, 1_000_000);
        Assert.Equal(2_000, state.Queue.Count + state.Missed);
        Assert.Equal(state.Queue.Select((_, number) => $"{number:D32}"), Queued(state));

        var sent = state.WithDelivered([.. state.Queue.Take(10).Select(entry => entry.Notice)], Now);
        Assert.Equal(state.Missed, sent.WithQueued([Of("there is room again")], Now, 2_000).Missed);
    }

    [Fact]
    public void Reason_of_a_failure_is_cut() =>
        Assert.InRange(new SubscriptionState().WithFailure([], new string('漢', 5_000), false, Now, Day).LastFailure!.StoredBytes(), 400, BoundedText.ShortBytes);

    [Fact]
    public void Kinds_that_are_not_wanted_change_nothing()
    {
        var picky = new SubscriptionState { Settings = new WebhookSettings("https://example.org", [NoticeKind.DeliveryFailed], null) };
        Assert.Same(picky, picky.WithQueued([Of("a")], Now, 10));
        Assert.Equal(["b"], Queued(picky.WithQueued([Of("a"), Of("b") with { Kind = NoticeKind.DeliveryFailed }], Now, 10)));
    }

    [Fact]
    public void Subscription_that_takes_nothing_for_too_long_is_given_up_with_its_queue_kept()
    {
        var queued = new SubscriptionState().WithQueued([Of("a"), Of("b")], Now, 10);
        var failing = queued.WithFailure([Of("a")], "no", false, Now.AddHours(23), Day);
        Assert.Equal((SubscriptionStatus.Active, Now.AddHours(23), "no"), (failing.Status, failing.FailingSince!.Value, failing.LastFailure!));

        var given = failing.WithFailure([Of("a")], "still no", false, Now.AddHours(24), Day);
        Assert.Equal((SubscriptionStatus.GivenUp, "still no", Now.AddHours(23)), (given.Status, given.LastFailure!, given.FailingSince!.Value));
        Assert.Equal(["a", "b"], Queued(given));

        var resumed = given.WithResumed(Now.AddHours(30));
        Assert.Equal((SubscriptionStatus.Active, 2, null), (resumed.Status, resumed.Queue.Count, resumed.FailingSince));
        Assert.Equal(SubscriptionStatus.Active, resumed.WithFailure([Of("a")], "no", false, Now.AddHours(53), Day).Status);
        Assert.Equal(SubscriptionStatus.GivenUp, resumed.WithFailure([Of("a")], "no", false, Now.AddHours(54), Day).Status);
    }

    [Fact]
    public void Event_that_is_not_taken_while_others_are_is_given_up_alone()
    {
        var queued = new SubscriptionState().WithQueued([Of("a"), Of("b")], Now, 10).WithDelivered([Of("b")], Now.AddHours(1));
        var given = queued.WithFailure([Of("a")], "It answered 400.", false, Now.AddHours(25), Day);
        Assert.Equal((SubscriptionStatus.Active, 1L, 0), (given.Status, given.Abandoned, given.Queue.Count));
    }

    [Fact]
    public void Receiver_that_is_gone_is_given_up_at_once() =>
        Assert.Equal(SubscriptionStatus.GivenUp, new SubscriptionState().WithQueued([Of("a")], Now, 10).WithFailure([Of("a")], "410", gone: true, Now, Day).Status);

    [Fact]
    public void Old_secret_signs_until_its_time_is_over()
    {
        var state = new SubscriptionState { Secrets = [new SigningSecret("old", Now), new SigningSecret("new", null)] };
        Assert.Equal(["old", "new"], state.SecretsAt(Now.AddTicks(-1)));
        Assert.Equal(["new"], state.SecretsAt(Now));
        Assert.DoesNotContain("old", state.Secrets[0].ToString(), StringComparison.Ordinal);
    }

    private static DeliveryNotice Of(string id) => new(NoticeKind.DeliveryCompleted, id, "owner", "1", Now);

    private static IEnumerable<string> Queued(SubscriptionState state) => state.Queue.Select(entry => entry.Notice.DeliveryId);
}
