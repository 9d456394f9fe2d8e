using System.Collections.Concurrent;
using DroneDelivery.Accounts;
using DroneDelivery.Drones;
using DroneDelivery.Erasure;
using DroneDelivery.Invoicing;
using DroneDelivery.Notifications;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using DroneDelivery.ThirdParty;

namespace DroneDelivery.Gateway.Tests.Fakes;

/// <summary>
/// What the stand-in grains remember; outlives silos, as a store would. The stand-ins honour the contracts, also that a
/// repeated command has the effect of one. A package tagged <c>drone:X</c> is given to drone X at once, others wait.
/// </summary>
internal sealed class World
{
    public const string DroneTag = "drone:";

    public ConcurrentDictionary<string, DeliveryRequestSnapshot> Requests { get; } = new();

    public ConcurrentDictionary<string, DeliverySnapshot> Deliveries { get; } = new();

    /// <summary>Histories told by a test; without one a delivery has a single event.</summary>
    public ConcurrentDictionary<string, IReadOnlyList<TrackingEvent>> Histories { get; } = new();

    public ConcurrentDictionary<string, PackageSnapshot> Packages { get; } = new();

    public ConcurrentDictionary<string, DroneSnapshot> Drones { get; } = new();

    public ConcurrentDictionary<string, string[]> DroneKeys { get; } = new();

    public ConcurrentDictionary<string, (long Boot, long Sequence)> Reports { get; } = new();

    public ConcurrentDictionary<string, TelemetryGaps> Gaps { get; } = new();

    public ConcurrentDictionary<string, string> Doubts { get; } = new();

    public ConcurrentDictionary<string, AccountSnapshot> Accounts { get; } = new();

    /// <summary>What a partner called back, by delivery and attempt; only deliveries that begin with "partnered" are known.</summary>
    public ConcurrentDictionary<string, PartnerReport> PartnerReports { get; } = new();

    public ConcurrentDictionary<string, WeatherHold> Weather { get; } = new();

    public ConcurrentDictionary<string, LedgerTotals> Ledgers { get; } = new();

    public ConcurrentDictionary<string, (SubscriptionSnapshot Webhook, string Secret)> Webhooks { get; } = new();

    /// <summary>Erasures; one is over from the beginning.</summary>
    public ConcurrentDictionary<string, ErasureProgress> Erasures { get; } = new() { ["erased"] = new("erased", DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, 3, 0) };

    public ConcurrentDictionary<string, string> Confirmations { get; } = new();

    public ConcurrentDictionary<string, CommandResult> Commands { get; } = new();

    /// <summary>What became of replays of many dead letters.</summary>
    public ConcurrentDictionary<CommandId, ReplayResult> Replays { get; } = new();

    /// <summary>How often something was changed, by key.</summary>
    public ConcurrentDictionary<string, int> Effects { get; } = new();

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Requests.Clear();
        Deliveries.Clear();
        Histories.Clear();
        Packages.Clear();
        Drones.Clear();
        DroneKeys.Clear();
        Reports.Clear();
        Accounts.Clear();
        Ledgers.Clear();
        Commands.Clear();
        Effects.Clear();
    }

    /// <summary>What came with an Idempotency-Key, and when.</summary>
    public ConcurrentDictionary<string, (CommandId Command, DateTimeOffset At)> Keys { get; } = new();

    public CommandResult Once(string key, CommandId command, Func<CommandResult> change)
    {
        if (command.Key is { } named && Keys.GetOrAdd($"{key}/{named}", (command, DateTimeOffset.UtcNow)).Command != command) return CommandResult.Exists;
        return Commands.GetOrAdd($"{key}/{command}", _ =>
        {
            Effects.AddOrUpdate(key, 1, (_, n) => n + 1);
            return change();
        });
    }
}
