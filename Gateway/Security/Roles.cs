namespace DroneDelivery.Gateway.Security;

/// <summary>App roles of the gateway's app registration, given to applications and people; claim <c>roles</c>.</summary>
internal static class Roles
{
    /// <summary>Asks for deliveries and follows them, as one owner.</summary>
    public const string Deliveries = "Deliveries.ReadWrite";

    /// <summary>The same for any owner: for services that act for others.</summary>
    public const string AnyDeliveries = "Deliveries.ReadWrite.All";

    /// <summary>Reports as one drone.</summary>
    public const string Drone = "Drones.Report";

    /// <summary>Reports as any drone: for ground stations.</summary>
    public const string AnyDrone = "Drones.Report.All";

    /// <summary>Sees everything and repairs it.</summary>
    public const string Operators = "Operators";

    /// <summary>All of them.</summary>
    public static readonly string[] All = [Deliveries, AnyDeliveries, Drone, AnyDrone, Operators];
}

/// <summary>What users may let applications do in their name; claim <c>scp</c>.</summary>
internal static class Scopes
{
    /// <summary>Asks for deliveries and follows them.</summary>
    public const string Deliveries = "Deliveries.ReadWrite";

    /// <summary>Acts as the operator that the user is.</summary>
    public const string Operations = "Operations.ReadWrite";
}

/// <summary>Claims of Entra tokens that the gateway reads.</summary>
internal static class CallerClaims
{
    /// <summary>An app role; one claim each.</summary>
    public const string Role = "roles";

    /// <summary>The scopes that a user has delegated to the calling application, separated by spaces.</summary>
    public const string Scope = "scp";

    /// <summary>Whom the token is about, within this application.</summary>
    public const string Subject = "sub";
}
