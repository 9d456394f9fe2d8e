using System.Text;
using System.Text.Json;
using DroneDelivery.Drones;
using DroneDelivery.Notifications;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using Json.Schema;

namespace DroneDelivery.Simulation;

/// <summary>What the owner is told, from the real grains in simulated time; each event against its schema.</summary>
public sealed class EventTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly EvaluationOptions Strict = new() { RequireFormatValidation = true };

    private static readonly Dictionary<string, JsonSchema> Schemas = Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Events"), "*.json")
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => JsonSchema.FromText(File.ReadAllText(file)));

    [Fact]
    public void Delivery_that_completes_is_told_from_request_to_end()
    {
        var told = new Told();
        told.Complete();

        Assert.Equal(
            [NoticeKind.DeliveryRequested, NoticeKind.DeliveryCreated, NoticeKind.DeliveryHeadedToPickup, NoticeKind.DeliveryHeadedToDropoff, NoticeKind.DeliveryCompleted],
            told.Kinds);
        Assert.Equal(["1", "2", "3", "4", "5"], told.Notices.Select(notice => notice.Sequence.TrimStart('0')));
        Assert.All(told.Notices, notice => Assert.Equal("owner", notice.OwnerId));
    }

    [Fact]
    public void Those_who_asked_are_told_of_the_end_once_even_when_they_ask_after_it()
    {
        var told = new Told();
        told.Cluster.Load();
        told.Cluster.Do(told.Cluster.Delivery().NotifyMe(told.Cluster.Command(), new NotificationRequest("a@example.org", "+1")));
        told.Deliver();
        told.Cluster.Do(told.Cluster.Delivery().NotifyMe(told.Cluster.Command(), new NotificationRequest("late@example.org", null)));
        told.Cluster.Pass(Minute);

        Assert.Equal(
            [(NoticeKind.EmailNotificationRequested, "a@example.org"), (NoticeKind.SmsNotificationRequested, "+1"), (NoticeKind.EmailNotificationRequested, "late@example.org")],
            told.Notices.Where(notice => notice.Address is not null).Select(notice => (notice.Kind, notice.Address!)));
        Assert.Equal(told.Notices.Count, told.Notices.Select(notice => notice.Id).Distinct().Count());
    }

    [Fact]
    public void Cancelled_delivery_is_told_once_and_after_everything_that_happened_before()
    {
        var told = new Told();
        told.Cluster.Schedule();
        told.Cluster.Report(phase: MissionPhase.HeadedToPickup);
        told.Cluster.Do(told.Cluster.Request().Cancel(told.Cluster.Command(), "not wanted"));
        told.Cluster.Pass(Minute, "drone");

        Assert.Equal([NoticeKind.DeliveryRequested, NoticeKind.DeliveryCreated, NoticeKind.DeliveryHeadedToPickup, NoticeKind.DeliveryCancelled], told.Kinds);
        Assert.Equal("not wanted", told.Notices[^1].Detail);
    }

    [Fact]
    public void Owner_who_cannot_be_told_for_a_while_hears_all_in_order_and_the_request_stays_watched_until_then()
    {
        var told = new Told { Away = true };
        told.Complete();
        told.Cluster.Pass(Minute);
        Assert.Equal(RequestStatus.Scheduled, told.Cluster.Get().Status);
        Assert.Single(told.Cluster.Supervised());
        Assert.Empty(told.Notices);

        told.Away = false;
        told.Cluster.Pass(Minute);
        Assert.Equal(
            [NoticeKind.DeliveryRequested, NoticeKind.DeliveryCreated, NoticeKind.DeliveryHeadedToPickup, NoticeKind.DeliveryHeadedToDropoff, NoticeKind.DeliveryCompleted],
            told.Kinds);
        Assert.Equal(RequestStatus.Completed, told.Cluster.Get().Status);
        Assert.Empty(told.Cluster.Supervised());
    }

    [Fact]
    public void Incident_comes_after_the_pickup_though_the_delivery_could_not_tell_it_at_once()
    {
        var told = new Told();
        told.Cluster.Load();
        told.Away = true;
        told.Cluster.Pass(5 * Minute);
        Assert.Equal(RequestStatus.Incident, told.Cluster.Get().Status);
        told.Cluster.Cluster.Kill(SimulatedCluster.Id<IDeliveryGrain>("delivery"));
        told.Away = false;
        told.Cluster.Pass(Minute);
        Assert.Equal(
            [NoticeKind.DeliveryHeadedToPickup, NoticeKind.DeliveryHeadedToDropoff, NoticeKind.DeliveryIncidentRaised],
            told.Kinds.Distinct().SkipWhile(kind => kind != NoticeKind.DeliveryHeadedToPickup));
    }

    [Fact]
    public void Every_type_is_emitted_by_the_grains_and_fits_its_schema()
    {
        List<DeliveryNotice> emitted =
        [
            .. Completed(), .. ChangedAndCancelled(), .. Rejected(), .. DeadLetteredResumedAndFailed(), .. IncidentResumed(),
            new DeliveryNotice(NoticeKind.SubscriptionTested, "webhook", "owner", DeliveryNotice.SequenceOf(1), DateTimeOffset.UnixEpoch),
        ];

        Assert.Equal(Enum.GetValues<NoticeKind>(), emitted.Select(notice => notice.Kind).Distinct().Order());
        Assert.Equal(Enum.GetNames<NoticeKind>().Order(StringComparer.Ordinal), Schemas.Keys.Order(StringComparer.Ordinal));
        Assert.All(emitted, AssertValid);
    }

    [Fact]
    public void Schema_refuses_what_is_not_the_event()
    {
        var json = Encoding.UTF8.GetString(CloudEvent.Serialize(Completed().First(notice => notice.Kind == NoticeKind.DeliveryCompleted)));
        foreach (var (from, to) in new[] { ("\"specversion\":\"1.0\"", "\"specversion\":\"0.3\""), ("\"sequence\":\"00", "\"sequence\":\"x0"), ("\"ownerId\":", "\"owner\":"), ("\"latitude\":", "\"latitude\":9") })
        {
            Assert.Contains(from, json, StringComparison.Ordinal);
            using var changed = JsonDocument.Parse(json.Replace(from, to, StringComparison.Ordinal));
            Assert.False(Schemas[nameof(NoticeKind.DeliveryCompleted)].Evaluate(changed.RootElement, Strict).IsValid, to);
        }
    }

    private static void AssertValid(DeliveryNotice notice)
    {
        using var json = JsonDocument.Parse(CloudEvent.Serialize(notice));
        var result = Schemas[notice.Kind.ToString()].Evaluate(json.RootElement, new EvaluationOptions { RequireFormatValidation = true, OutputFormat = OutputFormat.List });
        Assert.True(result.IsValid, $"{json.RootElement}\n{JsonSerializer.Serialize(result)}");
    }

    private static List<DeliveryNotice> Completed()
    {
        var told = new Told();
        told.Cluster.Load();
        told.Cluster.Do(told.Cluster.Delivery().NotifyMe(told.Cluster.Command(), new NotificationRequest("a@example.org", "+1")));
        told.Deliver();
        return told.Notices;
    }

    private static List<DeliveryNotice> ChangedAndCancelled()
    {
        var told = new Told();
        told.Cluster.Schedule();
        told.Cluster.Do(told.Cluster.Request().Reschedule(told.Cluster.Command(), new DeliveryChange(null, null, told.Cluster.Now.AddHours(1), null, null)));
        told.Cluster.Do(told.Cluster.Request().Cancel(told.Cluster.Command(), "not wanted"));
        told.Cluster.Pass(Minute, "drone");
        return told.Notices;
    }

    private static List<DeliveryNotice> Rejected()
    {
        var told = new Told();
        told.Cluster.Submit(told.Cluster.Order(deadline: told.Cluster.Now.AddSeconds(-1)));
        told.Cluster.Pass(Minute);
        return told.Notices;
    }

    private static List<DeliveryNotice> DeadLetteredResumedAndFailed()
    {
        var told = new Told();
        var order = told.Cluster.Order();
        told.Cluster.Cluster.Stores.Fault = () => new UnexplainedException();
        told.Cluster.Break<IPackageGrain>(order.PackageId);
        told.Cluster.Submit(order);
        told.Cluster.Pass(Minute);
        told.Cluster.Do(told.Cluster.Request().Replay(told.Cluster.Command(), "again"));
        told.Cluster.Pass(2 * Minute);
        told.Cluster.Do(told.Cluster.Request().Abandon(told.Cluster.Command(), "hopeless"));
        told.Cluster.Pass(Minute);
        return told.Notices;
    }

    private static List<DeliveryNotice> IncidentResumed()
    {
        var told = new Told();
        told.Cluster.Load();
        told.Cluster.Pass(5 * Minute);
        told.Cluster.Do(told.Cluster.Request().Resolve(told.Cluster.Command(), IncidentResolution.Continued, "it was found"));
        told.Cluster.Pass(TimeSpan.FromSeconds(10));
        return told.Notices;
    }

    /// <summary>A cluster, and what the owner's notifications are told.</summary>
    private sealed class Told
    {
        public Told() => Cluster.Cluster.Intercept = call =>
        {
            if (call.Method.Name != nameof(IOwnerNotificationsGrain.Publish)) return false;
            if (Away)
            {
                call.Fail(new TimeoutException("The notifications are away."));
                return true;
            }

            Notices.AddRange((IReadOnlyList<DeliveryNotice>)call.Arguments[0]!);
            return false;
        };

        public ScriptedCluster Cluster { get; } = new();

        public List<DeliveryNotice> Notices { get; } = [];

        public IEnumerable<NoticeKind> Kinds => Notices.Select(notice => notice.Kind);

        /// <summary>Whether they can't be reached.</summary>
        public bool Away { get; set; }

        public void Complete()
        {
            Cluster.Load();
            Deliver();
        }

        public void Deliver()
        {
            Cluster.Report(phase: MissionPhase.HeadedToDropoff);
            Cluster.Report(phase: MissionPhase.Delivered);
            Cluster.Pass(TimeSpan.FromSeconds(10), "drone");
        }
    }
}
