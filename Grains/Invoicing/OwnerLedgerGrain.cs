using DroneDelivery.Storage;
using Orleans.Concurrency;

namespace DroneDelivery.Invoicing;

[GrainType("owner-ledger"), Reentrant]
internal sealed class OwnerLedgerGrain([PersistentState("ledger", GrainStores.Ledgers)] IPersistentState<LedgerState> store)
    : DocumentGrain<LedgerState>(store), IOwnerLedgerGrain
{
    private readonly Dictionary<string, CompletedDelivery> _waiting = [];
    private readonly HashSet<string> _counted = [];

    private GroupCommit Group => field ??= new GroupCommit(WriteWaiting);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        _counted.UnionWith(Document.Deliveries);
    }

    public async Task Record(CompletedDelivery delivery)
    {
        if (_counted.Contains(delivery.DeliveryId)) return;
        _waiting.TryAdd(delivery.DeliveryId, delivery);
        await Group.Commit();
    }

    public ValueTask<LedgerTotals> Get() => ValueTask.FromResult(Document.Totals);

    private async Task WriteWaiting()
    {
        // What an earlier write took along is counted by now.
        var batch = _waiting.Values.Where(delivery => !_counted.Contains(delivery.DeliveryId)).ToList();
        if (batch.Count > 0) await Save(Document.With(batch));
        foreach (var delivery in batch)
        {
            _counted.Add(delivery.DeliveryId);
            _waiting.Remove(delivery.DeliveryId);
        }
    }
}
