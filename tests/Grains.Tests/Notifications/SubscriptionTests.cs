using DroneDelivery.Simulation;

namespace DroneDelivery.Notifications;

/// <summary>Subscriptions whose receivers fail, in simulated time.</summary>
public sealed class SubscriptionTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ScriptedCluster _cluster = new();
    private int _sequence;

    [Fact]
    public void Receiver_that_is_down_is_asked_ever_more_rarely_and_then_gets_all_in_order_for_each_delivery()
    {
        var webhook = Add("owner");
        var attempts = new List<DateTimeOffset>();
        _cluster.Cluster.Receivers.Answer = (_, _) =>
        {
            attempts.Add(_cluster.Now);
            return SendResult.Failed("down");
        };
        Publish("owner", "d1", "d2", "d1", "d3", "d1", "d2");
        _cluster.Pass(5 * Minute);

        var gaps = attempts.Zip(attempts.Skip(1), (one, next) => next - one).ToList();
        Assert.InRange(attempts.Count, 5, 40);
        Assert.True(gaps[^1] >= TimeSpan.FromSeconds(10), string.Join(", ", gaps));
        var health = _cluster.Do(webhook.Get())!.Health;
        Assert.Equal((SubscriptionStatus.Active, 6, "down"), (health.Status, health.Queued, health.LastFailure));
        Assert.NotNull(health.FailingSince);
        Assert.Equal("webhook", Assert.Single(Watched("owner"), watched => watched.IsTroubled).Id);

        _cluster.Cluster.Receivers.Answer = null;
        _cluster.Pass(Minute);
        Assert.Equal(["d1 1", "d1 3", "d1 5"], Received("owner", "d1"));
        Assert.Equal(["d2 2", "d2 6"], Received("owner", "d2"));
        Assert.Equal(["d3 4"], Received("owner", "d3"));
        Assert.Equal((0, null), (_cluster.Do(webhook.Get())!.Health.Queued, _cluster.Do(webhook.Get())!.Health.FailingSince));
        Assert.DoesNotContain(Watched("owner"), watched => watched.IsTroubled);
    }

    [Fact]
    public void Dead_receiver_holds_up_only_itself()
    {
        Add("owner", "dead");
        Add("owner", "alive");
        Add("other");
        _cluster.Cluster.Receivers.Down = settings => settings.Description == "dead";
        Publish("owner", "d1", "d1");
        Publish("other", "d2");
        _cluster.Pass(Minute);

        Assert.Equal(["d1 1", "d1 2"], Received("owner", "d1"));
        Assert.Equal(["d2 3"], Received("other", "d2"));
        Assert.Equal((2, 0), (Health("owner", "dead").Queued, Health("owner", "alive").Queued));
    }

    [Fact]
    public void Event_that_is_refused_holds_up_its_delivery_only_and_is_given_up_in_the_end()
    {
        Add("owner");
        _cluster.Cluster.Receivers.Answer = (_, notice) => notice.Sequence.EndsWith('1') ? SendResult.Failed("It answered 400.") : null;
        Publish("owner", "d1", "d1", "d2");
        _cluster.Pass(5 * Minute);
        Assert.Empty(Received("owner", "d1"));
        Assert.Equal(["d2 3"], Received("owner", "d2"));

        _cluster.Pass(TimeSpan.FromHours(2));
        var health = Health("owner", "webhook");
        Assert.Equal((SubscriptionStatus.Active, 0, 1L), (health.Status, health.Queued, health.Abandoned));
        Assert.Equal(["d1 2"], Received("owner", "d1"));
    }

    [Fact]
    public void Receiver_that_takes_nothing_for_too_long_is_given_up_until_its_owner_resumes_it()
    {
        var webhook = Add("owner");
        _cluster.Cluster.Receivers.Answer = (_, _) => SendResult.Failed("down");
        Publish("owner", "d1", "d1");
        _cluster.Pass(TimeSpan.FromHours(2) + Minute);
        Assert.Equal(SubscriptionStatus.GivenUp, Health("owner", "webhook").Status);
        Assert.Equal(SubscriptionStatus.GivenUp, Assert.Single(Watched("owner")).Status);

        // Nothing is tried any more, but what comes is kept.
        _cluster.Cluster.Receivers.Answer = (_, _) => throw new InvalidOperationException("It was given up.");
        Publish("owner", "d2");
        _cluster.Cluster.Kill(SimulatedCluster.Id<ISubscriptionGrain>("owner/webhook"));
        _cluster.Pass(10 * Minute);
        Assert.Equal(3, Health("owner", "webhook").Queued);

        _cluster.Cluster.Receivers.Answer = null;
        Assert.Equal(CommandResult.Done, _cluster.Do(webhook.Resume(_cluster.Command())));
        _cluster.Pass(Minute);
        Assert.Equal(["d1 1", "d1 2"], Received("owner", "d1"));
        Assert.Equal(["d2 3"], Received("owner", "d2"));
        Assert.Equal(SubscriptionStatus.Active, Health("owner", "webhook").Status);
    }

    [Fact]
    public void Full_queue_is_shown_and_takes_up_again_when_there_is_room()
    {
        Add("owner");
        _cluster.Cluster.Receivers.Answer = (_, _) => SendResult.Failed("down");
        Publish("owner", [.. Enumerable.Range(0, 105).Select(number => $"d{number}")]);
        var health = Health("owner", "webhook");
        Assert.Equal((100, 5L), (health.Queued, health.Missed));
        _cluster.Pass(Minute);
        Assert.Equal(5, Assert.Single(Watched("owner")).Missed);

        _cluster.Cluster.Receivers.Answer = null;
        _cluster.Pass(Minute);
        Publish("owner", "after");
        _cluster.Pass(Minute);
        Assert.Equal(101, _cluster.Cluster.Receivers.Received["owner"].Count);
        Assert.Equal(5, Health("owner", "webhook").Missed);
    }

    [Fact]
    public void Queue_of_a_silo_that_died_is_sent_though_nothing_new_comes()
    {
        Add("owner");
        _cluster.Cluster.Receivers.Answer = (_, _) => SendResult.Failed("down");
        Publish("owner", "d1");
        foreach (var activation in _cluster.Cluster.Activations) _cluster.Cluster.Kill(activation);
        _cluster.Cluster.Receivers.Answer = null;

        _cluster.Do(Wake("owner")); // As its reminder does.
        _cluster.Pass(Minute);
        Assert.Equal(["d1 1"], Received("owner", "d1"));
    }

    [Fact]
    public void Event_told_twice_while_it_waits_is_sent_once()
    {
        Add("owner");
        _cluster.Cluster.Receivers.Answer = (_, _) => SendResult.Failed("down");
        Publish("owner", "d1");
        _sequence = 0;
        Publish("owner", "d1");
        _cluster.Cluster.Receivers.Answer = null;
        _cluster.Pass(Minute);
        Assert.Single(_cluster.Cluster.Receivers.Received["owner"]);
    }

    [Fact]
    public void Receiver_that_is_gone_is_not_asked_again()
    {
        Add("owner");
        var asked = 0;
        _cluster.Cluster.Receivers.Answer = (_, _) =>
        {
            asked++;
            return new SendResult(false, "It answered 410.", Gone: true);
        };
        Publish("owner", "d1");
        _cluster.Pass(30 * Minute);
        Assert.Equal((1, SubscriptionStatus.GivenUp), (asked, Health("owner", "webhook").Status));
    }

    [Fact]
    public void Paused_webhook_keeps_what_happens_and_a_secret_rotates_with_an_overlap()
    {
        var webhook = Add("owner");
        _cluster.Do(webhook.Change(_cluster.Command(), new WebhookChange(null, null, null, Paused: true)));
        Publish("owner", "d1");
        _cluster.Pass(Minute);
        Assert.Equal((SubscriptionStatus.Paused, 1), (Health("owner", "webhook").Status, Health("owner", "webhook").Queued));

        var until = _cluster.Now + Minute;
        Assert.Equal(CommandResult.Done, _cluster.Do(webhook.Rotate(_cluster.Command(), "whsec_new", until)));
        Assert.Equal(until, _cluster.Do(webhook.Get())!.OldSecretUntil);
        _cluster.Do(webhook.Change(_cluster.Command(), new WebhookChange(null, null, null, Paused: false)));
        _cluster.Pass(2 * Minute);
        Assert.Null(_cluster.Do(webhook.Get())!.OldSecretUntil);
        Assert.Equal(["d1 1"], Received("owner", "d1"));
    }

    [Fact]
    public void Secret_is_told_again_by_the_command_that_made_it_as_long_as_it_signs()
    {
        var webhook = Add("owner");
        var (first, second) = (_cluster.Command(), _cluster.Command());
        _cluster.Do(webhook.Rotate(first, "whsec_first", _cluster.Now + Minute));
        Assert.Equal("whsec_first", Secret(first));

        _cluster.Do(webhook.Rotate(second, "whsec_second", _cluster.Now + Minute));
        Assert.Equal(("whsec_first", "whsec_second", "whsec_second"), (Secret(first), Secret(second), Secret(default)));

        _cluster.Do(webhook.Rotate(_cluster.Command(), "whsec_third", _cluster.Now + Minute));
        Assert.Equal((null, "whsec_second", "whsec_third"), (Secret(first), Secret(second), Secret(default)));

        string? Secret(CommandId madeBy) => _cluster.Do(webhook.GetSecret(madeBy).AsTask());
    }

    [Fact]
    public void Webhook_made_paused_is_sent_nothing_until_it_goes_on()
    {
        var webhook = Add("owner", paused: true);
        Publish("owner", "d1");
        _cluster.Pass(Minute);
        Assert.Equal((SubscriptionStatus.Paused, 1), (Health("owner", "webhook").Status, Health("owner", "webhook").Queued));

        _cluster.Do(webhook.Change(_cluster.Command(), new WebhookChange(null, null, null, Paused: false)));
        _cluster.Pass(Minute);
        Assert.Equal(["d1 1"], Received("owner", "d1"));
    }

    [Fact]
    public void Too_many_webhooks_are_refused_and_a_removed_one_hears_nothing()
    {
        var owner = _cluster.Grains.GetGrain<IOwnerNotificationsGrain>("owner");
        for (var number = 0; number < 10; number++) Add("owner", $"w{number}");
        Assert.Equal(CommandOutcome.Conflict, _cluster.Do(owner.AddWebhook(_cluster.Command(), "w10", Settings, "whsec_")).Outcome);
        Assert.Equal(CommandOutcome.NotFound, _cluster.Do(owner.RemoveWebhook("w10")).Outcome);

        for (var number = 0; number < 10; number++) Assert.Equal(CommandResult.Done, _cluster.Do(owner.RemoveWebhook($"w{number}")));
        Publish("owner", "d1");
        _cluster.Pass(Minute);
        Assert.Empty(_cluster.Cluster.Receivers.Received);
        Assert.Null(_cluster.Do(_cluster.Grains.GetGrain<ISubscriptionGrain>("owner/w0").Get()));
    }

    [Fact]
    public void Subscription_that_cannot_store_holds_up_others_for_a_time_and_then_loses_what_is_counted()
    {
        Add("owner", "broken");
        Add("owner", "alive");
        _cluster.Break<ISubscriptionGrain>("owner/broken");
        var shard = _cluster.Grains.GetGrain<ISubscriptionWatchGrain>(SubscriptionShards.Of(SimulatedCluster.Id<ISubscriptionGrain>("owner/broken")));

        // The sender comes again with the same events until they are taken over.
        var attempts = 0;
        for (var end = _cluster.Now + (2 * Minute); _cluster.Now < end && !TryPublish("d1", 1); attempts++) _cluster.Pass(TimeSpan.FromSeconds(2));
        Assert.InRange(attempts, 5, 40);
        Assert.Equal(["d1 1"], Received("owner", "d1"));
        Assert.True(TryPublish("d1", 2) && TryPublish("d2", 3));
        _cluster.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(["d1 1", "d1 2"], Received("owner", "d1"));
        Assert.Equal(3, Assert.Single(_cluster.Do(shard.List()), health => health.Id == "broken").Missed);

        _cluster.Break<ISubscriptionGrain>("owner/broken", broken: false);
        _cluster.Pass(Minute);
        Assert.True(TryPublish("d3", 4));
        _cluster.Pass(Minute);
        Assert.Equal((SubscriptionStatus.Active, 3L), (Health("owner", "broken").Status, Health("owner", "broken").Missed));
        Assert.Equal(3, Assert.Single(_cluster.Do(shard.List()), health => health.Id == "broken").Missed);
        Assert.Equal(["d3 4", "d3 4"], Received("owner", "d3"));
    }

    [Fact]
    public void Full_queue_keeps_neither_the_delivery_nor_the_other_webhook_from_going_on()
    {
        Add("owner", "full");
        Add("owner", "alive");
        _cluster.Cluster.Receivers.Down = settings => settings.Description == "full";
        var text = new string('漢', 500);
        var order = new NoticeOrder("package", new Place(text, default), new Place(text, default), _cluster.Now, text, false, ConfirmationRequired.None);
        _cluster.Cluster.Notifications.QueueCapacity = 2_000;
        for (var number = 0; number < 200; number++)
        {
            Assert.True(_cluster.Do(_cluster.Grains.GetGrain<IOwnerNotificationsGrain>("owner").Publish(
                [new DeliveryNotice(NoticeKind.DeliveryRequested, $"d{number}", "owner", DeliveryNotice.SequenceOf(1), _cluster.Now, text, Order: order)])));
        }

        _cluster.Pass(Minute);
        var full = Health("owner", "full");
        Assert.True(full.Missed > 0);
        Assert.Equal(200, full.Queued + full.Missed);
        Assert.Equal(200, _cluster.Cluster.Receivers.Received["owner"].Count);
        Assert.All(_cluster.Cluster.Stores.Documents.Values, document => Assert.InRange(document.Json.Length, 1, 1_000_000));
    }

    [Fact]
    public void Shard_that_looks_after_too_many_keeps_its_bytes_and_still_knows_how_they_are()
    {
        var shard = _cluster.Grains.GetGrain<ISubscriptionWatchGrain>(0);
        var failure = new string('漢', 160);
        _cluster.Cluster.Intercept = call =>
        {
            if (call.Method.Name != nameof(ISubscriptionGrain.Wake) || call.Interface != typeof(ISubscriptionGrain)) return false;
            call.Fail(new TimeoutException("It is away."));
            return true;
        };
        for (var number = 0; number < 3_000; number++)
        {
            var (owner, id) = ($"{number:D128}", $"{number:D32}");
            _ = shard.Watch(SubscriptionKey.OfWebhook(owner, id));
            _ = shard.Report(SubscriptionKey.OfWebhook(owner, id), new SubscriptionHealth(owner, id, SubscriptionStatus.GivenUp, 1, _cluster.Now, _cluster.Now, failure, 1, 1));
            if (number % 100 == 0) _cluster.Cluster.RunAll();
        }

        _cluster.Cluster.RunAll();
        var document = Assert.Single(_cluster.Cluster.Stores.Documents, entry => entry.Key == SimulatedCluster.Id<ISubscriptionWatchGrain>(0));
        Assert.InRange(document.Value.Json.Length, 500_000, 1_000_000);
        Assert.Equal(3_000, _cluster.Do(shard.List()).Count);
    }

    private bool TryPublish(string delivery, long sequence)
    {
        var call = _cluster.Grains.GetGrain<IOwnerNotificationsGrain>("owner").Publish(
            [new DeliveryNotice(NoticeKind.DeliveryCreated, delivery, "owner", DeliveryNotice.SequenceOf(sequence), _cluster.Now)]);
        _cluster.Cluster.RunAll();
        return call.IsCompletedSuccessfully;
    }

    private static WebhookSettings Settings { get; } = new("https://example.org", [], null);

    private ISubscriptionGrain Add(string owner, string id = "webhook", bool paused = false)
    {
        var added = _cluster.Do(_cluster.Grains.GetGrain<IOwnerNotificationsGrain>(owner).AddWebhook(_cluster.Command(), id, Settings with { Description = id }, "whsec_old", paused));
        Assert.Equal(CommandResult.Created, added);
        return _cluster.Grains.GetGrain<ISubscriptionGrain>(SubscriptionKey.OfWebhook(owner, id));
    }

    private bool Publish(string owner, params string[] deliveries) => _cluster.Do(_cluster.Grains.GetGrain<IOwnerNotificationsGrain>(owner).Publish(
        [.. deliveries.Select(delivery => new DeliveryNotice(NoticeKind.DeliveryCreated, delivery, owner, DeliveryNotice.SequenceOf(++_sequence), _cluster.Now))]));

    private IEnumerable<string> Received(string owner, string delivery) => (_cluster.Cluster.Receivers.Received.GetValueOrDefault(owner) ?? [])
        .Where(notice => notice.DeliveryId == delivery).Select(notice => $"{delivery} {notice.Sequence.TrimStart('0')}");

    private SubscriptionHealth Health(string owner, string id) =>
        _cluster.Do(_cluster.Grains.GetGrain<ISubscriptionGrain>(SubscriptionKey.OfWebhook(owner, id)).Get())!.Health;

    private ISubscriptionWatchGrain Shard(string owner) =>
        _cluster.Grains.GetGrain<ISubscriptionWatchGrain>(SubscriptionShards.Of(SimulatedCluster.Id<ISubscriptionGrain>(SubscriptionKey.OfWebhook(owner, "webhook"))));

    private async Task<bool> Wake(string owner)
    {
        await Shard(owner).Wake();
        return true;
    }

    private IReadOnlyList<SubscriptionHealth> Watched(string owner) => _cluster.Do(Shard(owner).List());
}
