using DroneDelivery.Storage;
using Orleans.Concurrency;

namespace DroneDelivery.Shipping;

[GrainType("confirmation-day"), Reentrant]
internal sealed class ConfirmationDayGrain([PersistentState("confirmation-day", GrainStores.Confirmations)] IPersistentState<ConfirmationDayState> store)
    : GroupCommitGrain<ConfirmationDayState>(store), IConfirmationDayGrain
{
    private bool _isSwept;

    private HashSet<string> Deliveries => State.Deliveries;

    public async Task Add(string deliveryId)
    {
        if (!_isSwept)
        {
            await GrainFactory.GetGrain<IConfirmationSweeperGrain>(0).Wake();
            _isSwept = true;
        }

        Deliveries.Add(deliveryId);
        await Commit();
    }

    public async Task<bool> Sweep(int most)
    {
        var some = Deliveries.Take(most).ToList();
        await Task.WhenAll(some.Select(id => GrainFactory.GetGrain<IConfirmationGrain>(id).Forget()));
        Deliveries.ExceptWith(some);
        await (Deliveries.Count > 0 ? Commit() : Clear());
        return Deliveries.Count == 0;
    }
}

/// <summary>Stored form of a part of a day.</summary>
internal sealed record ConfirmationDayState
{
    /// <summary>Deliveries whose evidence is to be deleted with this day.</summary>
    public HashSet<string> Deliveries { get; init; } = [];
}
