using DroneDelivery.Storage;

namespace DroneDelivery.Invoicing;

[GrainType("ledger-part")]
internal sealed class LedgerPartGrain([PersistentState("ledger-part", GrainStores.Ledgers)] IPersistentState<LedgerPartState> store)
    : DocumentGrain<LedgerPartState>(store), ILedgerPartGrain
{
    public async Task Keep(IReadOnlyList<string> deliveries)
    {
        if (!Document.Deliveries.SequenceEqual(deliveries)) await Save(Document with { Deliveries = deliveries });
    }

    public Task Erase() => Delete();

    public ValueTask<IReadOnlyList<string>> Get() => ValueTask.FromResult(Document.Deliveries);
}

/// <summary>Stored form of a part.</summary>
internal sealed record LedgerPartState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Ids of deliveries that its ledger has counted.</summary>
    public IReadOnlyList<string> Deliveries { get; init; } = [];
}
