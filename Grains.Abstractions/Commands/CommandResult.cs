namespace DroneDelivery;

/// <summary>What became of a command.</summary>
public enum CommandOutcome
{
    /// <summary>Carried out on something that existed.</summary>
    Done = 0,
    /// <summary>Carried out, and it made the thing.</summary>
    Created = 1,
    /// <summary>Nothing by that id.</summary>
    NotFound = 2,
    /// <summary>Not possible in the present state; nothing changed.</summary>
    Conflict = 3,
    /// <summary>Exists already under another command; nothing changed.</summary>
    Exists = 4,
    /// <summary>Not now, though perhaps later; nothing changed and nothing was remembered.</summary>
    Busy = 5,
    /// <summary>The thing is not of the version that the caller demands; nothing changed and nothing was remembered.</summary>
    PreconditionFailed = 6,
}

/// <summary>Answer of every mutating grain method; stored with the change so that a retry gets it again.</summary>
/// <param name="Outcome">What became of the command.</param>
/// <param name="Reason">Why not, in words fit for a client; null when done.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.CommandResult")]
public sealed record CommandResult(CommandOutcome Outcome, string? Reason = null)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Carried out.</summary>
    public static CommandResult Done { get; } = new(CommandOutcome.Done);

    /// <summary>Carried out, and it made the thing.</summary>
    public static CommandResult Created { get; } = new(CommandOutcome.Created);

    /// <summary>Nothing by that id.</summary>
    public static CommandResult NotFound { get; } = new(CommandOutcome.NotFound);

    /// <summary>Exists already under another command.</summary>
    public static CommandResult Exists { get; } = new(CommandOutcome.Exists);

    /// <summary>Not possible in the present state.</summary>
    public static CommandResult Conflict(string reason) => new(CommandOutcome.Conflict, reason);

    /// <summary>Not now, though perhaps later.</summary>
    public static CommandResult Busy(string reason) => new(CommandOutcome.Busy, reason);

    /// <summary>Not of the version that the caller demands.</summary>
    public static CommandResult PreconditionFailed { get; } = new(CommandOutcome.PreconditionFailed, "It is not as it was when it was last read; read it again.");

    /// <summary>Whether the change stands.</summary>
    public bool Succeeded => Outcome is CommandOutcome.Done or CommandOutcome.Created;
}

/// <summary>What became of a command that changes nothing but is remembered.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="At">When it first came.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.RememberedCommand")]
public sealed record RememberedCommand(CommandResult Result, DateTimeOffset At);
