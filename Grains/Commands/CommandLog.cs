namespace DroneDelivery;

/// <summary>The last commands of a grain with their results, stored in the document that they changed.</summary>
internal sealed record CommandLog
{
    /// <summary>How many commands are remembered; a retry comes within seconds, so few suffice.</summary>
    public const int Capacity = 16;

    public IReadOnlyList<CommandEntry> Entries { get; init; } = [];

    public CommandResult? Find(CommandId command)
    {
        foreach (var entry in Entries)
            if (entry.Id == command) return entry.Result;
        return null;
    }

    public CommandLog With(CommandId command, CommandResult result) =>
        new() { Entries = [.. Entries.Skip(Math.Max(0, Entries.Count - Capacity + 1)), new CommandEntry(command, result)] };
}

/// <summary>A command and what became of it.</summary>
internal sealed record CommandEntry(CommandId Id, CommandResult Result);
