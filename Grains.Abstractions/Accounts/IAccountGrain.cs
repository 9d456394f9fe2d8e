namespace DroneDelivery.Accounts;

/// <summary>Standing of an account; key: the account id (the owner id of deliveries).</summary>
[Alias("DroneDelivery.Accounts.IAccountGrain")]
public interface IAccountGrain : IGrainWithStringKey
{
    /// <summary>The account; one never written is active with default limits.</summary>
    [Alias("Get")]
    ValueTask<AccountSnapshot> Get();

    /// <summary>Suspends or reactivates the account.</summary>
    [Alias("SetStanding")]
    Task<CommandResult> SetStanding(CommandId command, AccountStanding standing, string? reason);

    /// <summary>Sets what the account may have open at a time. Requests admitted before are not counted.</summary>
    [Alias("SetLimits")]
    Task<CommandResult> SetLimits(CommandId command, AccountLimits limits);

    /// <summary>
    /// Asks whether a request may go on, and counts it as open if the account has limits. The same delivery again gets the
    /// same answer and is counted once, unless the account was suspended meanwhile.
    /// </summary>
    [Alias("Admit")]
    Task<Admission> Admit(string deliveryId, double weight);

    /// <summary>The request has ended and counts no more; a late <see cref="Admit"/> of it does not count it again.</summary>
    [Alias("Release")]
    Task Release(string deliveryId);

    /// <summary>Forgets everything but that the account is suspended, and this reason.</summary>
    [Alias("Erase")]
    Task Erase(string reason);
}

/// <summary>What an account may have open at a time; null: no limit.</summary>
/// <param name="OpenRequests">Most requests, at most <see cref="MaxOpenRequests"/>.</param>
/// <param name="Weight">Most declared weight of open requests together, kilograms.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Accounts.AccountLimits")]
public sealed record AccountLimits(int? OpenRequests, double? Weight)
{
    [field: NonSerialized]
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Most open requests that an account with any limit can have; they are counted in one document.</summary>
    public const int MaxOpenRequests = 2_000;

    /// <summary>No limits: nothing is counted.</summary>
    public static AccountLimits None { get; } = new(null, null);
}

/// <summary>Answer to a request that wants to go on.</summary>
/// <param name="Admitted">Whether it may.</param>
/// <param name="Counted">Whether the account counts it, so that it has to be released.</param>
/// <param name="Reason">Why not.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Accounts.Admission")]
public sealed record Admission(bool Admitted, bool Counted, string? Reason);

/// <summary>Whether an account may order.</summary>
public enum AccountStanding
{
    /// <summary>May order.</summary>
    Active = 0,
    /// <summary>New requests are rejected.</summary>
    Suspended = 1,
}

/// <summary>An account as read.</summary>
/// <param name="AccountId">Its id.</param>
/// <param name="Standing">Whether it may order.</param>
/// <param name="Reason">Why it is suspended.</param>
/// <param name="Limits">What it may have open; null: no limits.</param>
/// <param name="OpenRequests">Requests counted as open.</param>
/// <param name="OpenWeight">Their declared weight, kilograms.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Accounts.AccountSnapshot")]
public sealed record AccountSnapshot(
    string AccountId, AccountStanding Standing, string? Reason, AccountLimits? Limits = null, int OpenRequests = 0, double OpenWeight = 0)
{
    /// <summary>Version of what operators set; see <see cref="Precondition"/>.</summary>
    public string Version => Precondition.VersionOf("a", Standing, Reason, Limits?.OpenRequests, Limits?.Weight);
}
