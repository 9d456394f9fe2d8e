using DroneDelivery.Storage;

namespace DroneDelivery.Packages;

/// <summary>Stored form of a package.</summary>
internal sealed record PackageState
{
    internal UnknownMembers? Unknown { get; init; }

    public string OwnerId { get; init; } = "";
    public PackageDetails Details { get; init; } = new(PackageSize.Small, 0, null);

    /// <summary>The command that made the package, where it was to be made and not replaced.</summary>
    public CommandId? MadeBy { get; init; }
    public CommandLog Commands { get; init; } = new();
}

[GrainType("package")]
internal sealed class PackageGrain([LazyState("package", GrainStores.Packages)] IPersistentState<PackageState> store)
    : LazyDocumentGrain<PackageState>(store), IPackageGrain
{
    public async Task<CommandResult> Put(CommandId command, string ownerId, PackageDetails details)
    {
        if (Precondition.Of(this.GetGrainId()) is not null) await Read();
        if (Document.Commands.Find(command) is null && Refusal() is { } unmet) return unmet;
        var first = new PackageState { OwnerId = ownerId, Details = details, Commands = new CommandLog().With(command, CommandResult.Created) };
        if (!Exists && await Insert(first)) return CommandResult.Created;
        if (Document.Commands.Find(command) is { } known) return known;
        if (Document.OwnerId != ownerId)
            return CommandResult.Conflict($"The package '{this.GetPrimaryKeyString()}' belongs to another account.");
        await Change(command, details);
        return CommandResult.Done;
    }

    public async Task<CommandResult> Make(CommandId command, string ownerId, PackageDetails details)
    {
        if (!Exists && await Insert(new PackageState { OwnerId = ownerId, Details = details, MadeBy = command })) return CommandResult.Created;

        return Document.MadeBy == command && Document.OwnerId == ownerId ? CommandResult.Created : CommandResult.Exists;
    }

    public async Task<CommandResult> Patch(CommandId command, string? ownerId, PackageChange change)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (!Exists || (ownerId is not null && ownerId != Document.OwnerId)) return CommandResult.NotFound;
        if (Refusal() is { } unmet) return unmet;

        var details = new PackageDetails(
            change.Size ?? Document.Details.Size, change.Weight ?? Document.Details.Weight, change.Tag ?? Document.Details.Tag);
        await Change(command, details);
        return CommandResult.Done;
    }

    /// <summary>Stores what is new. A command that changes nothing goes with the next change, after which it must not come as a new one.</summary>
    private Task Change(CommandId command, PackageDetails details)
    {
        var next = Document with { Details = details, Commands = Document.Commands.With(command, CommandResult.Done) };
        if (details != Document.Details) return Save(next);
        Note(next);
        return Task.CompletedTask;
    }

    public async Task Erase(string ownerId)
    {
        if (Document.OwnerId == ownerId) await Delete();
    }

    protected override bool NeedsDocument(string method) => method is not (nameof(Put) or nameof(Make));

    public ValueTask<PackageSnapshot?> Get() => ValueTask.FromResult(Snapshot());

    private PackageSnapshot? Snapshot() => Exists ? new PackageSnapshot(this.GetPrimaryKeyString(), Document.OwnerId, Document.Details) : null;

    private CommandResult? Refusal() => Snapshot() is { } now ? Precondition.Refusal(this.GetGrainId(), now.Version) : Precondition.Refusal(this.GetGrainId());
}
