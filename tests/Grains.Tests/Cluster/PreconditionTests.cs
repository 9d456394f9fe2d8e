using DroneDelivery.Accounts;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Cluster;

/// <summary>What a caller demands of a version is decided in the turn that makes the change.</summary>
[Collection(ClusterFixture.Collection)]
public sealed class PreconditionTests(ClusterFixture cluster)
{
    private static readonly PackageDetails Parcel = new(PackageSize.Small, 1, "tag");
    private readonly GeoPoint _corner = Orders.Corner();
    private readonly string _id = Orders.Id("delivery");

    private IDeliveryRequestGrain Request => cluster.Grains.GetGrain<IDeliveryRequestGrain>(_id);

    // No drone is there, and its time is far away: nothing but the test changes it.
    private DeliveryOrder Order => Orders.From(_corner) with { PickupTime = DateTimeOffset.UtcNow.AddDays(2) };

    [Fact]
    public async Task Of_changes_decided_on_one_version_exactly_one_is_made()
    {
        await Request.Submit(CommandId.New(), Order);
        var read = await Settled();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(number =>
            With(Request, [read.OrderVersion], () => Request.Reschedule(CommandId.New(), Deadline($"try {number}")))));

        Assert.Single(outcomes, outcome => outcome.Outcome == CommandOutcome.Done);
        Assert.Equal(19, outcomes.Count(outcome => outcome.Outcome == CommandOutcome.PreconditionFailed));
        Assert.Equal(1, (await Request.Get())!.Revision);
        Assert.Equal($"try {Array.FindIndex(outcomes, outcome => outcome.Succeeded)}", (await Request.Get())!.Order.DeadlineText);
    }

    [Fact]
    public async Task Repetition_of_a_change_that_was_made_is_answered_as_the_first_time()
    {
        await Request.Submit(CommandId.New(), Order);
        var (read, command) = (await Settled(), CommandId.New());

        for (var i = 0; i < 2; i++)
            Assert.Equal(CommandOutcome.Done, (await With(Request, [read.OrderVersion], () => Request.Reschedule(command, Deadline("later")))).Outcome);

        Assert.Equal(1, (await Request.Get())!.Revision);
    }

    [Fact]
    public async Task Order_is_made_only_or_changed_only_if_that_is_demanded()
    {
        Assert.Equal(CommandOutcome.PreconditionFailed, (await With(Request, [Precondition.Any], () => Request.Submit(CommandId.New(), Order))).Outcome);
        Assert.Null(await Request.Get());

        var command = CommandId.New();
        for (var i = 0; i < 2; i++)
            Assert.Equal(CommandOutcome.Created, (await With(Request, null, () => Request.Submit(command, Order), [Precondition.Any])).Outcome);
        Assert.Equal(CommandOutcome.PreconditionFailed, (await With(Request, null, () => Request.Submit(CommandId.New(), Order), [Precondition.Any])).Outcome);
        Assert.Equal(CommandOutcome.Exists, (await With(Request, [Precondition.Any], () => Request.Submit(CommandId.New(), Order))).Outcome);
    }

    [Fact]
    public async Task Cancellation_decided_on_an_older_version_is_refused()
    {
        await Request.Submit(CommandId.New(), Order);
        var read = await Settled();
        await Request.Reschedule(CommandId.New(), Deadline("later"));

        Assert.Equal(CommandOutcome.PreconditionFailed, (await With(Request, [read.OrderVersion, read.Version], () => Request.Cancel(CommandId.New(), "Not needed."))).Outcome);
        Assert.NotEqual(RequestStatus.Cancelled, (await Request.Get())!.Status);

        var now = await Settled();
        Assert.Equal(CommandOutcome.Done, (await With(Request, [now.Version], () => Request.Cancel(CommandId.New(), "Not needed."))).Outcome);
        Assert.Equal(CommandOutcome.PreconditionFailed, (await With(Request, [now.Version], () => Request.Cancel(CommandId.New(), "Again."))).Outcome);
    }

    [Fact]
    public async Task Package_account_and_drone_are_compared_too()
    {
        var package = cluster.Grains.GetGrain<IPackageGrain>(Orders.Id("package"));
        Assert.Equal(CommandOutcome.PreconditionFailed, (await With(package, [Precondition.Any], () => package.Put(CommandId.New(), "o", Parcel))).Outcome);
        Assert.Equal(CommandOutcome.Created, (await With(package, null, () => package.Put(CommandId.New(), "o", Parcel), [Precondition.Any])).Outcome);
        var version = (await package.Get())!.Version;
        await Once([version], demanded => With(package, demanded, () => package.Patch(CommandId.New(), null, new PackageChange(null, 2, null))));
        await Once([(await package.Get())!.Version], demanded => With(package, demanded, () => package.Put(CommandId.New(), "o", Parcel)));

        var account = cluster.Grains.GetGrain<IAccountGrain>(Orders.Id("account"));
        await Once([(await account.Get()).Version], demanded => With(account, demanded, () => account.SetStanding(CommandId.New(), AccountStanding.Suspended, "unpaid")));

        var drone = await new TestDrone(cluster.Grains, Orders.Id("drone"), _corner).Register();
        var known = (await drone.Grain.Get())!;
        await Once([known.Version], demanded => With(drone.Grain, demanded, () => drone.Grain.Register(CommandId.New(), known.Registration with { Model = "another" })));
    }

    [Fact]
    public async Task Demand_on_one_grain_does_not_reach_those_that_it_calls()
    {
        var drone = await new TestDrone(cluster.Grains, Orders.Id("drone"), _corner).Register();
        await Request.Submit(CommandId.New(), Orders.From(_corner));
        await Eventually.Get(async () => await Request.Get(), request => request?.Status == RequestStatus.Scheduled);
        var read = (await Request.Get())!;

        var cancelled = await With(Request, [read.OrderVersion], () => Request.Cancel(CommandId.New(), "Not needed."));

        Assert.Equal(CommandOutcome.Done, cancelled.Outcome);
        await Eventually.Get(async () => await drone.Grain.Get(), known => known?.Mission is null);
    }

    private static async Task Once(IReadOnlyList<string> version, Func<IReadOnlyList<string>, Task<CommandResult>> change)
    {
        Assert.True((await change(version)).Succeeded);
        Assert.Equal(CommandOutcome.PreconditionFailed, (await change(version)).Outcome);
    }

    // Until its steps have run.
    private async Task<DeliveryRequestSnapshot> Settled() =>
        (await Eventually.Get(async () => await Request.Get(), request => request is { Status: RequestStatus.Waiting, Failures: 0 }))!;

    private static DeliveryChange Deadline(string text) => new(null, null, null, text, null);

    private static async Task<CommandResult> With(IAddressable grain, IReadOnlyList<string>? match, Func<Task<CommandResult>> call, IReadOnlyList<string>? noneMatch = null)
    {
        new Precondition(grain.GetGrainId().ToString(), match, noneMatch).Attach();
        return await call();
    }
}
