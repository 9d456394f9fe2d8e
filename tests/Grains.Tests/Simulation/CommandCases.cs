using System.Text.Json;
using DroneDelivery.Accounts;
using DroneDelivery.Drones;
using DroneDelivery.Notifications;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;

namespace DroneDelivery.Simulation;

/// <summary>How a command is given again and how its effect shows.</summary>
/// <param name="Send">Gives the command.</param>
/// <param name="Effect">What there is to see of it.</param>
/// <param name="Other">Another command, or an event, that changes what there is to see; null: nothing can after this one.</param>
/// <param name="Before">What has to be there first.</param>
/// <param name="SaysWhatHolds">Whether the answer after the other command says what holds then.</param>
internal sealed record CommandCase(
    Func<ScriptedCluster, CommandId, object?> Send,
    Func<ScriptedCluster, object?> Effect,
    Action<ScriptedCluster>? Other = null,
    Action<ScriptedCluster>? Before = null,
    bool SaysWhatHolds = false)
{
    private const string Id = "delivery";
    private static readonly GeoPoint Here = new(10.025, 20.025);
    private static readonly Place Somewhere = new("somewhere", Here);
    private static readonly DroneCapabilities Capabilities = new(100, PackageSize.Large, 900, 200, 100, 20, 5_000, 60_000, 1);
    private static readonly WebhookSettings Webhook = new("https://example.org", [], "new");
    private static readonly MissionEta Eta = new(null, new(2026, 1, 1, 1, 0, 0, TimeSpan.Zero));
    private static readonly DeliveryConfirmation Voice = new(ConfirmationRequired.Voice, new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), null, "AAAA");

    /// <summary>A case for each method of a grain that takes a command.</summary>
    public static IReadOnlyDictionary<string, CommandCase> All { get; } = new Dictionary<string, CommandCase>
    {
        ["IDroneGrain.Register"] = new(
            (c, id) => c.Do(c.Drone().Register(id, Model("a"))), c => c.Do(c.Drone().Get())?.Registration, c => c.Do(c.Drone().Register(c.Command(), Model("b")))),
        ["IDroneGrain.Reserve"] = new(
            (c, id) => c.Do(c.Drone().Reserve(id, Offer(1))), c => c.Do(c.Drone().Get())!.Mission?.Attempt, c => c.Do(c.Drone().Release(c.Command(), Id, 1)), c => c.Register(), SaysWhatHolds: true),
        ["IDroneGrain.Release"] = new(
            (c, id) => c.Do(c.Drone().Release(id, Id, 1)), c => c.Do(c.Drone().Get())!.Mission?.Attempt, c => c.Do(c.Drone().Reserve(c.Command(), Offer(2))), Reserved),
        ["IDroneGrain.RequestPickup"] = new(
            (c, id) => c.Do(c.Drone().RequestPickup(id, Id, 1)), History, c => c.Report(phase: MissionPhase.Delivered), c =>
            {
                c.Schedule();
                c.Report(phase: MissionPhase.AtPickup);
            }, SaysWhatHolds: true),
        ["IDroneGrain.Reset"] = new(
            (c, id) => c.Do(c.Drone().Reset(id)),
            c => c.Cluster.Stores.Find<DroneState>(SimulatedCluster.Id<IDroneGrain>("drone"))?.LastSighting?.Boot,
            Before: Reserved),
        ["IDroneGrain.SetMaintenance"] = new(
            (c, id) => c.Do(c.Drone().SetMaintenance(id, "a")), c => c.Do(c.Drone().Get())!.Maintenance, c => c.Do(c.Drone().SetMaintenance(c.Command(), null)), c => c.Register()),
        ["IDroneGrain.AddKey"] = new(
            (c, id) => c.Do(c.Drone().AddKey(id, "a")), c => c.Do(c.Drone().HasKey("a")), c => c.Do(c.Drone().RevokeKeys(c.Command()))),
        ["IDroneGrain.RevokeKeys"] = new(
            (c, id) => c.Do(c.Drone().RevokeKeys(id)), c => (c.Do(c.Drone().HasKey("a")), c.Do(c.Drone().HasKey("b"))), c => c.Do(c.Drone().AddKey(c.Command(), "b")), c => c.Do(c.Drone().AddKey(c.Command(), "a"))),

        ["IWeatherGrain.Set"] = new(
            (c, id) => c.Do(Weather(c).Set(Hold(c), id)), c => c.Do(Weather(c).Get()), c => c.Do(Weather(c).Lift("storm", c.Command()))),
        ["IWeatherGrain.Lift"] = new(
            (c, id) => c.Do(Weather(c).Lift("storm", id)), c => c.Do(Weather(c).Get()), c => c.Do(Weather(c).Set(Hold(c), c.Command())), c => c.Do(Weather(c).Set(Hold(c), c.Command()))),

        ["IDeliveryRequestGrain.Submit"] = new((c, id) => c.Do(c.Request().Submit(id, Order(c))), c => c.Do(c.Request().Get())?.Status, c => c.Do(c.Request().Cancel(c.Command(), "why"))),
        ["IDeliveryRequestGrain.Cancel"] = new((c, id) => c.Do(c.Request().Cancel(id, "why")), c => (c.Get().Status, c.Get().UpdatedAt), Before: Submitted),
        ["IDeliveryRequestGrain.Reschedule"] = new((c, id) => Reschedule(c, id, "a"), c => c.Get().Order.DeadlineText, c => Reschedule(c, c.Command(), "b"), Submitted),
        ["IDeliveryRequestGrain.Confirm"] = new(
            (c, id) => c.Do(c.Request().Confirm(id, Voice)), History, c => c.Report(phase: MissionPhase.Delivered), c => c.Load(c.Order(confirmation: ConfirmationRequired.Voice))),
        ["IDeliveryRequestGrain.Remember"] = new((c, id) => c.Do(c.Request().Remember(id)), c => c.Get().Order.DeadlineText, c => Reschedule(c, c.Command(), "b"), Submitted),
        ["IDeliveryRequestGrain.Replay"] = new(
            (c, id) => c.Do(c.Request().Replay(id, "try")), c => Notes(c, "Replayed"), c => c.Do(c.Request().Replay(c.Command(), "try again")), DeadLettered),
        ["IDeadLetterReplayGrain.Replay"] = new(ReplayAll, c => Notes(c, "Replayed"), c => c.Do(c.Request().Replay(c.Command(), "try again")), DeadLettered),
        ["IDeliveryRequestGrain.Abandon"] = new((c, id) => c.Do(c.Request().Abandon(id, "no")), c => (c.Get().Status, Notes(c, "Abandoned")), Before: DeadLettered),
        ["IDeliveryRequestGrain.Resolve"] = new(
            (c, id) => c.Do(c.Request().Resolve(id, IncidentResolution.Continued, "it is in sight")), c => c.Get().Status, c => c.Pass(TimeSpan.FromMinutes(5)), c =>
            {
                c.Load();
                c.Pass(TimeSpan.FromMinutes(5));
            }),

        ["IDeliveryGrain.Create"] = new((c, id) => Create(c, id, 1), Mission, c => Recall(c, c.Command(), 1)),
        ["IDeliveryGrain.Assign"] = new((c, id) => c.Do(c.Delivery().Assign(id, Plan(), Assignment(2))), Mission, c => Recall(c, c.Command(), 2), c =>
        {
            Create(c, c.Command(), 1);
            Recall(c, c.Command(), 1);
        }),
        ["IDeliveryGrain.Recall"] = new((c, id) => Recall(c, id, 1), Mission, c => Create(c, c.Command(), 2), c => Create(c, c.Command(), 1)),
        ["IDeliveryGrain.Cancel"] = new((c, id) => c.Do(c.Delivery().Cancel(id, 1, "why")), History, Before: c => Create(c, c.Command(), 1)),
        ["IDeliveryGrain.Complete"] = new((c, id) => c.Do(c.Delivery().Complete(id, "why")), History, Before: PickedUp),
        ["IDeliveryGrain.GiveUp"] = new((c, id) => c.Do(c.Delivery().GiveUp(id, 1, "why")), History, c => c.Do(c.Delivery().Complete(c.Command(), "found")), PickedUp),
        ["IDeliveryGrain.Confirm"] = new((c, id) => c.Do(c.Delivery().Confirm(id, Voice)), History, c => c.Do(c.Delivery().Complete(c.Command(), "seen")), PickedUp),
        ["IDeliveryGrain.AuthorizePickup"] = new(
            (c, id) => c.Do(c.Delivery().AuthorizePickup(id, "drone", 1, Here)), History, c => c.Do(c.Delivery().Complete(c.Command(), "seen")), c => Create(c, c.Command(), 1), SaysWhatHolds: true),
        ["IDeliveryGrain.NotifyMe"] = new((c, id) => Notify(c, id, "ann"), People, c => Notify(c, c.Command(), "ben"), PickedUp),

        ["ISubscriptionGrain.Create"] = new((c, id) => c.Do(Subscription(c).Create(id, Webhook, "whsec_1")), Described, c => Describe(c, c.Command(), "b")),
        ["ISubscriptionGrain.Change"] = new((c, id) => Describe(c, id, "a"), Described, c => Describe(c, c.Command(), "b"), Subscribed),
        ["ISubscriptionGrain.Rotate"] = new((c, id) => Rotate(c, id, "whsec_2"), c => c.Do(Subscription(c).GetSecret()), c => Rotate(c, c.Command(), "whsec_3"), Subscribed),
        ["ISubscriptionGrain.Resume"] = new((c, id) => c.Do(Subscription(c).Resume(id)), Missed, c => Miss(c, c.Command(), 3), c =>
        {
            Subscribed(c);
            Miss(c, c.Command(), 5);
        }),
        ["ISubscriptionGrain.Miss"] = new((c, id) => Miss(c, id, 5), Missed, c => Miss(c, c.Command(), 3), Subscribed),
        ["IOwnerNotificationsGrain.AddWebhook"] = new((c, id) => AddWebhook(c, id), Webhooks, c => RemoveWebhook(c, c.Command())),
        ["IOwnerNotificationsGrain.RemoveWebhook"] = new((c, id) => RemoveWebhook(c, id), Webhooks, c => AddWebhook(c, c.Command()), c => AddWebhook(c, c.Command())),

        ["IAccountGrain.SetStanding"] = new((c, id) => Standing(c, id, AccountStanding.Suspended), c => c.Do(Account(c).Get()), c => Standing(c, c.Command(), AccountStanding.Active)),
        ["IAccountGrain.SetLimits"] = new(
            (c, id) => c.Do(Account(c).SetLimits(id, new(1, null))), c => c.Do(Account(c).Get()), c => c.Do(Account(c).SetLimits(c.Command(), AccountLimits.None))),
        ["IPackageGrain.Put"] = new((c, id) => Put(c, id, 1), Weight, c => Put(c, c.Command(), 2)),
        ["IPackageGrain.Make"] = new((c, id) => c.Do(Package(c).Make(id, "owner", Details(1))), Weight, c => Put(c, c.Command(), 2)),
        ["IPackageGrain.Patch"] = new((c, id) => Patch(c, id, 3), Weight, c => Patch(c, c.Command(), 4), c => Put(c, c.Command(), 1)),
    };

    /// <summary>The effect as text, so that any two can be compared.</summary>
    public string Shown(ScriptedCluster cluster) => JsonSerializer.Serialize(Effect(cluster), new JsonSerializerOptions { IncludeFields = true });

    private static DroneRegistration Model(string model) => new(model, Here, Capabilities);

    private static MissionOffer Offer(int attempt) => new(Id, attempt, Here, Here.Destination(90, 300), 1, PackageSize.Small, null);

    private static void Reserved(ScriptedCluster c)
    {
        c.Register();
        Assert.True(c.Do(c.Drone().Reserve(c.Command(), Offer(1))).Accepted);
    }

    private static IWeatherGrain Weather(ScriptedCluster c) => c.Grains.GetGrain<IWeatherGrain>(0);

    private static WeatherHold Hold(ScriptedCluster c) => new("storm", "why", c.Now.AddHours(1));

    private static DeliveryOrder Order(ScriptedCluster c) => new(
        "owner", "package", Details(1), Somewhere, Somewhere with { Location = Here.Destination(90, 300) }, c.Now.AddHours(1), null, "", false, ConfirmationRequired.None);

    private static void Submitted(ScriptedCluster c) => c.Submit(Order(c));

    private static CommandResult Reschedule(ScriptedCluster c, CommandId id, string text) => c.Do(c.Request().Reschedule(id, new(null, null, null, text, null)));

    private static void DeadLettered(ScriptedCluster c)
    {
        c.Cluster.Intercept = call =>
        {
            if (call.Interface != typeof(IPackageGrain)) return false;
            call.Fail(new InvalidOperationException("It is damaged."));
            return true;
        };
        Submitted(c);
        Assert.Equal(RequestStatus.DeadLettered, c.Get().Status);
    }

    private static object ReplayAll(ScriptedCluster c, CommandId id)
    {
        var result = c.Do(c.Cluster.Grains.GetGrain<IDeadLetterReplayGrain>(0).Replay(id, new DeadLetterFilter(null, null, null, null, 10), "try"));
        return (result.Result, result.Replayed, result.Failed, result.More);
    }

    private static int Notes(ScriptedCluster c, string kind) => c.Do(c.Request().GetNotes())!.Count(note => note.Detail.StartsWith(kind, StringComparison.Ordinal));

    private static DeliveryPlan Plan() => new("owner", "package", Somewhere, Somewhere, "", false, ConfirmationRequired.Voice, new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static MissionAssignment Assignment(int attempt) => new("drone", attempt, Here, Eta);

    private static CommandResult Create(ScriptedCluster c, CommandId id, int attempt) => c.Do(c.Delivery().Create(id, Plan(), Assignment(attempt)));

    private static CommandResult Recall(ScriptedCluster c, CommandId id, int attempt) => c.Do(c.Delivery().Recall(id, attempt, "why"));

    private static void PickedUp(ScriptedCluster c)
    {
        Create(c, c.Command(), 1);
        Assert.True(c.Do(c.Delivery().AuthorizePickup(c.Command(), "drone", 1, Here)).Succeeded);
    }

    private static object? Mission(ScriptedCluster c) => c.Do(c.Delivery().Get()) is { } delivery ? (delivery.DroneId, delivery.Attempt, delivery.LastEvent) : null;

    private static object? History(ScriptedCluster c) => (c.Do(c.Delivery().GetStage()), c.Do(c.Delivery().GetHistory())?.Count);

    private static CommandResult Notify(ScriptedCluster c, CommandId id, string who) => c.Do(c.Delivery().NotifyMe(id, new($"{who}@example.org", null)));

    private static object? People(ScriptedCluster c) => c.Cluster.Stores.Find<DeliveryState>(SimulatedCluster.Id<IDeliveryGrain>(Id))!.Notifications;

    private static ISubscriptionGrain Subscription(ScriptedCluster c) => c.Grains.GetGrain<ISubscriptionGrain>("owner/webhook");

    private static void Subscribed(ScriptedCluster c) => c.Do(Subscription(c).Create(c.Command(), Webhook, "whsec_1"));

    private static CommandResult Describe(ScriptedCluster c, CommandId id, string text) => c.Do(Subscription(c).Change(id, new(null, null, text, null)));

    private static object? Described(ScriptedCluster c) => c.Do(Subscription(c).Get())?.Settings.Description;

    private static CommandResult Rotate(ScriptedCluster c, CommandId id, string secret) => c.Do(Subscription(c).Rotate(id, secret, c.Now.AddHours(1)));

    private static CommandResult Miss(ScriptedCluster c, CommandId id, long events) => c.Do(Subscription(c).Miss(id, events));

    private static object? Missed(ScriptedCluster c) => c.Do(Subscription(c).Get())!.Health.Missed;

    private static IOwnerNotificationsGrain Owner(ScriptedCluster c) => c.Grains.GetGrain<IOwnerNotificationsGrain>("owner");

    private static CommandResult AddWebhook(ScriptedCluster c, CommandId id) => c.Do(Owner(c).AddWebhook(id, "webhook", Webhook, "whsec_1"));

    private static CommandResult RemoveWebhook(ScriptedCluster c, CommandId id) => c.Do(Owner(c).RemoveWebhook("webhook", id));

    private static object? Webhooks(ScriptedCluster c) => c.Do(Owner(c).ListWebhooks());

    private static IAccountGrain Account(ScriptedCluster c) => c.Grains.GetGrain<IAccountGrain>("owner");

    private static CommandResult Standing(ScriptedCluster c, CommandId id, AccountStanding standing) => c.Do(Account(c).SetStanding(id, standing, null));

    private static IPackageGrain Package(ScriptedCluster c) => c.Grains.GetGrain<IPackageGrain>("package");

    private static PackageDetails Details(double weight) => new(PackageSize.Small, weight, null);

    private static CommandResult Put(ScriptedCluster c, CommandId id, double weight) => c.Do(Package(c).Put(id, "owner", Details(weight)));

    private static CommandResult Patch(ScriptedCluster c, CommandId id, double weight) => c.Do(Package(c).Patch(id, "owner", new(null, weight, null)));

    private static object? Weight(ScriptedCluster c) => c.Do(Package(c).Get())?.Details.Weight;
}
