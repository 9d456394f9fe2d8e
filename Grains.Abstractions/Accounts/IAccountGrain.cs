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
}

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
[GenerateSerializer, Immutable, Alias("DroneDelivery.Accounts.AccountSnapshot")]
public sealed record AccountSnapshot(string AccountId, AccountStanding Standing, string? Reason);
