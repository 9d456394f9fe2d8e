using DroneDelivery.Storage;

namespace DroneDelivery.Accounts;

/// <summary>Stored form of an account.</summary>
internal sealed record AccountState
{
    public AccountStanding Standing { get; init; }
    public string? Reason { get; init; }
    public CommandLog Commands { get; init; } = new();
}

[GrainType("account")]
internal sealed class AccountGrain([PersistentState("account", GrainStores.Accounts)] IPersistentState<AccountState> store)
    : DocumentGrain<AccountState>(store), IAccountGrain
{
    public ValueTask<AccountSnapshot> Get() =>
        ValueTask.FromResult(new AccountSnapshot(this.GetPrimaryKeyString(), Document.Standing, Document.Reason));

    public async Task<CommandResult> SetStanding(CommandId command, AccountStanding standing, string? reason)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (Exists && Document.Standing == standing && Document.Reason == reason) return CommandResult.Done;

        var result = Exists ? CommandResult.Done : CommandResult.Created;
        await Save(new AccountState { Standing = standing, Reason = reason, Commands = Document.Commands.With(command, result) });
        return result;
    }
}
