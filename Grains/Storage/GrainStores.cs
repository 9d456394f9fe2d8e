namespace DroneDelivery.Storage;

/// <summary>Names of the grain storage providers: one for each bounded context, so that contexts share no data.</summary>
public static class GrainStores
{
    /// <summary>Delivery requests.</summary>
    public const string Requests = "requests";

    /// <summary>Supervisor shards.</summary>
    public const string Supervision = "supervision";

    /// <summary>Deliveries.</summary>
    public const string Deliveries = "deliveries";

    /// <summary>Packages.</summary>
    public const string Packages = "packages";

    /// <summary>Drones.</summary>
    public const string Drones = "drones";

    /// <summary>Accounts.</summary>
    public const string Accounts = "accounts";

    /// <summary>Ledgers of completed deliveries.</summary>
    public const string Ledgers = "ledgers";

    /// <summary>Transport partners.</summary>
    public const string ThirdParty = "thirdparty";

    /// <summary>Subscriptions to events and their queues.</summary>
    public const string Notifications = "notifications";

    /// <summary>Evidence of confirmations, kept for a time only.</summary>
    public const string Confirmations = "confirmations";

    /// <summary>Deliveries that ended long ago.</summary>
    public const string Archive = "archive";

    /// <summary>Erasures of owners' data.</summary>
    public const string Erasures = "erasures";

    /// <summary>Every name that a host has to provide.</summary>
    public static IReadOnlyList<string> All { get; } = [Requests, Supervision, Deliveries, Packages, Drones, Accounts, Ledgers, ThirdParty, Notifications, Confirmations, Archive, Erasures];
}
