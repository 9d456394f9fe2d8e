using DroneDelivery.Storage;
using Orleans.Concurrency;

namespace DroneDelivery.Shipping;

[GrainType("confirmation-day"), Reentrant]
internal sealed class ConfirmationDayGrain : Grain, IConfirmationDayGrain
{
    private readonly IPersistentState<ConfirmationDayState> _store;
    private readonly GroupCommit _commit;
    private bool _isSwept;

    public ConfirmationDayGrain([PersistentState("confirmation-day", GrainStores.Confirmations)] IPersistentState<ConfirmationDayState> store)
    {
        _store = store;
        _commit = new GroupCommit(Write);
    }

    private HashSet<string> Deliveries => _store.State.Deliveries;

    public async Task Add(string deliveryId)
    {
        if (!_isSwept)
        {
            await GrainFactory.GetGrain<IConfirmationSweeperGrain>(0).Wake();
            _isSwept = true;
        }

        Deliveries.Add(deliveryId);
        await _commit.Commit();
    }

    public async Task<bool> Sweep(int most)
    {
        var some = Deliveries.Take(most).ToList();
        await Task.WhenAll(some.Select(id => GrainFactory.GetGrain<IConfirmationGrain>(id).Forget()));
        Deliveries.ExceptWith(some);
        if (Deliveries.Count > 0) await _commit.Commit();
        else if (_store.RecordExists) await _store.ClearStateAsync();
        return Deliveries.Count == 0;
    }

    private async Task Write()
    {
        try
        {
            await _store.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }
}

/// <summary>Stored form of a part of a day.</summary>
internal sealed record ConfirmationDayState
{
    /// <summary>Deliveries whose evidence is to be deleted with this day.</summary>
    public HashSet<string> Deliveries { get; init; } = [];
}
