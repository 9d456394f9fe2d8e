using System.Net;
using DroneDelivery.Processes;
using DroneDelivery.Startup;
using DroneDelivery.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;

namespace DroneDelivery.Storage;

/// <summary>The official providers on our scripts, as Orleans calls them.</summary>
public sealed class LocalStoreTests : IAsyncLifetime
{
    private const string Store = "things";
    private readonly TemporaryFolder _data = new();
    private readonly List<IHost> _hosts = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            if (host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        }

        SqliteConnection.ClearAllPools();
        _data.Dispose();
    }

    [Fact]
    public async Task Write_with_the_etag_of_an_earlier_state_is_refused()
    {
        var (first, second) = (await GrainStorageAsync(), await GrainStorageAsync());
        var id = GrainId.Create("thing", "one");
        var winner = new GrainState<Thing>(new("first"));
        await first.WriteStateAsync(Store, id, winner);
        var loser = new GrainState<Thing>();
        await second.ReadStateAsync(Store, id, loser);

        winner.State = new("second");
        await first.WriteStateAsync(Store, id, winner);
        loser.State = new("stale");

        await Assert.ThrowsAsync<InconsistentStateException>(() => second.WriteStateAsync(Store, id, loser));
        await Assert.ThrowsAsync<InconsistentStateException>(() => second.ClearStateAsync(Store, id, loser));
        Assert.Equal("second", await ReadAsync(second, id));
    }

    [Fact]
    public async Task First_write_of_two_writers_succeeds_once()
    {
        var (first, second) = (await GrainStorageAsync(), await GrainStorageAsync());
        var id = GrainId.Create("thing", "one");

        var outcomes = await Task.WhenAll(new[] { first, second }.Select(async (storage, number) =>
        {
            try
            {
                await storage.WriteStateAsync(Store, id, new GrainState<Thing>(new($"{number}")));
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));

        Assert.Single(outcomes, won => won);
    }

    [Fact]
    public async Task Write_to_a_row_that_never_was_is_refused()
    {
        var storage = await GrainStorageAsync();
        var state = new GrainState<Thing>(new("ghost")) { ETag = "7" };

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(Store, GrainId.Create("thing", "ghost"), state));
    }

    [Fact]
    public async Task Cleared_state_is_deleted_and_no_stale_activation_writes_over_what_is_made_anew()
    {
        var storage = await GrainStorageAsync();
        var id = GrainId.Create("thing", "one");
        var state = new GrainState<Thing>(new("text"));
        await storage.WriteStateAsync(Store, id, state);
        var stale = new GrainState<Thing>(new("stale")) { ETag = state.ETag };

        await storage.ClearStateAsync(Store, id, state);
        var read = new GrainState<Thing>();
        await storage.ReadStateAsync(Store, id, read);

        Assert.False(read.RecordExists);
        using (var connection = new SqliteConnection($"Data Source={_data.Store};Pooling=False"))
        {
            connection.Open();
            using var count = connection.CreateCommand();
            count.CommandText = "SELECT count(*) FROM OrleansStorage";
            Assert.Equal(0L, count.ExecuteScalar());
        }

        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(Store, id, stale));
        read.State = new("again");
        await storage.WriteStateAsync(Store, id, read);
        await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(Store, id, stale));
        Assert.Equal("again", await ReadAsync(storage, id));
    }

    [Fact]
    public async Task Grains_of_every_kind_of_key_and_state_name_do_not_meet()
    {
        var storage = await GrainStorageAsync();
        GrainId[] ids =
        [
            GrainId.Create("thing", "one"),
            GrainId.Create("thing", "ONE"),
            // The provider takes what looks like a number for one, and these three for the same.
            GrainId.Create("thing", "abc"),
            GrainId.Create("thing", "ABC"),
            GrainId.Create("thing", "0abc"),
            GrainId.Create("thing", "8f0e5b0c5b7e4f4e9c1f7b9d8a6c5e4d"),
            GrainId.Create("thing", "8F0E5B0C5B7E4F4E9C1F7B9D8A6C5E4D"),
            GrainId.Create(GrainType.Create("thing"), GrainIdKeyExtensions.CreateIntegerKey(1)),
            GrainId.Create(GrainType.Create("thing"), GrainIdKeyExtensions.CreateIntegerKey(1, "extension")),
            GrainId.Create(GrainType.Create("thing"), GrainIdKeyExtensions.CreateGuidKey(Guid.NewGuid())),
        ];
        foreach (var id in ids)
        {
            await storage.WriteStateAsync("a", id, new GrainState<Thing>(new($"a {id}")));
            await storage.WriteStateAsync("b", id, new GrainState<Thing>(new($"b {id}")));
        }

        foreach (var id in ids)
        {
            Assert.Equal($"a {id}", await ReadAsync(storage, id, "a"));
            Assert.Equal($"b {id}", await ReadAsync(storage, id, "b"));
        }
    }

    [Fact]
    public async Task Two_hundred_writers_of_two_processes_lose_nothing_and_never_see_a_lock()
    {
        const int Writers = 200;
        const int Writes = 20;
        var storages = new[] { await GrainStorageAsync(), await GrainStorageAsync() };

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                var state = new GrainState<Thing>();
                for (var write = 1; write <= Writes; write++)
                {
                    state.State = new($"{writer}/{write}");
                    await storages[writer % 2].WriteStateAsync(Store, GrainId.Create("thing", $"{writer}"), state);
                }
            },
            Cancellation)));

        for (var writer = 0; writer < Writers; writer++)
            Assert.Equal($"{writer}/{Writes}", await ReadAsync(storages[(writer + 1) % 2], GrainId.Create("thing", $"{writer}")));
    }

    [Fact]
    public async Task Statement_that_fails_fails_alone()
    {
        await GrainStorageAsync();
        using var store = new SqliteStore(new() { Path = _data.Store });
        using var none = new SqliteCommand();
        Task Insert(string key) => store.Writer.ExecuteAsync($"INSERT INTO OrleansQuery VALUES ('{key}', 'text')", none.Parameters, Cancellation);

        var inserts = Enumerable.Range(0, 20).Select(number => Insert(number % 2 == 0 ? $"{number}" : "0")).ToArray();
        var failures = 0;
        foreach (var insert in inserts)
        {
            try
            {
                await insert;
            }
            catch (SqliteException)
            {
                failures++;
            }
        }

        Assert.Equal(10, failures);
        using var reader = await store.Writer.ExecuteAsync("SELECT count(*) AS Number FROM OrleansQuery WHERE QueryText = 'text'", none.Parameters, Cancellation);
        Assert.True(reader.Read());
        Assert.Equal(10L, reader.GetValue(0));
    }

    [Fact]
    public async Task Change_of_membership_needs_the_current_version()
    {
        var (table, silo) = (await MembershipAsync(), Silo(1));
        var before = await table.ReadAllAsync(Cancellation);

        Assert.True(await table.InsertRowAsync(silo, before.Version.Next(), Cancellation));
        Assert.False(await table.InsertRowAsync(Silo(2), before.Version.Next(), Cancellation));
        Assert.False(await table.UpdateRowAsync(silo, before.Version.VersionEtag, before.Version.Next(), Cancellation));
        var current = (await table.ReadAllAsync(Cancellation)).Version;
        Assert.Equal(before.Version.Version + 1, current.Version);
        Assert.False(await table.InsertRowAsync(silo, current.Next(), Cancellation));
        Assert.False(await table.UpdateRowAsync(Silo(2), current.VersionEtag, current.Next(), Cancellation));

        silo.Status = SiloStatus.Active;
        silo.AddSuspector(Silo(2).SiloAddress, DateTime.UtcNow);
        Assert.True(await table.UpdateRowAsync(silo, current.VersionEtag, current.Next(), Cancellation));

        var after = await table.ReadAllAsync(Cancellation);
        Assert.Equal(current.Version + 1, after.Version.Version);
        var member = Assert.Single(after.Members).Item1;
        Assert.Equal(SiloStatus.Active, member.Status);
        Assert.Equal(silo.SiloName, member.SiloName);
        Assert.Equal(silo.StartTime, member.StartTime);
        Assert.Equal(Silo(2).SiloAddress, Assert.Single(member.SuspectTimes!).Item1);
    }

    [Fact]
    public async Task Change_of_membership_by_two_silos_at_once_succeeds_for_one()
    {
        var (first, second) = (await MembershipAsync(), await MembershipAsync());
        var version = (await first.ReadAllAsync(Cancellation)).Version.Next();

        var outcomes = await Task.WhenAll(first.InsertRowAsync(Silo(1), version, Cancellation), second.InsertRowAsync(Silo(2), version, Cancellation));

        Assert.Single(outcomes, won => won);
        Assert.Single((await first.ReadAllAsync(Cancellation)).Members);
    }

    [Fact]
    public async Task Heartbeat_changes_its_time_and_no_version()
    {
        var (table, silo) = (await MembershipAsync(), Silo(1));
        await table.InsertRowAsync(silo, (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation);
        var before = (await table.ReadAllAsync(Cancellation)).Version;

        silo.IAmAliveTime = silo.IAmAliveTime.AddSeconds(30);
        await table.UpdateIAmAliveAsync(silo, Cancellation);

        var row = await table.ReadRowAsync(silo.SiloAddress, Cancellation);
        Assert.Equal(before.Version, row.Version.Version);
        Assert.Equal(silo.IAmAliveTime, Assert.Single(row.Members).Item1.IAmAliveTime);
        Assert.Empty((await table.ReadRowAsync(Silo(2).SiloAddress, Cancellation)).Members);
    }

    [Fact]
    public async Task Cleanup_forgets_only_silos_long_dead()
    {
        var table = await MembershipAsync();
        var now = DateTime.UtcNow;
        await InsertAsync(table, Silo(1), SiloStatus.Dead, now.AddDays(-8));
        await InsertAsync(table, Silo(2), SiloStatus.Dead, now.AddDays(-6));
        await InsertAsync(table, Silo(3), SiloStatus.Active, now.AddDays(-8));

        await table.CleanupDefunctSiloEntriesAsync(now.AddDays(-7), Cancellation);

        var left = (await table.ReadAllAsync(Cancellation)).Members.Select(member => member.Item1.SiloAddress.Generation).Order();
        Assert.Equal([2, 3], left);
    }

    [Fact]
    public async Task Reminders_are_kept_by_version_and_found_by_range()
    {
        var reminders = (await HostAsync()).Services.GetRequiredService<IReminderTable>();
        await reminders.StartAsync(Cancellation);
        var grain = GrainId.Create("thing", "one");
        var entry = new ReminderEntry { GrainId = grain, ReminderName = "tick", StartAt = DateTime.UtcNow, Period = TimeSpan.FromMinutes(1) };

        var first = await reminders.UpsertRow(entry, Cancellation);
        var second = await reminders.UpsertRow(entry, Cancellation);

        Assert.NotEqual(first, second);
        Assert.Equal(entry.StartAt, (await reminders.ReadRow(grain, "tick", Cancellation))!.StartAt);
        Assert.Single((await reminders.ReadRows(grain, Cancellation)).Reminders);
        var hash = grain.GetUniformHashCode();
        Assert.Single((await reminders.ReadRows(hash - 1, hash, Cancellation)).Reminders);
        Assert.Empty((await reminders.ReadRows(hash, hash + 1, Cancellation)).Reminders);
        Assert.Single((await reminders.ReadRows(hash + 1, hash, Cancellation)).Reminders);
        Assert.False(await reminders.RemoveRow(grain, "tick", first!, Cancellation));
        Assert.True(await reminders.RemoveRow(grain, "tick", second!, Cancellation));
        Assert.Null(await reminders.ReadRow(grain, "tick", Cancellation));
    }

    private static MembershipEntry Silo(int generation) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, 11111, generation),
        SiloName = $"silo {generation}",
        HostName = "host",
        Status = SiloStatus.Joining,
        ProxyPort = 30000,
        StartTime = new DateTime(2030, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc),
        IAmAliveTime = new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc),
    };

    private static async Task InsertAsync(IMembershipTable table, MembershipEntry silo, SiloStatus status, DateTime alive)
    {
        (silo.Status, silo.StartTime, silo.IAmAliveTime) = (status, alive, alive);
        Assert.True(await table.InsertRowAsync(silo, (await table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation));
    }

    private static async Task<string?> ReadAsync(IGrainStorage storage, GrainId id, string name = Store)
    {
        var state = new GrainState<Thing>();
        await storage.ReadStateAsync(name, id, state);
        return state.State?.Text;
    }

    private async Task<IMembershipTable> MembershipAsync()
    {
        var table = (await HostAsync()).Services.GetRequiredService<IMembershipTable>();
        await table.InitializeMembershipTableAsync(tryInitTableVersion: true, Cancellation);
        return table;
    }

    private async Task<IGrainStorage> GrainStorageAsync()
    {
        var services = (await HostAsync()).Services;
        var storage = services.GetRequiredKeyedService<IGrainStorage>(Store);
        var lifecycle = ActivatorUtilities.CreateInstance<SiloLifecycleSubject>(services);
        ((ILifecycleParticipant<ISiloLifecycle>)storage).Participate(lifecycle);
        await lifecycle.OnStart(Cancellation);
        return storage;
    }

    /// <summary>The services of a silo that is never started; each has a writer of its own, as each process has.</summary>
    private async Task<IHost> HostAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("test", "test"))
            .UseLocalStore(new SqliteStoreOptions { Path = _data.Store }, [Store], new JsonSerializer()));
        var host = builder.Build();
        _hosts.Add(host);
        await host.Services.GetRequiredService<StartupChecks>().RunAsync(Cancellation);
        return host;
    }

    private sealed record Thing(string Text);

    private sealed class JsonSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => BinaryData.FromObjectAsJson(input);

        public T Deserialize<T>(BinaryData input) => input.ToObjectFromJson<T>()!;
    }
}
