namespace DroneDelivery.Drones;

/// <summary>The keys that a drone signs in with.</summary>
internal sealed partial class DroneGrain
{
    public async Task<CommandResult> AddKey(CommandId command, string keyHash)
    {
        if (Document.Commands.Find(command) is { } known) return known;

        var now = time.GetUtcNow();
        if (Document.Commands.Refuse(command, now) is { } full) return full;

        await Store(Document.WithKey(keyHash) with { Commands = Document.Commands.With(command, CommandResult.Done, now) });
        return CommandResult.Done;
    }

    public async Task<CommandResult> RevokeKeys(CommandId command)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (Document.Keys.Count == 0)
        {
            Note(Document with { Commands = Document.Commands.With(command, CommandResult.NotFound) }); // Or it would void the next key when it comes again.
            return CommandResult.NotFound;
        }

        await Store(Document with { Keys = [], Commands = Document.Commands.With(command, CommandResult.Done) });
        return CommandResult.Done;
    }

    public ValueTask<bool> HasKey(string keyHash) => ValueTask.FromResult(Document.Keys.Contains(keyHash));
}
