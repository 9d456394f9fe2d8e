using DroneDelivery.Storage;

namespace DroneDelivery;

/// <summary>The last commands of a grain with their results, stored in the document that they changed.</summary>
internal sealed record CommandLog
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>How many commands are remembered; a retry comes within seconds, so few suffice.</summary>
    public const int Capacity = 16;

    /// <summary>How many commands that clients named by a key are remembered. They have been promised a day, so there is no room for more before that.</summary>
    public const int KeyedCapacity = 64;

    /// <summary>For how long those are remembered.</summary>
    public static readonly TimeSpan KeyedFor = TimeSpan.FromHours(48);

    public IReadOnlyList<CommandEntry> Entries { get; init; } = [];

    /// <summary>Commands that clients named by a key, oldest first; null: none.</summary>
    public IReadOnlyList<KeyedCommandEntry>? Keyed { get; init; }

    /// <summary>What became of a command; Exists when its key came with something else.</summary>
    public CommandResult? Find(CommandId command)
    {
        foreach (var entry in Entries)
            if (entry.Id == command) return entry.Result;
        return FindKeyed(command) is not { } keyed ? null : keyed.Id == command ? keyed.Result : CommandResult.Exists;
    }

    /// <summary>The command that came with this one's key.</summary>
    public KeyedCommandEntry? FindKeyed(CommandId command) => command.Key is { } key ? Keyed?.FirstOrDefault(entry => entry.Id.Key == key) : null;

    /// <summary>Why a command can't be remembered for as long as clients have been promised, if it can't.</summary>
    public CommandResult? Refuse(CommandId command, DateTimeOffset now) => command.Key is not null && StillKept(now).Count() >= KeyedCapacity
        ? CommandResult.Conflict($"No more than {KeyedCapacity} Idempotency-Keys are kept here at a time; wait, or leave the key out.")
        : null;

    /// <summary>Remembers a command; a caller of an earlier build may have given it no id.</summary>
    public CommandLog With(CommandId command, CommandResult result) => command == default
        ? this
        : this with { Entries = [.. Entries.Skip(Math.Max(0, Entries.Count - Capacity + 1)), new CommandEntry(command, Bounded(result))] };

    /// <summary>Remembers one that a client may have named by a key.</summary>
    public CommandLog With(CommandId command, CommandResult result, DateTimeOffset now) => command.Key is null
        ? With(command, result)
        : this with { Keyed = [.. StillKept(now), new KeyedCommandEntry(command, Bounded(result), now)] };

    private static CommandResult Bounded(CommandResult result) => result.Reason is null ? result : result with { Reason = result.Reason.Cut(BoundedText.ShortBytes) };

    private IEnumerable<KeyedCommandEntry> StillKept(DateTimeOffset now) => (Keyed ?? []).Where(entry => now - entry.At < KeyedFor);
}

/// <summary>A command and what became of it.</summary>
internal sealed record CommandEntry(CommandId Id, CommandResult Result)
{
    internal UnknownMembers? Unknown { get; init; }
}

/// <summary>A command that a client named by a key, what became of it, and when.</summary>
internal sealed record KeyedCommandEntry(CommandId Id, CommandResult Result, DateTimeOffset At)
{
    internal UnknownMembers? Unknown { get; init; }
}
