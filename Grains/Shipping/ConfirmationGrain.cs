using DroneDelivery.Storage;

namespace DroneDelivery.Shipping;

[GrainType("confirmation")]
internal sealed class ConfirmationGrain([PersistentState("confirmation", GrainStores.Confirmations)] IPersistentState<ConfirmationState> store, TimeProvider time)
    : DocumentGrain<ConfirmationState>(store), IConfirmationGrain
{
    public async Task Keep(string blob)
    {
        // The day first: evidence that is stored is always deleted in time, also when nobody hears that it was stored.
        var id = this.GetPrimaryKeyString();
        var day = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        await GrainFactory.GetGrain<IConfirmationDayGrain>(ConfirmationDays.Key(day, ConfirmationDays.PartOf(id))).Add(id);
        await Save(new ConfirmationState { Blob = blob });
    }

    public async ValueTask<string?> Get(CallerAccount caller)
    {
        if (Document.Blob is null || caller == CallerAccount.Any) return Document.Blob;
        var delivery = GrainFactory.GetGrain<IDeliveryGrain>(this.GetPrimaryKeyString());
        return await delivery.Get(caller) is null ? null : Document.Blob;
    }

    public Task Forget() => Delete();
}

/// <summary>Stored form of a confirmation's evidence.</summary>
internal sealed record ConfirmationState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>As the client sent it.</summary>
    public string? Blob { get; init; }

    // Records print what they hold; a person's picture must not be printed.
    public override string ToString() => nameof(ConfirmationState);
}
