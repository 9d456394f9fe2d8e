using System.Globalization;
using DroneDelivery.Storage;

namespace DroneDelivery.Accounts;

[GrainType("account")]
internal sealed class AccountGrain([PersistentState("account", GrainStores.Accounts)] IPersistentState<AccountState> store)
    : DocumentGrain<AccountState>(store), IAccountGrain
{
    private string Id => this.GetPrimaryKeyString();

    public ValueTask<AccountSnapshot> Get() => ValueTask.FromResult(Snapshot());

    public async Task<CommandResult> SetStanding(CommandId command, AccountStanding standing, string? reason)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        if (Precondition.Refusal(this.GetGrainId(), Snapshot().Version) is { } unmet) return unmet;
        if (Exists && Document.Standing == standing && Document.Reason == reason.Cut()) return DoneAlready(command);

        return await Change(command, Document with { Standing = standing, Reason = reason.Cut() });
    }

    public async Task<CommandResult> SetLimits(CommandId command, AccountLimits limits)
    {
        if (Document.Commands.Find(command) is { } known) return known;
        var wanted = limits == AccountLimits.None ? null : limits;
        if (Document.Limits == wanted) return DoneAlready(command);

        return await Change(command, Document with { Limits = wanted });
    }

    public async Task<Admission> Admit(string deliveryId, double weight)
    {
        var counted = Document.Open.ContainsKey(deliveryId);
        if (Document.Standing == AccountStanding.Suspended)
            return new Admission(false, counted, $"The account '{Id}' is suspended{(Document.Reason is { } why ? $": {why}" : "")}.");
        if (counted || Document.Limits is not { } limits) return new Admission(true, counted, null);
        if (Document.Released.Contains(deliveryId)) return new Admission(false, false, "The request has ended.");
        if (Document.Objection(weight) is { } objection) return new Admission(false, false, $"The account '{Id}' {objection}");

        await Save(Document with { Open = Document.Open.Append(new(deliveryId, weight)).ToDictionary() });
        return new Admission(true, true, null);
    }

    public async Task Release(string deliveryId)
    {
        var counted = Document.Open.ContainsKey(deliveryId);
        if (!counted && (Document.Limits is null || Document.Released.Contains(deliveryId))) return;

        await Save(Document.WithReleased(deliveryId));
    }

    private AccountSnapshot Snapshot() => new(
        Id, Document.Standing, Document.Reason, Document.Limits, Document.Open.Count, Document.Open.Values.Sum());

    public Task Erase(string reason) => Save(new AccountState { Standing = AccountStanding.Suspended, Reason = reason });

    /// <summary>Nothing is to be changed. The command goes with the next change, after which it must not come as a new one.</summary>
    private CommandResult DoneAlready(CommandId command)
    {
        Note(Document with { Commands = Document.Commands.With(command, CommandResult.Done) });
        return CommandResult.Done;
    }

    private async Task<CommandResult> Change(CommandId command, AccountState next)
    {
        var result = Exists ? CommandResult.Done : CommandResult.Created;
        await Save(next with { Commands = Document.Commands.With(command, result) });
        return result;
    }
}

/// <summary>Stored form of an account.</summary>
internal sealed record AccountState
{
    internal UnknownMembers? Unknown { get; init; }

    private const int ReleasedCapacity = 64;

    public AccountStanding Standing { get; init; }
    public string? Reason { get; init; }
    public AccountLimits? Limits { get; init; }

    /// <summary>Open requests and their declared weight; counted only while there are limits, so that others cost no writes.</summary>
    public Dictionary<string, double> Open { get; init; } = [];

    /// <summary>Requests released last, so that a late admission does not count one for ever.</summary>
    public IReadOnlyList<string> Released { get; init; } = [];
    public CommandLog Commands { get; init; } = new();

    /// <summary>Why one more request of this weight is too much, or null.</summary>
    public string? Objection(double weight)
    {
        var most = Math.Min(Limits?.OpenRequests ?? AccountLimits.MaxOpenRequests, AccountLimits.MaxOpenRequests);
        if (Open.Count >= most) return string.Create(CultureInfo.InvariantCulture, $"has {Open.Count} requests open and may have no more than {most}.");
        return Limits?.Weight is { } heaviest && Open.Values.Sum() + weight > heaviest
            ? string.Create(CultureInfo.InvariantCulture, $"may have no more than {heaviest} kg open, and has {Open.Values.Sum()} kg.")
            : null;
    }

    public AccountState WithReleased(string deliveryId) => this with
    {
        Open = Open.Where(entry => entry.Key != deliveryId).ToDictionary(),
        Released = [.. Released.TakeLast(ReleasedCapacity - 1), deliveryId],
    };
}
