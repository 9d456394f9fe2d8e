using DroneDelivery.Storage;

namespace DroneDelivery.Drones;

[GrainType("weather")]
internal sealed class WeatherGrain(
    [PersistentState("weather", GrainStores.Drones)] IPersistentState<WeatherState> store, TimeProvider time)
    : DocumentGrain<WeatherState>(store), IWeatherGrain
{
    public async Task<CommandResult> Set(WeatherHold hold)
    {
        var lasting = Lasting();
        if (lasting.Contains(hold)) return CommandResult.Done;
        if (hold.Until <= time.GetUtcNow()) return CommandResult.Conflict("The end of the hold has passed.");

        var others = lasting.Where(known => known.HoldId != hold.HoldId).ToList();
        if (others.Count >= WeatherState.Capacity) return CommandResult.Conflict($"There are {others.Count} holds already; lift some.");
        await Save(new WeatherState { Holds = [.. others, hold] });
        return others.Count == lasting.Count ? CommandResult.Created : CommandResult.Done;
    }

    public async Task<CommandResult> Lift(string holdId)
    {
        var lasting = Lasting();
        if (lasting.All(hold => hold.HoldId != holdId)) return CommandResult.NotFound;
        await Save(new WeatherState { Holds = [.. lasting.Where(hold => hold.HoldId != holdId)] });
        return CommandResult.Done;
    }

    public ValueTask<IReadOnlyList<WeatherHold>> Get() => ValueTask.FromResult(Lasting());

    private IReadOnlyList<WeatherHold> Lasting() =>
        [.. Document.Holds.Where(hold => hold.Until > time.GetUtcNow()).OrderBy(hold => hold.HoldId, StringComparer.Ordinal)];
}

/// <summary>Stored form of the weather holds.</summary>
internal sealed record WeatherState
{
    /// <summary>Most holds at a time: every queue compares every ticket with all of them.</summary>
    public const int Capacity = 100;

    public IReadOnlyList<WeatherHold> Holds { get; init; } = [];
}
