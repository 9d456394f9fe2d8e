using DroneDelivery.Archiving;
using DroneDelivery.Storage;

namespace DroneDelivery.Shipping;

/// <summary>How an ended delivery goes to the archive when its request does, and is read there.</summary>
internal sealed partial class DeliveryGrain
{
    private static readonly GrainStateSerializer Serializer = new();

    private bool _sought;

    public async ValueTask<string?> Export()
    {
        await Seek();
        if (!Exists) return null;

        // Its request says that everybody knows: what the stored cursors do not say is not told again.
        _drain?.Dispose();
        _drain = null;
        return Serializer.Serialize(Document.AsArchived()).ToString();
    }

    public async Task Leave()
    {
        _drain?.Dispose();
        if (Exists) await Leave(ArchivedIds.NeedsNoMark(this.GetPrimaryKeyString(), time.GetUtcNow()) ? null : new DeliveryState { Archived = true });
    }

    public async Task Erase()
    {
        _drain?.Dispose();
        await GrainFactory.GetGrain<IConfirmationGrain>(this.GetPrimaryKeyString()).Forget();
        await Delete();
        (_sought, _position) = (true, null);
    }

    /// <summary>Looks in the archive for a delivery that is not here, once. Not at activation: one that is about to be made need not be looked for.</summary>
    private async ValueTask Seek()
    {
        if (IsArchived || _sought || IsOnlyNoted || (Exists ? Document.Archived != true : !ArchivedIds.MayBe(this.GetPrimaryKeyString(), time.GetUtcNow()))) return;
        if (await GrainFactory.GetGrain<IArchivedDeliveryGrain>(this.GetPrimaryKeyString()).Get() is { Delivery: { } archived })
        {
            Adopt(Serializer.Deserialize<DeliveryState>(BinaryData.FromString(archived)));
            _handed = Document.Handed;
        }
        else if (Exists)
        {
            throw new InvalidOperationException($"Delivery {this.GetPrimaryKeyString()} was archived, but is not in the archive.");
        }

        _sought = true;
    }
}
