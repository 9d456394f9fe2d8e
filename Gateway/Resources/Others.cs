using System.Text.Json.Serialization;
using DroneDelivery.Accounts;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Packages;

namespace DroneDelivery.Gateway.Resources;

/// <summary>A package.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Size">Size class, in lower case.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="Tag">Barcode or other label.</param>
internal sealed record PackageResource(
    string Id, [property: JsonConverter(typeof(LowerCase<PackageSize>))] PackageSize Size, double Weight, string? Tag) : IVersioned
{
    [JsonIgnore]
    public string? Version { get; init; }

    public static PackageResource Of(string id, PackageDetails details) => new(id, details.Size, details.Weight, details.Tag);
}

/// <summary>A package to write.</summary>
/// <param name="Size">Size class.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="Tag">Barcode or other label.</param>
/// <param name="OwnerId">The account it belongs to; left out: the one it belongs to already, or nobody's.</param>
internal sealed record PackageBody(PackageSize Size, double Weight, string? Tag, string? OwnerId);

/// <summary>Changes to a package; what is left out stays.</summary>
/// <param name="Size">Size class.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="Tag">Barcode or other label.</param>
internal sealed record PackageChangeBody(PackageSize? Size, double? Weight, string? Tag);

/// <summary>An account.</summary>
/// <param name="AccountId">Its id.</param>
/// <param name="Standing">Whether it may order.</param>
/// <param name="Reason">Why it is suspended.</param>
/// <param name="Limits">What it may have open; left out: no limits.</param>
/// <param name="OpenRequests">Requests open now; counted only with limits.</param>
/// <param name="OpenWeight">Their declared weight, kilograms.</param>
internal sealed record AccountResource(
    string AccountId, AccountStanding Standing, string? Reason, AccountLimitsResource? Limits, int OpenRequests, double OpenWeight) : IVersioned
{
    [JsonIgnore]
    public string? Version { get; init; }

    public static AccountResource Of(AccountSnapshot account) => new(
        account.AccountId,
        account.Standing,
        account.Reason,
        account.Limits is { } limits ? new AccountLimitsResource(limits.OpenRequests, limits.Weight) : null,
        account.OpenRequests,
        account.OpenWeight)
    {
        Version = account.Version,
    };
}

/// <summary>What an account may have open at a time; what is left out has no limit.</summary>
/// <param name="OpenRequests">Most requests.</param>
/// <param name="Weight">Most declared weight together, kilograms.</param>
internal sealed record AccountLimitsResource(int? OpenRequests, double? Weight);

/// <summary>A change of standing.</summary>
/// <param name="Standing">Whether the account may order.</param>
/// <param name="Reason">Why.</param>
/// <param name="Limits">What it may have open at a time; left out: as before; an empty object lifts them.</param>
internal sealed record AccountBody(AccountStanding Standing, string? Reason, AccountLimitsResource? Limits);

/// <summary>The gateway answers.</summary>
/// <param name="Status">Always "ok".</param>
internal sealed record ProbeResource(string Status);
