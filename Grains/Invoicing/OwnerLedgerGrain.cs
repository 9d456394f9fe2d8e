using DroneDelivery.Storage;
using Orleans.Concurrency;

namespace DroneDelivery.Invoicing;

[GrainType("owner-ledger"), Reentrant]
internal sealed class OwnerLedgerGrain([LazyState("ledger", GrainStores.Ledgers)] IPersistentState<LedgerState> store)
    : LazyDocumentGrain<LedgerState>(store), IOwnerLedgerGrain
{
    private readonly Dictionary<string, CompletedDelivery> _waiting = [];
    private readonly HashSet<string> _counted = [];
    private Task? _recalled;
    private bool _anonymizes;

    private GroupCommit Group => field ??= new GroupCommit(WriteWaiting);

    public async Task Record(CompletedDelivery delivery)
    {
        if (IsRead) await Recall();
        if (_counted.Contains(delivery.DeliveryId)) return;
        _waiting.TryAdd(delivery.DeliveryId, delivery);
        await Group.Commit();
    }

    public ValueTask<LedgerTotals> Get() => ValueTask.FromResult(Document.Totals);

    public async Task Anonymize()
    {
        if (Document.Parts == 0 && Document.Deliveries.Count == 0) return;
        _anonymizes = true;
        await Group.Commit();
    }

    protected override bool NeedsDocument(string method) => method != nameof(Record);

    /// <summary>Knows all that counts already. Only a day so large that it has parts costs reads, and only when something is to be counted.</summary>
    private async Task Recall()
    {
        if (_recalled is null or { IsFaulted: true }) _recalled = ReadParts();
        await _recalled;
    }

    private async Task ReadParts()
    {
        _counted.UnionWith(Document.Deliveries);
        foreach (var part in await Task.WhenAll(Enumerable.Range(1, Document.Parts).Select(number => Part(number).Get().AsTask()))) _counted.UnionWith(part);
    }

    private async Task WriteWaiting()
    {
        while (_waiting.Count > 0)
        {
            // The first of the day makes the ledger, and most owners have few.
            var batch = Uncounted();
            if (Exists || !await Insert(new LedgerState().With(batch)))
            {
                await Recall();
                batch = Uncounted();
                if (batch.Count > 0) await Save((await WithRoom()).With(batch));
            }

            foreach (var delivery in batch) _counted.Add(delivery.DeliveryId);
            foreach (var id in _waiting.Keys.Where(_counted.Contains).ToList()) _waiting.Remove(id);
        }

        if (!_anonymizes) return;
        for (var number = 1; number <= Document.Parts; number++) await Part(number).Erase();
        await Save(Document.WithoutIds());
        _anonymizes = false;
    }

    /// <summary>What waits; what an earlier write took along does not any more.</summary>
    private List<CompletedDelivery> Uncounted() => [.. _waiting.Values.Where(delivery => !_counted.Contains(delivery.DeliveryId)).Take(LedgerState.Capacity)];

    /// <summary>The part first: ids that are in both places count once, and the write that takes them out here is that of the next delivery.</summary>
    private async Task<LedgerState> WithRoom()
    {
        if (Document.Deliveries.Count < LedgerState.Capacity) return Document;
        await Part(Document.Parts + 1).Keep(Document.Deliveries);
        return Document.WithPart();
    }

    private ILedgerPartGrain Part(int number) => GrainFactory.GetGrain<ILedgerPartGrain>(LedgerKey.OfPart(this.GetPrimaryKeyString(), number));
}
