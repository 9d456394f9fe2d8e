using DroneDelivery.Cosmos.Account;
using Orleans.Persistence.Cosmos;
using Orleans.Storage;

namespace DroneDelivery.Cosmos.Persistence;

/// <summary>What Orleans expects of a grain storage, for one way of keeping documents.</summary>
public abstract class GrainStorageTests(AccountFixture fixture, CosmosPartitioning partitioning, bool deleteOnClear) : IClassFixture<AccountFixture>, IAsyncLifetime
{
    private const string State = "thing";
    private ProviderHost _providers = null!;
    private IGrainStorage _storage = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _providers = Process();
        _storage = await _providers.StorageAsync("things", Cancellation);
    }

    public ValueTask DisposeAsync() => _providers.DisposeAsync();

    [Fact]
    public async Task State_that_was_never_written_reads_as_new()
    {
        var state = new GrainState<Thing>(new() { Text = "stale" }) { ETag = "stale", RecordExists = true };

        await _storage.ReadStateAsync(State, Id(), state, Cancellation);

        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
        AssertEqual(new(), state.State);
    }

    [Fact]
    public async Task State_reads_as_it_was_written()
    {
        GrainId[] ids =
        [
            Id(),
            GrainId.Create("thing", $"/\\?#_~ Привет, мир {Guid.NewGuid()} \"'"),
            GrainId.Create(GrainType.Create("thing"), GrainIdKeyExtensions.CreateIntegerKey(Random.Shared.NextInt64())),
            GrainId.Create(GrainType.Create("thing"), GrainIdKeyExtensions.CreateGuidKey(Guid.NewGuid(), "extension")),
        ];
        foreach (var id in ids)
        {
            var written = await WriteAsync(id, new() { Text = "Привет, 世界 🚁 \"quoted\" \u0001", Number = -3, Big = long.MaxValue, Tags = ["a", "b"] });

            var read = await ReadAsync(id);

            Assert.True(written.RecordExists);
            Assert.True(read.RecordExists);
            Assert.Equal(written.ETag, read.ETag);
            AssertEqual(written.State, read.State);
        }
    }

    [Fact]
    public async Task Every_write_changes_the_etag_even_of_the_same_state()
    {
        var (id, etags) = (Id(), new List<string?>());
        var state = await WriteAsync(id, new() { Text = "same" });
        for (var write = 0; write < 3; write++)
        {
            etags.Add(state.ETag);
            await _storage.WriteStateAsync(State, id, state, Cancellation);
        }

        Assert.Equal(4, etags.Append(state.ETag).Distinct().Count());
        Assert.DoesNotContain(null, etags);
    }

    [Fact]
    public async Task First_write_of_a_state_that_exists_is_refused()
    {
        var id = Id();
        var first = await WriteAsync(id, new() { Text = "first" });

        var fault = await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(id, new() { Text = "second" }));

        Assert.Null(fault.CurrentEtag);
        Assert.Equal("first", (await ReadAsync(id)).State!.Text);
        Assert.Equal(first.ETag, (await ReadAsync(id)).ETag);
    }

    [Fact]
    public async Task Write_and_clear_with_an_old_etag_are_refused()
    {
        var id = Id();
        var state = await WriteAsync(id, new() { Text = "old" });
        var stale = new GrainState<Thing>(new() { Text = "stale" }) { ETag = state.ETag, RecordExists = true };
        state.State = new() { Text = "new" };
        await _storage.WriteStateAsync(State, id, state, Cancellation);

        var fault = await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync(State, id, stale, Cancellation));
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.ClearStateAsync(State, id, stale, Cancellation));

        Assert.Equal(stale.ETag, fault.CurrentEtag);
        Assert.Equal("new", (await ReadAsync(id)).State!.Text);
    }

    [Fact]
    public async Task Write_to_a_state_that_does_not_exist_is_refused()
    {
        var ghost = new GrainState<Thing>(new() { Text = "ghost" }) { ETag = "\"00000000-0000-0000-0000-000000000000\"", RecordExists = true };

        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync(State, Id(), ghost, Cancellation));
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.ClearStateAsync(State, Id(), ghost, Cancellation));
    }

    [Fact]
    public async Task Any_etag_writes_and_clears_whatever_is_there()
    {
        var id = Id();
        var state = new GrainState<Thing>(new() { Text = "one" }) { ETag = "*" };
        await _storage.WriteStateAsync(State, id, state, Cancellation);
        state = new GrainState<Thing>(new() { Text = "two" }) { ETag = "*" };
        await _storage.WriteStateAsync(State, id, state, Cancellation);
        Assert.Equal("two", (await ReadAsync(id)).State!.Text);
        Assert.Equal(state.ETag, (await ReadAsync(id)).ETag);

        state.ETag = "*";
        await _storage.ClearStateAsync(State, id, state, Cancellation);
        state.ETag = "*";
        await _storage.ClearStateAsync(State, id, state, Cancellation);

        Assert.False((await ReadAsync(id)).RecordExists);
    }

    [Fact]
    public async Task Cleared_state_reads_as_new_and_can_be_written_again()
    {
        var id = Id();
        var state = await WriteAsync(id, new() { Text = "first" });
        var written = state.ETag;

        await _storage.ClearStateAsync(State, id, state, Cancellation);

        Assert.False(state.RecordExists);
        Assert.NotEqual(written, state.ETag);
        Assert.Equal(deleteOnClear, state.ETag is null);
        AssertEqual(new(), state.State);
        var read = await ReadAsync(id);
        Assert.False(read.RecordExists);
        Assert.Equal(state.ETag, read.ETag);
        AssertEqual(new(), read.State);
        state.State = new() { Text = "second" };
        await _storage.WriteStateAsync(State, id, state, Cancellation);
        Assert.Equal("second", (await ReadAsync(id)).State!.Text);
    }

    [Fact]
    public async Task Clearing_what_was_never_written_and_clearing_twice_do_nothing()
    {
        var id = Id();
        var state = new GrainState<Thing>(new() { Text = "stale" }) { RecordExists = true };
        for (var clear = 0; clear < 3; clear++)
        {
            await _storage.ClearStateAsync(State, id, state, Cancellation);
            Assert.False(state.RecordExists);
            AssertEqual(new(), state.State);
        }

        Assert.False((await ReadAsync(id)).RecordExists);
    }

    [Fact]
    public async Task Clearing_a_state_that_another_has_written_first_is_refused()
    {
        var id = Id();
        await WriteAsync(id, new() { Text = "there" });

        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.ClearStateAsync(State, id, new GrainState<Thing>(), Cancellation));

        Assert.Equal("there", (await ReadAsync(id)).State!.Text);
    }

    [Fact]
    public async Task States_grains_and_services_do_not_meet()
    {
        // The official layout tells states of a grain apart by partition, so this holds for every layout.
        await using var other = Process($"other-{Guid.NewGuid():N}");
        var otherStorage = await other.StorageAsync("things", Cancellation);
        var key = $"{Guid.NewGuid():N}";
        (IGrainStorage Storage, string State, GrainId Id)[] places =
        [
            (_storage, "a", GrainId.Create("thing", key)),
            (_storage, "b", GrainId.Create("thing", key)),
            (_storage, "a_b", GrainId.Create("thing", key)),
            (_storage, "a", GrainId.Create("thing", $"b_{key}")),
            (_storage, "a", GrainId.Create("thing_b", key)),
            (_storage, "a", GrainId.Create("thing", key.ToUpperInvariant())),
            (_storage, "a/b", GrainId.Create("thing", key)),
            (_storage, "a~0b", GrainId.Create("thing", key)),
            (otherStorage, "a", GrainId.Create("thing", key)),
        ];
        foreach (var (place, number) in places.Select((place, number) => (place, number)))
            await place.Storage.WriteStateAsync(place.State, place.Id, new GrainState<Thing>(new() { Number = number }), Cancellation);

        foreach (var (place, number) in places.Select((place, number) => (place, number)))
        {
            var read = new GrainState<Thing>();
            await place.Storage.ReadStateAsync(place.State, place.Id, read, Cancellation);
            Assert.Equal(number, read.State!.Number);
        }
    }

    [Fact]
    public async Task Fifty_writers_of_one_state_win_one_round_each()
    {
        const int Writers = 50;
        await using var second = Process();
        IGrainStorage[] storages = [_storage, await second.StorageAsync("things", Cancellation)];
        var id = Id();
        for (var round = 0; round < 10; round++)
        {
            var before = await ReadAsync(id);
            var outcomes = await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
            {
                var state = new GrainState<Thing>(new() { Text = $"{round}/{writer}" }) { ETag = before.ETag, RecordExists = before.RecordExists };
                try
                {
                    await storages[writer % 2].WriteStateAsync(State, id, state, Cancellation);
                    return state;
                }
                catch (InconsistentStateException)
                {
                    return null;
                }
            }));

            var winner = Assert.Single(outcomes, outcome => outcome is not null)!;
            var after = await ReadAsync(id);
            Assert.Equal(winner.State!.Text, after.State!.Text);
            Assert.Equal(winner.ETag, after.ETag);
        }
    }

    [Fact]
    public async Task Many_grains_written_in_parallel_keep_their_states()
    {
        var ids = Enumerable.Range(0, 50).Select(_ => Id()).ToList();
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation }, async (id, token) =>
        {
            var state = new GrainState<Thing>();
            for (var write = 1; write <= 5; write++)
            {
                state.State = new() { Text = $"{id}", Number = write };
                await _storage.WriteStateAsync(State, id, state, token);
                var read = await ReadAsync(id);
                Assert.Equal(state.ETag, read.ETag);
                AssertEqual(state.State, read.State);
            }
        });
    }

    private static GrainId Id() => GrainId.Create("thing", Guid.NewGuid().ToString("N"));

    private static void AssertEqual(Thing? expected, Thing? actual) => Assert.Equivalent(expected, actual, strict: true);

    private ProviderHost Process(string serviceId = "service") => ProviderHost.ForStorage(fixture.Account, "things", serviceId, options =>
    {
        options.ContainerName = $"things-{partitioning}-{deleteOnClear}";
        options.Partitioning = partitioning;
        options.DeleteStateOnClear = deleteOnClear;
    });

    private async Task<GrainState<Thing>> WriteAsync(GrainId id, Thing thing)
    {
        var state = new GrainState<Thing>(thing);
        await _storage.WriteStateAsync(State, id, state, Cancellation);
        return state;
    }

    private async Task<GrainState<Thing>> ReadAsync(GrainId id)
    {
        var state = new GrainState<Thing>();
        await _storage.ReadStateAsync(State, id, state, Cancellation);
        return state;
    }
}

/// <summary>The official layout; clearing leaves a document.</summary>
public sealed class GrainStorageByStateNameTests(AccountFixture fixture) : GrainStorageTests(fixture, CosmosPartitioning.StateName, deleteOnClear: false);

/// <summary>The official layout; clearing deletes.</summary>
public sealed class GrainStorageByStateNameWithDeletionTests(AccountFixture fixture) : GrainStorageTests(fixture, CosmosPartitioning.StateName, deleteOnClear: true);

/// <summary>A partition for each grain; clearing leaves a document.</summary>
public sealed class GrainStorageByGrainTests(AccountFixture fixture) : GrainStorageTests(fixture, CosmosPartitioning.Grain, deleteOnClear: false);

/// <summary>A partition for each grain; clearing deletes.</summary>
public sealed class GrainStorageByGrainWithDeletionTests(AccountFixture fixture) : GrainStorageTests(fixture, CosmosPartitioning.Grain, deleteOnClear: true);
