using Orleans.Concurrency;

namespace DroneDelivery.Cosmos.Setup;

/// <summary>A grain with a state and a reminder.</summary>
public interface ICounterGrain : IGrainWithStringKey
{
    /// <summary>Counts one more.</summary>
    Task<int> IncrementAsync();

    /// <summary>The count.</summary>
    [ReadOnly]
    Task<int> GetAsync();

    /// <summary>Sets a reminder.</summary>
    Task RemindAsync(string name);

    /// <summary>Whether the reminder is set.</summary>
    Task<bool> IsRemindedAsync(string name);

    /// <summary>Removes a reminder.</summary>
    Task ForgetAsync(string name);
}

internal sealed class CounterGrain([PersistentState("counter", "counters")] IPersistentState<CounterGrain.Count> state) : Grain, ICounterGrain, IRemindable
{
    public async Task<int> IncrementAsync()
    {
        state.State = new() { Value = state.State.Value + 1 };
        await state.WriteStateAsync();
        return state.State.Value;
    }

    public Task<int> GetAsync() => Task.FromResult(state.State.Value);

    public Task RemindAsync(string name) => this.RegisterOrUpdateReminder(name, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));

    public async Task<bool> IsRemindedAsync(string name) => await this.GetReminder(name) is not null;

    public async Task ForgetAsync(string name) => await this.UnregisterReminder((await this.GetReminder(name))!);

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;

    internal sealed record Count
    {
        public int Value { get; init; }
    }
}
