using DroneDelivery.Cosmos.Clustering;
using DroneDelivery.Cosmos.Persistence;
using DroneDelivery.CosmosSimulator;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;

namespace DroneDelivery.Cosmos.Account;

/// <summary>
/// What grains build on, between two processes while replicas lag: it holds with the levels that a start accepts, and with Session, which it refuses, is lost until
/// the replicas have caught up.
/// </summary>
[Trait("Needs", "Simulator")]
public sealed class PromisesTests
{
    private const string State = "shard";
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(5);
    private static readonly GrainId Shard = GrainId.Create("supervisor", "7");

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ConsistencyLevel.Strong)]
    [InlineData(ConsistencyLevel.BoundedStaleness)]
    public async Task New_activation_sees_what_the_last_one_acknowledged(ConsistencyLevel level)
    {
        await using var account = await StartAsync(level);
        await using var before = ProviderHost.ForStorage(account, "supervision");
        await using var after = ProviderHost.ForStorage(account, "supervision");
        await RegisterAsync(await before.StorageAsync("supervision", Cancellation));

        var successor = await ReadAsync(await after.StorageAsync("supervision", Cancellation));

        Assert.Equal("request-1", successor.State?.Text);
    }

    [Fact]
    public async Task Session_lets_a_new_activation_miss_a_registration_until_it_writes()
    {
        await using var account = await StartAsync(ConsistencyLevel.Session);
        await using var before = ProviderHost.ForStorage(account, "supervision");
        await using var after = ProviderHost.ForStorage(account, "supervision");
        await RegisterAsync(await before.StorageAsync("supervision", Cancellation));
        var storage = await after.StorageAsync("supervision", Cancellation);

        // The request was answered 202; the shard's successor knows nothing of it, and as long as it only reads nobody watches.
        var successor = await ReadAsync(storage);
        Assert.Equal("", successor.State?.Text);

        // What writes finds out at once, and its next activation knows.
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(State, Shard, successor, Cancellation));
        Assert.Equal("request-1", (await ReadAsync(storage)).State?.Text);
    }

    [Fact]
    public async Task Session_shows_a_registration_to_who_only_reads_when_the_replicas_have_caught_up()
    {
        await using var account = await StartAsync(ConsistencyLevel.Session);
        await using var before = ProviderHost.ForStorage(account, "supervision");
        await using var after = ProviderHost.ForStorage(account, "supervision");
        await RegisterAsync(await before.StorageAsync("supervision", Cancellation));
        var storage = await after.StorageAsync("supervision", Cancellation);
        Assert.Equal("", (await ReadAsync(storage)).State?.Text);

        _clock.Advance(Lag);

        Assert.Equal("request-1", (await ReadAsync(storage)).State?.Text);
    }

    [Theory]
    [InlineData(ConsistencyLevel.Strong, 1)]
    [InlineData(ConsistencyLevel.BoundedStaleness, 1)]
    [InlineData(ConsistencyLevel.Session, 0)]
    public async Task Silo_that_joined_is_seen_by_the_others_at_once_but_under_session(ConsistencyLevel level, int seen)
    {
        await using var account = await StartAsync(level);
        await using var joining = ProviderHost.ForClustering(account, "cluster");
        await using var watching = ProviderHost.ForClustering(account, "cluster");
        await joining.Membership.InitializeMembershipTableAsync(true, Cancellation);
        _clock.Advance(Lag);
        await watching.Membership.InitializeMembershipTableAsync(true, Cancellation);
        var table = await joining.Membership.ReadAllAsync(Cancellation);
        Assert.True(await joining.Membership.InsertRowAsync(Silos.Entry(), table.Version.Next(), Cancellation));

        Assert.Equal(seen, (await watching.Membership.ReadAllAsync(Cancellation)).Members.Count);
    }

    [Theory]
    [InlineData(ConsistencyLevel.Strong, true)]
    [InlineData(ConsistencyLevel.BoundedStaleness, true)]
    [InlineData(ConsistencyLevel.Session, false)]
    public async Task Reminder_is_found_by_the_silo_that_takes_over_but_under_session(ConsistencyLevel level, bool found)
    {
        await using var account = await StartAsync(level);
        await using var registering = ProviderHost.ForReminders(account, "service");
        await using var taking = ProviderHost.ForReminders(account, "service");
        await registering.Reminders.StartAsync(Cancellation);
        await taking.Reminders.StartAsync(Cancellation);
        await registering.Reminders.UpsertRow(new() { GrainId = Shard, ReminderName = "awake", StartAt = DateTime.UtcNow, Period = TimeSpan.FromMinutes(1) }, Cancellation);

        Assert.Equal(found, (await taking.Reminders.ReadRows(0, 0, Cancellation)).Reminders.Count == 1);
        Assert.Equal(found, await taking.Reminders.ReadRow(Shard, "awake", Cancellation) is not null);
    }

    [Theory]
    [InlineData(ConsistencyLevel.BoundedStaleness)]
    [InlineData(ConsistencyLevel.Session)]
    public async Task Of_two_processes_that_write_one_version_one_succeeds_whatever_the_level(ConsistencyLevel level)
    {
        await using var account = await StartAsync(level);
        await using var one = ProviderHost.ForStorage(account, "supervision");
        await using var other = ProviderHost.ForStorage(account, "supervision");
        IGrainStorage[] storages = [await one.StorageAsync("supervision", Cancellation), await other.StorageAsync("supervision", Cancellation)];
        await storages[0].WriteStateAsync(State, Shard, new GrainState<Thing>(new()), Cancellation);
        _clock.Advance(Lag);

        var read = await Task.WhenAll(storages.Select(ReadAsync));
        var failures = await Task.WhenAll(storages.Zip(read, async (storage, state) => await Record.ExceptionAsync(() => storage.WriteStateAsync(State, Shard, state, Cancellation))));

        Assert.IsType<InconsistentStateException>(Assert.Single(failures, failure => failure is not null));
    }

    /// <summary>Registers a request in a shard that has long been there.</summary>
    private async Task RegisterAsync(IGrainStorage storage)
    {
        var state = new GrainState<Thing>(new() { Text = "" });
        await storage.WriteStateAsync(State, Shard, state, Cancellation);
        _clock.Advance(Lag);
        state.State = new() { Text = "request-1" };
        await storage.WriteStateAsync(State, Shard, state, Cancellation);
    }

    private static async Task<GrainState<Thing>> ReadAsync(IGrainStorage storage)
    {
        var state = new GrainState<Thing>();
        await storage.ReadStateAsync(State, Shard, state, Cancellation);
        return state;
    }

    private Task<TestAccount> StartAsync(ConsistencyLevel level) =>
        TestAccount.SimulatedAsync(new SimulatorOptions { Consistency = level, ReplicaLag = Lag }, _clock, acceptStaleReads: level is ConsistencyLevel.Session);
}
