using DroneDelivery.Cosmos.Account;
using DroneDelivery.CosmosSimulator.Faults;
using DroneDelivery.CosmosSimulator.Protocol;
using Orleans.Providers.Cosmos;
using Orleans.Storage;

namespace DroneDelivery.Cosmos.Persistence;

/// <summary>One case of each kind of <see cref="GrainStorageFaultTests"/>, with a client that does not wait.</summary>
[Trait("Needs", "Simulator")]
public sealed class OpenOutcomeTests : IAsyncLifetime
{
    private const string State = "thing";
    private static readonly GrainId Id = GrainId.Create("thing", "1");

    private readonly GrainState<Thing> _state = new(new() { Text = "first" });
    private TestAccount _account = null!;
    private ProviderHost _providers = null!;
    private IGrainStorage _storage = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _account = await TestAccount.SimulatedAsync();
        _providers = ProviderHost.ForStorage(_account, "things", configure: options => options.MaxThrottlingRetries = 0);
        _storage = await _providers.StorageAsync("things", Cancellation);
        await _storage.WriteStateAsync(State, Id, _state, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _providers.DisposeAsync();
        await _account.DisposeAsync();
    }

    [Theory]
    [InlineData(false, "first")]
    [InlineData(true, "second")]
    public async Task Write_of_unknown_outcome_drops_the_activation_and_the_next_reads_what_is_stored(bool afterEffect, string stored)
    {
        _state.State = new() { Text = "second" };
        _account.Faults.Add((afterEffect ? Fault.AnswerAfterEffect(408) : Fault.Answer(408)).On(RequestKind.ReplaceItem).Times(null));

        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync(State, Id, _state, Cancellation));

        _account.Faults.Clear();
        Assert.Equal(stored, await ReadAsync());
    }

    [Fact]
    public async Task Clearing_of_unknown_outcome_drops_the_activation()
    {
        _account.Faults.Add(Fault.Answer(408).On(RequestKind.ReplaceItem).Times(null));

        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.ClearStateAsync(State, Id, _state, Cancellation));

        _account.Faults.Clear();
        Assert.Equal("first", await ReadAsync());
    }

    [Fact]
    public async Task Throttled_write_was_not_made_and_may_be_repeated()
    {
        _state.State = new() { Text = "second" };
        _account.Faults.Add(Fault.Throttled(TimeSpan.FromMilliseconds(1)).On(RequestKind.ReplaceItem).Times(null));

        var fault = await Assert.ThrowsAsync<CosmosRequestException>(() => _storage.WriteStateAsync(State, Id, _state, Cancellation));

        Assert.True(fault.IsTransient);
        Assert.Contains("failed with 429/3200 TooManyRequests", fault.Message, StringComparison.Ordinal);
        _account.Faults.Clear();
        await _storage.WriteStateAsync(State, Id, _state, Cancellation);
        Assert.Equal("second", await ReadAsync());
    }

    private async Task<string?> ReadAsync()
    {
        var state = new GrainState<Thing>();
        await _storage.ReadStateAsync(State, Id, state, Cancellation);
        return state.State?.Text;
    }
}
