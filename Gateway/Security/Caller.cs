using System.Security.Claims;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Startup;

namespace DroneDelivery.Gateway.Security;

/// <summary>Which claims say for whom a caller acts; section <c>Authorization</c>.</summary>
internal sealed class CallerOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Authorization";

    /// <summary>Claim that holds the caller's account. The default is the object id that Entra gives every user and application.</summary>
    public string OwnerClaim { get; set; } = "oid";

    /// <summary>Claim that holds the id of the drone that calls.</summary>
    public string DroneClaim { get; set; } = "drone_id";

    /// <summary>Reads and checks the section.</summary>
    /// <exception cref="StartupException">A claim has no name.</exception>
    public static CallerOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<CallerOptions>() ?? new();
        foreach (var (name, claim) in new[] { (nameof(OwnerClaim), options.OwnerClaim), (nameof(DroneClaim), options.DroneClaim) })
        {
            if (claim.Length == 0 || claim.Any(char.IsWhiteSpace))
                throw new StartupException($"{Section}:{name} is '{claim}'; set it to the name of a claim in your tokens, such as oid, or leave it out.");
        }

        return options;
    }
}

/// <summary>What a caller may do at all.</summary>
[Flags]
internal enum Grants
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Deliveries and what belongs to them, of the own account.</summary>
    Deliveries = 1,

    /// <summary>The same of every account.</summary>
    AnyOwner = 2,

    /// <summary>Report as one drone.</summary>
    Drone = 4,

    /// <summary>Report as any drone.</summary>
    AnyDrone = 8,

    /// <summary>See everything, and repair it.</summary>
    Operations = 16,
}

/// <summary>Who calls, and for whom it may act.</summary>
internal sealed class Caller
{
    private Caller(string? subject, Grants grants, string? ownerId, string? droneId) =>
        (Subject, Grants, OwnerId, DroneId) = (subject, grants, ownerId, droneId);

    /// <summary>Whom the token is about, for the audit log.</summary>
    public string? Subject { get; }

    /// <summary>What it may do.</summary>
    public Grants Grants { get; }

    /// <summary>Its own account, if it has one.</summary>
    public string? OwnerId { get; }

    /// <summary>The drone it is, if it is one.</summary>
    public string? DroneId { get; }

    /// <summary>Whether it acts for every account.</summary>
    public bool ActsForAll => (Grants & Grants.AnyOwner) != 0;

    /// <summary>The same for the grains that decide.</summary>
    /// <exception cref="ArgumentException">It acts for no account; its route's policy should have refused it.</exception>
    public CallerAccount Account => ActsForAll ? CallerAccount.Any : new CallerAccount(OwnerId!);

    /// <summary>Whether it is an operator.</summary>
    public bool IsOperator => (Grants & Grants.Operations) != 0;

    /// <summary>Whether what belongs to this account is the caller's business.</summary>
    public bool MayActFor(string ownerId) => ActsForAll || ownerId == OwnerId;

    /// <summary>Whether this drone is the caller's business.</summary>
    public bool MayActAs(string droneId) => (Grants & (Grants.AnyDrone | Grants.Operations)) != 0 || droneId == DroneId;

    /// <summary>The account to act for: the one named, else the caller's own; null when it has to be named.</summary>
    public string? OwnerFor(string? named) => named ?? (ActsForAll ? null : OwnerId);

    /// <summary>The refusal to act for the account named, if it is to be refused.</summary>
    public ForbiddenProblem? Refuse(string? named) => named is null || MayActFor(named)
        ? null
        : new ForbiddenProblem("The token does not belong to the account that is named; leave the account out to act for the token's own.");

    /// <summary>Binds it as a handler's parameter.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context));

    /// <summary>Who sends this request.</summary>
    public static Caller Of(HttpContext context) => Of(context.User, context.RequestServices.GetRequiredService<CallerOptions>());

    /// <summary>Who this is.</summary>
    public static Caller Of(ClaimsPrincipal user, CallerOptions options)
    {
        // A user's token also says what the calling application may do in the user's name: both must allow it.
        var scopes = user.FindFirst(CallerClaims.Scope)?.Value.Split(' ');
        var ownerId = Id(user, options.OwnerClaim);
        var droneId = Id(user, options.DroneClaim);
        var grants = Grants.None;
        if (scopes is null)
        {
            if (ownerId is not null && user.IsInRole(Roles.Deliveries)) grants |= Grants.Deliveries;
            if (droneId is not null && user.IsInRole(Roles.Drone)) grants |= Grants.Drone;
            if (user.IsInRole(Roles.AnyDrone)) grants |= Grants.AnyDrone;
        }
        else if (ownerId is not null && scopes.Contains(Scopes.Deliveries))
        {
            grants |= Grants.Deliveries;
        }

        if (user.IsInRole(Roles.AnyDeliveries) && scopes?.Contains(Scopes.Deliveries) != false) grants |= Grants.Deliveries | Grants.AnyOwner;
        if (user.IsInRole(Roles.Operators) && scopes?.Contains(Scopes.Operations) != false) grants |= Grants.Operations | Grants.Deliveries | Grants.AnyOwner;
        return new(
            user.FindFirst(CallerClaims.Subject)?.Value, grants, ownerId, (grants & Grants.Drone) != 0 ? droneId : null);
    }

    private static string? Id(ClaimsPrincipal user, string claim) => user.FindFirst(claim)?.Value is { } id && EntityId.IsValid(id) ? id : null;
}
