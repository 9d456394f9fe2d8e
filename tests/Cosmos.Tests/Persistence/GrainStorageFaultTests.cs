using DroneDelivery.Cosmos.Account;
using DroneDelivery.CosmosSimulator.Faults;
using DroneDelivery.CosmosSimulator.Protocol;
using Microsoft.Azure.Cosmos;
using Orleans.Persistence.Cosmos;
using Orleans.Providers.Cosmos;
using Orleans.Storage;

namespace DroneDelivery.Cosmos.Persistence;

/// <summary>Grain storage when requests fail: a write of unknown outcome drops the activation, and nothing is lost or doubled.</summary>
[Trait("Needs", "Simulator")]
[Trait("Category", "Slow")]
public sealed class GrainStorageFaultTests : IAsyncLifetime
{
    private const string State = "thing";
    private static readonly RequestKind[] Writes =
        [RequestKind.CreateItem, RequestKind.ReplaceItem, RequestKind.UpsertItem, RequestKind.DeleteItem];

    private TestAccount _account = null!;
    private ProviderHost _providers = null!;
    private IGrainStorage _storage = null!;

    public static TheoryData<string, bool, bool> Faults => FaultCases.All();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _account = await TestAccount.SimulatedAsync();

    public async ValueTask DisposeAsync()
    {
        if (_providers is not null) await _providers.DisposeAsync();
        await _account.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Write_is_made_or_fails_and_an_open_outcome_drops_the_activation(string fault, bool lasting, bool repeats)
    {
        await StartAsync(repeats, delete: false, Limit(lasting));
        var id = Id();
        string[] texts = ["created", "replaced", "replaced again"];
        var state = new GrainState<Thing>();
        foreach (var text in texts)
        {
            var before = state.State?.Text;
            state.State = new() { Text = text };
            Strike(fault, lasting);

            var thrown = await FaultAsync(() => _storage.WriteStateAsync(State, id, state, Cancellation));

            _account.Faults.Clear();
            var stored = await ReadAsync(id);
            if (thrown is null) Assert.Equal(state.ETag, stored.ETag);
            if (thrown is null) Assert.Equal(text, stored.State!.Text);
            if (thrown is not null && FaultCases.LeavesOpen(fault)) Assert.IsType<InconsistentStateException>(thrown, exactMatch: false);
            if (thrown is not null && !FaultCases.LeavesOpen(fault)) Assert.Equal(before, stored.State!.Text);
            Assert.Contains(stored.State!.Text, new[] { before, text });
            // The next activation goes on from what is stored.
            state = stored;
            if (stored.State!.Text == text) continue;
            state.State = new() { Text = text };
            await _storage.WriteStateAsync(State, id, state, Cancellation);
        }

        Assert.Equal(texts[^1], (await ReadAsync(id)).State!.Text);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Clear_is_made_or_fails(string fault, bool lasting, bool repeats)
    {
        foreach (var delete in new[] { false, true })
        {
            await StartAsync(repeats, delete, Limit(lasting));
            var id = Id();
            var state = new GrainState<Thing>(new() { Text = "there" });
            await _storage.WriteStateAsync(State, id, state, Cancellation);
            Strike(fault, lasting);

            var thrown = await FaultAsync(() => _storage.ClearStateAsync(State, id, state, Cancellation));

            _account.Faults.Clear();
            var stored = await ReadAsync(id);
            if (thrown is null) Assert.False(stored.RecordExists);
            if (thrown is not null && FaultCases.LeavesOpen(fault)) Assert.IsType<InconsistentStateException>(thrown, exactMatch: false);
            if (stored.RecordExists) await _storage.ClearStateAsync(State, id, stored, Cancellation);
            Assert.False((await ReadAsync(id)).RecordExists);
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Read_finds_what_is_stored_or_fails(string fault, bool lasting, bool repeats)
    {
        await StartAsync(repeats, delete: false, Limit(lasting));
        var id = Id();
        await _storage.WriteStateAsync(State, id, new GrainState<Thing>(new() { Text = "there" }), Cancellation);
        var state = new GrainState<Thing>();
        _account.Faults.Add(FaultCases.Named(fault, lasting).On(RequestKind.ReadItem));

        var thrown = await FaultAsync(() => _storage.ReadStateAsync(State, id, state, Cancellation));

        if (thrown is null) Assert.Equal("there", state.State!.Text);
        else Assert.IsType<CosmosRequestException>(thrown);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Appends_of_two_activations_under_all_faults_each_arrive_once(bool repeats)
    {
        await StartAsync(repeats, delete: false);
        var (id, names) = (Id(), new[] { "408", "410", "429", "449", "500", "503", "reset", "answer lost after the effect", "408 after the effect", "503 after the effect" });

        // Each of two rivals appends its numbers in order; after a failure it reads again, as a new activation does, and looks whether its number is there.
        var faults = 0;
        async Task AppendAsync(string rival)
        {
            var random = new Random(rival.GetHashCode(StringComparison.Ordinal));
            GrainState<Thing>? state = null;
            for (var number = 0; number < 40; number++)
            {
                var tag = $"{rival}/{number}";
                while (true)
                {
                    if (random.Next(3) is 0) foreach (var operation in Writes) _account.Faults.Add(FaultCases.Named(names[random.Next(names.Length)], false).On(operation));
                    try
                    {
                        state ??= await ReadAsync(id);
                        if (state.State!.Tags.Contains(tag)) break;
                        state.State = new() { Tags = [.. state.State!.Tags, tag] };
                        await _storage.WriteStateAsync(State, id, state, Cancellation);
                        break;
                    }
                    catch (OrleansException)
                    {
                        Interlocked.Increment(ref faults);
                        state = null;
                    }
                }
            }
        }

        await Task.WhenAll(AppendAsync("a"), AppendAsync("b"));

        _account.Faults.Clear();
        var tags = (await ReadAsync(id)).State!.Tags;
        Assert.NotEqual(0, faults);
        Assert.Equal(80, tags.Count);
        foreach (var rival in new[] { "a", "b" })
            Assert.Equal(Enumerable.Range(0, 40).Select(number => $"{rival}/{number}"), tags.Where(tag => tag[0] == rival[0]));
    }

    [Fact]
    public async Task Operation_that_takes_too_long_is_cut_off_and_its_outcome_called_unknown()
    {
        await StartAsync(repeats: true, delete: false, TimeSpan.FromSeconds(1));
        _account.Faults.Add(Fault.Delayed(TimeSpan.FromSeconds(30)).Times(null));

        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync(State, Id(), new GrainState<Thing>(new()), Cancellation));
        var read = await Assert.ThrowsAsync<CosmosRequestException>(() => ReadAsync(Id()));

        Assert.Equal(408, (int)read.StatusCode);
    }

    [Fact]
    public async Task Write_that_is_cancelled_on_its_way_has_an_unknown_outcome_and_before_it_has_none()
    {
        await StartAsync(repeats: false, delete: false);
        using var cancellation = new CancellationTokenSource();
        _account.Faults.Add(Fault.Delayed(TimeSpan.FromSeconds(30)));
        var id = Id();
        var write = _storage.WriteStateAsync(State, id, new GrainState<Thing>(new()), cancellation.Token);
        while (_account.Faults.Pending.Count > 0) await Task.Delay(5, Cancellation);

        await cancellation.CancelAsync();

        await Assert.ThrowsAsync<InconsistentStateException>(() => write);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _storage.WriteStateAsync(State, id, new GrainState<Thing>(new()), cancellation.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _storage.ReadStateAsync(State, id, new GrainState<Thing>(), cancellation.Token));
    }

    [Fact]
    public async Task Container_that_is_gone_is_not_taken_for_a_new_grain()
    {
        await StartAsync(repeats: false, delete: false);
        var id = Id();
        var state = new GrainState<Thing>(new() { Text = "there" });
        await _storage.WriteStateAsync(State, id, state, Cancellation);
        await _account.Container("OrleansStorage").DeleteContainerAsync(cancellationToken: Cancellation);

        await Assert.ThrowsAsync<CosmosRequestException>(() => ReadAsync(id));
        await Assert.ThrowsAsync<CosmosRequestException>(() => _storage.WriteStateAsync(State, id, state, Cancellation));
    }

    [Fact]
    public async Task Session_that_is_not_available_is_not_taken_for_a_new_grain()
    {
        await StartAsync(repeats: false, delete: false);
        _account.Faults.Add(Fault.Answer(404, 1002).Times(null).On(RequestKind.ReadItem));

        await Assert.ThrowsAsync<CosmosRequestException>(() => ReadAsync(Id()));
    }

    [Theory]
    [InlineData(404, 1002, true)]
    [InlineData(404, 1013, true)]
    [InlineData(403, 3, true)]
    [InlineData(403, 1008, true)]
    [InlineData(404, 1003, false)]
    [InlineData(403, 0, false)]
    [InlineData(403, 5300, false)]
    public async Task Failover_and_lag_pass_by_themselves_and_a_wrong_setup_does_not(int status, int subStatus, bool passes)
    {
        await StartAsync(repeats: false, delete: false);
        var (id, state) = (Id(), new GrainState<Thing>(new() { Text = "there" }));
        _account.Faults.Add(Fault.Answer(status, subStatus).Times(null));

        var read = await Assert.ThrowsAsync<CosmosRequestException>(() => ReadAsync(id));
        var write = await Assert.ThrowsAsync<CosmosRequestException>(() => _storage.WriteStateAsync(State, id, state, Cancellation));
        Assert.All([read, write], fault => Assert.Equal((status, subStatus, passes, passes), ((int)fault.StatusCode, fault.SubStatusCode, fault.IsTransient, fault.PassesSoon)));

        _account.Faults.Clear();
        await _storage.WriteStateAsync(State, id, state, Cancellation);
        Assert.Equal("there", (await ReadAsync(id)).State!.Text);
    }

    [Fact]
    public async Task State_that_is_too_large_is_refused_before_it_is_sent_and_by_the_account()
    {
        await StartAsync(repeats: false, delete: false);
        var (id, state) = (Id(), new GrainState<Thing>(new() { Text = new('x', 2 * 1024 * 1024) }));

        var fault = await Assert.ThrowsAsync<OrleansException>(() => _storage.WriteStateAsync(State, id, state, Cancellation));

        Assert.Contains("2,097,152", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"{id}", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, _account.Simulator.Requests.Requests(RequestKind.CreateItem));
        _account.Faults.Add(Fault.Answer(413).On(RequestKind.CreateItem));
        state.State = new();
        fault = await Assert.ThrowsAsync<OrleansException>(() => _storage.WriteStateAsync(State, id, state, Cancellation));
        Assert.Contains("2,097,152", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_is_one_request_that_downloads_nothing()
    {
        var downloads = new Downloads();
        await StartAsync(repeats: false, delete: false, handler: downloads);
        var (id, state) = (Id(), new GrainState<Thing>(new() { Text = "text" }));
        await _storage.WriteStateAsync(State, id, state, Cancellation);
        _account.Simulator.Requests.Reset();
        var before = downloads.WriteBytes;

        await _storage.WriteStateAsync(State, id, state, Cancellation);

        Assert.Equal(1, _account.Simulator.Requests.Requests());
        Assert.Equal(1, _account.Simulator.Requests.Requests(RequestKind.ReplaceItem));
        Assert.Equal((await ReadAsync(id)).ETag, state.ETag);
        Assert.Equal(before, downloads.WriteBytes);
    }

    private static TimeSpan Limit(bool lasting) => TimeSpan.FromSeconds(lasting ? 5 : 30);

    private static GrainId Id() => GrainId.Create("thing", Guid.NewGuid().ToString("N"));

    private static async Task<Exception?> FaultAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (OrleansException fault)
        {
            return fault;
        }
    }

    private void Strike(string fault, bool lasting) => _account.Faults.Add(Writes.Select(operation => FaultCases.Named(fault, lasting).On(operation)));

    private async Task<GrainState<Thing>> ReadAsync(GrainId id)
    {
        var state = new GrainState<Thing>();
        await _storage.ReadStateAsync(State, id, state, Cancellation);
        return state;
    }

    private async Task StartAsync(bool repeats, bool delete, TimeSpan? timeout = null, RequestHandler? handler = null)
    {
        if (_providers is not null) await _providers.DisposeAsync();
        _providers = ProviderHost.ForStorage(_account, "things", configure: options =>
        {
            options.Partitioning = CosmosPartitioning.Grain;
            options.DeleteStateOnClear = delete;
            options.LimitToEndpoint = !repeats;
            options.MaxThrottlingRetries = 3;
            options.OperationTimeout = timeout ?? Limit(false);
            if (handler is not null) options.ClientOptions = new() { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true, CustomHandlers = { handler } };
        });
        _storage = await _providers.StorageAsync("things", Cancellation);
    }

    private sealed class Downloads : RequestHandler
    {
        public long WriteBytes { get; private set; }

        public override async Task<ResponseMessage> SendAsync(RequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (request.Method is not { Method: "GET" }) WriteBytes += response.Content?.Length ?? 0;
            return response;
        }
    }
}
