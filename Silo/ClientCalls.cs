using System.Collections.Frozen;
using DroneDelivery.Accounts;
using DroneDelivery.Drones;
using DroneDelivery.Erasure;
using DroneDelivery.Invoicing;
using DroneDelivery.Notifications;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.ThirdParty;

namespace DroneDelivery;

/// <summary>Refuses what clients of the cluster, the gateways, have no need to call; silos and grains may call everything.</summary>
internal sealed partial class ClientCalls(ILogger<ClientCalls> logger) : IIncomingGrainCallFilter
{
    /// <summary>The grains that gateways call.</summary>
    public static readonly IReadOnlyList<Type> Grains =
    [
        typeof(IAccountGrain),
        typeof(IConfirmationGrain),
        typeof(IDeadLetterReplayGrain),
        typeof(IDeliveryGrain),
        typeof(IDeliveryRequestGrain),
        typeof(IDroneGrain),
        typeof(IFleetGrain),
        typeof(IOwnerErasureGrain),
        typeof(IOwnerLedgerGrain),
        typeof(IOwnerNotificationsGrain),
        typeof(IPackageGrain),
        typeof(ISubscriptionGrain),
        typeof(ISubscriptionWatchGrain),
        typeof(ISupervisorGrain),
        typeof(ITransportPartnerGrain),
        typeof(IWeatherGrain),
    ];

    /// <summary>What the Orleans client and the dashboard call by themselves; most of these types are not public.</summary>
    public static readonly IReadOnlyList<string> Runtime =
    [
        "Orleans.Runtime.IClusterManifestSystemTarget",
        "Orleans.Runtime.IGrainCallCancellationExtension",
        "Orleans.Dashboard.Core.IDashboardGrain",
        "Orleans.Dashboard.Core.IDashboardRemindersGrain",
        "Orleans.Dashboard.Core.ISiloGrainProxy",
        "Orleans.Dashboard.Core.ISiloGrainService",
    ];

    private static readonly FrozenSet<string> Allowed = Grains.Select(type => type.FullName!).Concat(Runtime).ToFrozenSet(StringComparer.Ordinal);

    public Task Invoke(IIncomingGrainCallContext context) =>
        !IsClient(context.SourceId) || MayCall(context.Request.GetInterfaceType(), context.Request.GetMethodName()) ? context.Invoke() : Refuse(context);

    /// <summary>Whether a client may call a method.</summary>
    internal static bool MayCall(Type contract, string method) =>
        Allowed.Contains(contract.FullName!)
        // The dashboard looks for a silo to ask; the rest of the interface changes how silos work.
        || contract == typeof(IManagementGrain) && method == nameof(IManagementGrain.GetHosts);

    // A silo calls by a client of its own when no grain does.
    private static bool IsClient(GrainId? source) => source is not { } id || id.IsClient() && !id.Key.AsSpan().StartsWith("hosted-"u8);

    private Task Refuse(IIncomingGrainCallContext context)
    {
        var contract = context.Request.GetInterfaceType().FullName!;
        LogRefused(context.SourceId?.ToString(), contract, context.Request.GetMethodName(), context.TargetId.ToString());
        throw new UnauthorizedAccessException($"{contract} may be called by silos and their grains only.");
    }

    [LoggerMessage(LogLevel.Warning, "Client call refused: {Client} called {Contract}.{Method} of {Grain}, which is for silos and their grains only")]
    private partial void LogRefused(string? client, string contract, string method, string grain);
}
