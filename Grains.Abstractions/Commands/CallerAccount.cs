namespace DroneDelivery;

/// <summary>
/// For whom a grain is asked: one account, or <see cref="Any"/>. The grain compares it with the owner of its document in the turn in which
/// it answers; to others the document is not there. Gateways of earlier builds do not send it and compare by themselves, so a call without
/// it acts for any account.
/// </summary>
[GenerateSerializer, Immutable, Alias("DroneDelivery.CallerAccount")]
public readonly record struct CallerAccount
{
    /// <summary>A caller that acts for one account.</summary>
    /// <param name="ownerId">The account.</param>
    /// <exception cref="ArgumentException">No account is named.</exception>
    public CallerAccount(string ownerId)
    {
        ArgumentException.ThrowIfNullOrEmpty(ownerId);
        OwnerId = ownerId;
    }

    /// <summary>Operators, services that act for every account, drones, and grains themselves.</summary>
    public static CallerAccount Any => default;

    /// <summary>The account; null for <see cref="Any"/>.</summary>
    [Id(0)]
    public string? OwnerId { get; init; }

    /// <summary>Whether what belongs to this account is there for the caller.</summary>
    public bool MayActFor(string ownerId) => OwnerId is null || OwnerId == ownerId;
}
