using DroneDelivery.Storage;
using Orleans.Concurrency;

namespace DroneDelivery.Shipping;

[GrainType("confirmation-day"), Reentrant]
internal sealed class ConfirmationDayGrain([PersistentState("confirmation-day", GrainStores.Confirmations)] IPersistentState<ConfirmationDayState> store)
    : GroupCommitGrain<ConfirmationDayState>(store), IConfirmationDayGrain
{
    // What stands around an id in the document.
    private const int Frame = 3;

    private bool _isSwept;
    private int? _bytes;

    private HashSet<string> Deliveries => State.Deliveries;

    public async Task Add(string deliveryId)
    {
        if (!_isSwept)
        {
            await GrainFactory.GetGrain<IConfirmationSweeperGrain>(0).Wake();
            _isSwept = true;
        }

        var bytes = deliveryId.StoredBytes() + Frame;
        _bytes ??= Deliveries.Sum(id => id.StoredBytes() + Frame);
        if (!Deliveries.Contains(deliveryId) && _bytes + bytes > ConfirmationDayState.Capacity)
        {
            await Next.Add(deliveryId);
            if (State.Continues) return;
            State.Continues = true;
        }
        else if (Deliveries.Add(deliveryId))
        {
            _bytes += bytes;
        }

        await Commit();
    }

    public async Task<bool> Sweep(int most)
    {
        var some = Deliveries.Take(most).ToList();
        await Task.WhenAll(some.Select(id => GrainFactory.GetGrain<IConfirmationGrain>(id).Forget()));
        Deliveries.ExceptWith(some);
        _bytes = null;
        if (Deliveries.Count == 0 && State.Continues && !await Next.Sweep(most)) return false;
        await (Deliveries.Count > 0 ? Commit() : Clear());
        return Deliveries.Count == 0;
    }

    /// <summary>Takes what has no room here.</summary>
    private IConfirmationDayGrain Next => GrainFactory.GetGrain<IConfirmationDayGrain>($"{this.GetPrimaryKeyString()}+");
}

/// <summary>Stored form of a part of a day.</summary>
internal sealed record ConfirmationDayState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Most bytes of the ids.</summary>
    public const int Capacity = 900_000;

    /// <summary>Deliveries whose evidence is to be deleted with this day.</summary>
    public HashSet<string> Deliveries { get; init; } = [];

    /// <summary>Whether there are more, in a document of their own.</summary>
    public bool Continues { get; set; }
}
