using Orleans.Concurrency;

namespace DroneDelivery.Invoicing;

/// <summary>Ids of deliveries that a large day has counted and has no room for; key: <see cref="LedgerKey.OfPart"/>. Only its ledger calls it.</summary>
[Alias("DroneDelivery.Invoicing.ILedgerPartGrain")]
public interface ILedgerPartGrain : IGrainWithStringKey
{
    /// <summary>Keeps the ids, in place of any before them: the ledger can have died before it knew of the part.</summary>
    [Alias("Keep")]
    Task Keep(IReadOnlyList<string> deliveries);

    /// <summary>Deletes the part; nothing happens when there is none.</summary>
    [Alias("Erase")]
    Task Erase();

    /// <summary>The ids; none when there is no such part.</summary>
    [Alias("Get"), AlwaysInterleave]
    ValueTask<IReadOnlyList<string>> Get();
}
