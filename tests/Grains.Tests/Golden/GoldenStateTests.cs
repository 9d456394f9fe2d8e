using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DroneDelivery.Accounts;
using DroneDelivery.Archiving;
using DroneDelivery.Drones;
using DroneDelivery.Erasure;
using DroneDelivery.Invoicing;
using DroneDelivery.Notifications;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.Storage;
using DroneDelivery.ThirdParty;

namespace DroneDelivery.Golden;

/// <summary>
/// The files beside this class are documents as earlier builds stored them. A build has to read them all, and to write today's form.
/// When a state gains a field, add a new file; never change an old one.
/// </summary>
public sealed class GoldenStateTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly CommandLog Commands = new CommandLog().With(new CommandId("c1"), CommandResult.Created).With(new CommandId("c2"), CommandResult.Conflict("no"));
    private static readonly CommandLog KeyedCommands = Commands.With(CommandId.OfKey("k", "sent"), CommandResult.Done, At);
    private static readonly Place Pickup = new("my pickup", new GeoPoint(47.64, -122.14));
    private static readonly Place Dropoff = new(null, new GeoPoint(47.65, -122.15, 12.5));
    private static readonly MissionOffer Offer = new("d1", 2, Pickup.Location, Dropoff.Location, 10, PackageSize.Small, At);

    private static readonly DeliveryNotice Notice = new(
        NoticeKind.DeliveryChanged, "d1", "o1", "0000000003", At, "why", Pickup.Location, 2,
        new NoticeOrder("p1", Pickup, Dropoff, At, "soon", true, ConfirmationRequired.Voice), "a@example.org", DeliveryStage.Completed);

    internal static readonly Dictionary<string, object> States = new()
    {
        ["account"] = new AccountState
        {
            Standing = AccountStanding.Suspended,
            Reason = "unpaid",
            Limits = new AccountLimits(3, 12.5),
            Open = new() { ["d1"] = 2.5 },
            Released = ["d0"],
            Commands = Commands,
        },
        ["package"] = new PackageState { OwnerId = "o1", Details = new PackageDetails(PackageSize.Medium, 2.5, "tag"), MadeBy = new CommandId("c0"), Commands = Commands },
        ["drone"] = new DroneState
        {
            Registration = new DroneRegistration("model", Pickup.Location, new DroneCapabilities(10, PackageSize.Large, 15, 4, 80, 8, 900, 700, 30)),
            Mission = Offer,
            Released = [new MissionKey("d0", 1, At: At)],
            LastSighting = new Sighting(1, 7, At, Dropoff.Location, 0.5),
            AnewUntil = At,
            Start = new MissionStart(Pickup.Location, At),
            Trouble = DroneTrouble.UnplannedLanding,
            Maintenance = "propeller",
            Outbox = [new DroneEvent("drone-1", DroneEventKind.StrayParcel, "d0", 1, At, "what happened")],
            Keys = ["a", "b"],
            Commands = Commands,
        },
        ["delivery"] = new DeliveryState
        {
            Plan = new DeliveryPlan("o1", "p1", Pickup, Dropoff, "soon", true, ConfirmationRequired.Picture, At.AddMinutes(-1), 2.5),
            Stage = DeliveryStage.Completed,
            DroneId = "drone-1",
            Attempt = 2,
            LastLocation = Dropoff.Location,
            PickupEta = At,
            DeliveryEta = At.AddMinutes(5),
            HandedOverAt = At.AddMinutes(5),
            Confirmation = new DeliveryConfirmation(ConfirmationRequired.Picture, At, Pickup.Location, "blob"),
            Events = [new TrackingEvent(1, DeliveryStage.Created, At, null, "made"), new TrackingEvent(2, DeliveryStage.Completed, At, Dropoff.Location, null, 2)],
            Speeds = [new MissionSpeed(2, 30)],
            Handed = new OutboxCursors { Index = 2, Ledger = 2, Request = 1, Notices = 2, People = 1 },
            Notifications = [new NotificationRequest("a@example.org", null)],
            Commands = KeyedCommands,
            Archived = true,
        },
        ["request"] = new DeliveryRequestState
        {
            Order = new DeliveryOrder("o1", "p1", new PackageDetails(PackageSize.Small, 10, "tag"), Pickup, Dropoff, At, At.AddHours(1), "in an hour", true, ConfirmationRequired.None),
            SubmittedBy = new CommandId("c0"),
            Status = RequestStatus.Waiting,
            Step = SchedulingStep.Transport,
            Reason = "why",
            Transport = new Transport("drone-1", 2),
            LastAttempt = 2,
            Undo = [new Transport("drone-0", 1)],
            Revision = 1,
            SeekingSince = At,
            Lost = 2,
            LostBefore = 1,
            LostAt = At,
            ReturnedAt = At,
            Counted = true,
            Discard = true,
            Verdict = new Verdict(new CommandId("c3"), RequestStatus.Failed, "why"),
            Trouble = new StepTrouble("Package", 2, At, At.AddMinutes(-1), 1, "away"),
            Notes = [new RequestNote(At, RequestStatus.Waiting, "Package", "Failed (2): away")],
            Alarms = [new RequestAlarm(DroneEventKind.StaleReport, "drone-0", 1, At, "what happened")],
            Heard = ["StaleReport/drone-0/1"],
            FlaggedAt = At,
            ResolvedAt = At,
            Outbox = [new OwedNotice(3, 2, Notice)],
            LastNotice = 3,
            AcceptedAt = At,
            UpdatedAt = At.AddSeconds(1),
            Commands = Commands,
            Archived = true,
        },
        ["archived"] = new ArchivedDeliveryState { Request = """{"lastAttempt":2}""", Delivery = """{"attempt":2}""" },
        ["archiver"] = new ArchiverState { Floor = At, Ceiling = At.AddHours(1), After = "position", Waiting = ["d1"] },
        ["erasure"] = new ErasureState { StartedAt = At, SuspendedAt = At.AddSeconds(1), FinishedAt = At.AddHours(1), Erased = 3, Days = [new(2026, 11, 22)] },
        ["weather"] = new WeatherState { Holds = [new WeatherHold("storm", "why", At, Pickup.Location, 5_000)], Commands = Commands },
        ["fleet"] = new FleetState
        {
            Drones = ["drone-1", "drone-2"],
            Kinds = [new FleetKind(Pickup.Location, new DroneCapabilities(10, PackageSize.Large, 15, 4, 80, 8, 900, 700, 30))],
            KindOf = new() { ["drone-1"] = 0, ["drone-2"] = -1 },
            Version = 2,
            ChangedAt = At,
        },
        ["partner"] = new PartnerState
        {
            Orders = new()
            {
                ["d1/2"] = new PartnerOrderState
                {
                    Order = new PartnerOrder("d1", 2, Pickup, Dropoff, 10, PackageSize.Small, At, At.AddHours(1)),
                    AskedAt = At,
                    Status = PartnerStatus.PickedUp,
                    Since = At.AddMinutes(1),
                    Reason = "why",
                    HasParcel = true,
                    PickupEta = At.AddMinutes(1),
                    DeliveryEta = At.AddMinutes(9),
                    Handed = PartnerStatus.Accepted,
                },
            },
        },
        ["ledger"] = new LedgerState { Deliveries = ["d1", "d2"], Parts = 3, Elsewhere = 1_500, Weight = 12.5m, Miles = 3.25m, Hours = 0.123456m },
        ["part"] = new LedgerPartState { Deliveries = ["d1", "d2"] },
        ["confirmation"] = new ConfirmationState { Blob = "evidence" },
        ["confirmed"] = new ConfirmationDayState { Deliveries = ["d1", "d2"], Continues = true },
        ["sweeper"] = new ConfirmationSweeperState { Next = DateOnly.FromDateTime(At.UtcDateTime) },
        ["notifications"] = new OwnerNotificationsState { Webhooks = ["w1"], Commands = Commands },
        ["subscription"] = new SubscriptionState
        {
            Settings = new WebhookSettings("https://example.org/hook", [NoticeKind.DeliveryCompleted], "why"),
            Secrets = [new SigningSecret("whsec_old", At, "made"), new SigningSecret("whsec_new", null, "rotated")],
            Status = SubscriptionStatus.GivenUp,
            CreatedAt = At,
            Queue = [new QueuedNotice(Notice, At)],
            LastDelivered = At,
            FailingSince = At,
            LastFailure = "no answer",
            Missed = 2,
            Abandoned = 1,
            Commands = Commands,
        },
        ["watch"] = new SubscriptionWatchState
        {
            Watched = new() { ["o1/w1"] = new SubscriptionHealth("o1", "w1", SubscriptionStatus.GivenUp, 1, At, At, "no answer", 2, 1), ["o2/w2"] = null },
            Lost = new() { ["o1/w1"] = new LostEvents("c1", 3) },
        },
        ["supervisor"] = new SupervisorState
        {
            Open = new() { ["d1"] = At },
            Flags = new() { ["d1"] = new ShardFlag(RequestFlag.Incident, "why", At, "o1") },
        },
        ["replays"] = new DeadLetterReplayState
        {
            LastRun = 2,
            Runs = new() { ["c1"] = new ReplayRun(1, [], true, 7, 1, [new ReplayFailure("d1", "why")]), ["c2"] = new ReplayRun(2, ["d2"], false) },
            Commands = KeyedCommands,
        },
    };

    /// <summary>What older files say, where they say less than the newest.</summary>
    private static readonly Dictionary<string, object> OlderStates = new()
    {
        ["account.1.json"] = (AccountState)States["account"] with { Limits = null, Open = [], Released = [] },
        ["delivery.1.json"] = Delivery1((DeliveryState)States["delivery"] with { Speeds = null, Archived = null }),
        ["delivery.2.json"] = (DeliveryState)States["delivery"] with { Handed = new OutboxCursors { Index = 2, Ledger = 2, Request = 1 }, Commands = Commands, Speeds = null, Archived = null },
        ["delivery.3.json"] = (DeliveryState)States["delivery"] with { Commands = Commands, Speeds = null, Archived = null },
        ["delivery.4.json"] = (DeliveryState)States["delivery"] with { Speeds = null, Archived = null },
        ["delivery.5.json"] = (DeliveryState)States["delivery"] with { Speeds = null },
        ["confirmed.1.json"] = (ConfirmationDayState)States["confirmed"] with { Continues = false },
        ["drone.1.json"] = Drone3 with { Trouble = null, Maintenance = null, Outbox = [], Keys = [] },
        ["drone.2.json"] = Drone3 with { Keys = [] },
        ["drone.3.json"] = Drone3,
        ["drone.4.json"] = Drone4,
        ["fleet.1.json"] = new FleetState { Drones = ["drone-1", "drone-2"] },
        ["ledger.1.json"] = (LedgerState)States["ledger"] with { Parts = 0, Elsewhere = 0 },
        ["notifications.1.json"] = (OwnerNotificationsState)States["notifications"] with { Commands = new() },
        ["package.1.json"] = (PackageState)States["package"] with { MadeBy = null },
        ["request.1.json"] = Request6 with
        {
            SubmittedBy = null,
            SeekingSince = null,
            Counted = null,
            Discard = false,
            Verdict = null,
            Trouble = null,
            Notes = [],
            Alarms = [],
            Heard = [],
            FlaggedAt = null,
            ResolvedAt = null,
            Outbox = [],
            LastNotice = 0,
            Archived = null,
        },
        ["request.2.json"] = Request6 with { SubmittedBy = null, Verdict = null, Outbox = [], LastNotice = 0, Archived = null },
        ["request.3.json"] = Request6 with { SubmittedBy = null, Verdict = null, Archived = null },
        ["request.4.json"] = Request6 with { Verdict = null, Archived = null },
        ["request.5.json"] = Request6 with { Verdict = null },
        ["request.6.json"] = Request6,
        ["subscription.1.json"] = (SubscriptionState)States["subscription"] with { Secrets = [new SigningSecret("whsec_old", At), new SigningSecret("whsec_new", null)] },
        ["supervisor.1.json"] = (SupervisorState)States["supervisor"] with { Flags = [] },
        ["watch.1.json"] = (SubscriptionWatchState)States["watch"] with { Lost = [] },
        ["weather.1.json"] = (WeatherState)States["weather"] with { Commands = new() },
        ["supervisor.2.json"] = (SupervisorState)States["supervisor"] with { Flags = new() { ["d1"] = new ShardFlag(RequestFlag.Incident, "why", At) } },
    };

    // It knew neither which missions were lost nor what a trouble was.
    private static DeliveryRequestState Request6 => (DeliveryRequestState)States["request"] with
    {
        Lost = 0,
        LostBefore = 0,
        LostAt = null,
        ReturnedAt = null,
        Trouble = new StepTrouble("Package", 2, At),
    };

    public static TheoryData<string> Files()
    {
        var files = new TheoryData<string>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Golden"), "*.json").Order()) files.Add(Path.GetFileName(file));
        return files;
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Stored_document_is_read_whole(string file)
    {
        var json = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", file));
        var expected = OlderStates.GetValueOrDefault(file) ?? States[file[..file.IndexOf('.', StringComparison.Ordinal)]];
        var read = Deserialize(expected.GetType(), json);
        AssertSame(JsonNode.Parse(Serialize(expected)), JsonNode.Parse(Serialize(read)), JsonNode.Parse(json), "$");
    }

    [Fact]
    public void Every_state_is_written_as_its_newest_file_says() => Assert.All(States, entry =>
    {
        var newest = Files().Select(row => row.Data).Where(file => file.StartsWith(entry.Key + ".", StringComparison.Ordinal)).Max(StringComparer.Ordinal);
        Assert.NotNull(newest);
        var json = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", newest));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(Serialize(entry.Value))), $"{newest} differs from {Serialize(entry.Value)}");
    });

    [Fact]
    public void Missing_fields_take_their_default()
    {
        var state = (PackageState)Deserialize(typeof(PackageState), """{"ownerId":"o","fromTheFuture":{"a":[1]}}""");
        Assert.Equal(("o", 0), (state.OwnerId, state.Commands.Entries.Count));
    }

    [Fact]
    public void Damaged_document_is_an_error() =>
        Assert.Throws<JsonException>(() => Deserialize(typeof(PackageState), """{"ownerId":"""));

    // It knew neither where its mission began nor counters that begin anew.
    private static DroneState Drone4 => (DroneState)States["drone"] with { Start = null, AnewUntil = null };

    private static DroneState Drone3 => Drone4 with { Released = [new MissionKey("d0", 1)] };

    // Its outbox was a list of its own, and it knew neither when it was asked for nor what it weighs.
    private static DeliveryState Delivery1(DeliveryState newest) => newest with
    {
        Plan = newest.Plan! with { RequestedAt = default, Weight = 0 },
        Events = [.. newest.Events.Select(entry => entry with { Attempt = null })],
        Handed = new OutboxCursors(),
        Commands = Commands,
    };

    /// <summary>What is read is what is expected; more only where the file has a member that was given up since, which is kept like any unknown one.</summary>
    private static void AssertSame(JsonNode? expected, JsonNode? read, JsonNode? file, string path)
    {
        if (expected is JsonObject record && read is JsonObject known)
        {
            Assert.Empty(record.Select(member => member.Key).Except(known.Select(member => member.Key)));
            foreach (var (name, value) in known)
            {
                var member = $"{path}.{name}";
                if (record.ContainsKey(name)) AssertSame(record[name], value, (file as JsonObject)?[name], member);
                else Assert.True(JsonNode.DeepEquals((file as JsonObject)?[name], value), $"{member} is {value?.ToJsonString()}");
            }
        }
        else if (expected is JsonArray list && read is JsonArray elements && list.Count == elements.Count)
        {
            for (var number = 0; number < list.Count; number++)
                AssertSame(list[number], elements[number], file is JsonArray { } all && number < all.Count ? all[number] : null, $"{path}[{number}]");
        }
        else
        {
            Assert.True(JsonNode.DeepEquals(expected, read), $"{path} is {read?.ToJsonString()} instead of {expected?.ToJsonString()}");
        }
    }

    private static string Serialize(object state) =>
        Encoding.UTF8.GetString(new GrainStateSerializer().Serialize(state).ToMemory().Span);

    private static object Deserialize(Type type, string json) => typeof(GrainStateSerializer)
        .GetMethod(nameof(GrainStateSerializer.Deserialize))!.MakeGenericMethod(type)
        .Invoke(new GrainStateSerializer(), System.Reflection.BindingFlags.DoNotWrapExceptions, null, [BinaryData.FromString(json)], null)!;
}
