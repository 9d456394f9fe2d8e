using DroneDelivery.Storage;

namespace DroneDelivery.Drones;

[GrainType("weather")]
internal sealed class WeatherGrain(
    [PersistentState("weather", GrainStores.Drones)] IPersistentState<WeatherState> store, TimeProvider time)
    : DocumentGrain<WeatherState>(store), IWeatherGrain
{
    public async Task<CommandResult> Set(WeatherHold hold, CommandId command)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        var lasting = Lasting();
        if (lasting.Contains(hold) && command == default) return CommandResult.Done;
        if (hold.Until <= time.GetUtcNow()) return CommandResult.Conflict("The end of the hold has passed.");

        var others = lasting.Where(other => other.HoldId != hold.HoldId).ToList();
        if (others.Count >= WeatherState.Capacity) return CommandResult.Conflict($"There are {others.Count} holds already; lift some.");
        var result = others.Count == lasting.Count ? CommandResult.Created : CommandResult.Done;
        await Save(Document with { Holds = [.. others, hold], Commands = Document.Commands.With(command, result) });
        return result;
    }

    public async Task<CommandResult> Lift(string holdId, CommandId command)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        var lasting = Lasting();
        if (lasting.All(hold => hold.HoldId != holdId))
        {
            Note(Document with { Commands = Document.Commands.With(command, CommandResult.NotFound) }); // Or it would lift the next of that id when it comes again.
            return CommandResult.NotFound;
        }

        await Save(Document with { Holds = [.. lasting.Where(hold => hold.HoldId != holdId)], Commands = Document.Commands.With(command, CommandResult.Done) });
        return CommandResult.Done;
    }

    public ValueTask<IReadOnlyList<WeatherHold>> Get() => ValueTask.FromResult(Lasting());

    private IReadOnlyList<WeatherHold> Lasting() =>
        [.. Document.Holds.Where(hold => hold.Until > time.GetUtcNow()).OrderBy(hold => hold.HoldId, StringComparer.Ordinal)];
}

/// <summary>Stored form of the weather holds.</summary>
internal sealed record WeatherState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Most holds at a time: every queue compares every ticket with all of them.</summary>
    public const int Capacity = 100;

    public IReadOnlyList<WeatherHold> Holds { get; init; } = [];

    public CommandLog Commands { get; init; } = new();
}
