using Orleans.Concurrency;

namespace DroneDelivery.Invoicing;

/// <summary>What an owner's deliveries that completed on one UTC day come to; key: <see cref="LedgerKey"/>. A month is the sum of its days.</summary>
[Alias("DroneDelivery.Invoicing.IOwnerLedgerGrain")]
public interface IOwnerLedgerGrain : IGrainWithStringKey
{
    /// <summary>
    /// Counts a delivery durably; returns once it is stored. Its id serves as the command id and is kept as long as the day itself, so
    /// it counts once however often and however late it is told. Writes of concurrent calls are grouped.
    /// </summary>
    [Alias("Record")]
    Task Record(CompletedDelivery delivery);

    /// <summary>Forgets which deliveries counted, and keeps the sums. None of them may be told again after it.</summary>
    [Alias("Anonymize")]
    Task Anonymize();

    /// <summary>The sums as stored; zero for a day on which nothing completed.</summary>
    [Alias("Get"), AlwaysInterleave]
    ValueTask<LedgerTotals> Get();
}

/// <summary>A completed delivery as the ledger counts it.</summary>
/// <param name="DeliveryId">Its id.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="Miles">Statute miles that drones flew for it, those of missions given up before pickup too.</param>
/// <param name="Hours">Hours for which drones were assigned to it.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Invoicing.CompletedDelivery")]
public sealed record CompletedDelivery(string DeliveryId, double Weight, double Miles, double Hours);

/// <summary>Sums over completed deliveries; decimal, so that they do not depend on the order of adding.</summary>
/// <param name="Deliveries">How many.</param>
/// <param name="Weight">Kilograms.</param>
/// <param name="Miles">Statute miles flown.</param>
/// <param name="Hours">Hours for which drones were assigned.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Invoicing.LedgerTotals")]
public sealed record LedgerTotals(long Deliveries, decimal Weight, decimal Miles, decimal Hours)
{
    /// <summary>Nothing.</summary>
    public static LedgerTotals Zero { get; } = new(0, 0, 0, 0);

    /// <summary>Both together.</summary>
    public static LedgerTotals operator +(LedgerTotals one, LedgerTotals other) =>
        new(one.Deliveries + other.Deliveries, one.Weight + other.Weight, one.Miles + other.Miles, one.Hours + other.Hours);
}
