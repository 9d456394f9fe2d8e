using Orleans.Concurrency;

namespace DroneDelivery.Archiving;

/// <summary>A delivery that ended long ago, with its request, in one document; key: the delivery id. Its contents mean something only to those who gave them.</summary>
[Alias("DroneDelivery.Archiving.IArchivedDeliveryGrain")]
public interface IArchivedDeliveryGrain : IGrainWithStringKey
{
    /// <summary>Keeps it; returns once it is stored. The same again stores nothing.</summary>
    [Alias("Keep")]
    Task Keep(ArchivedDelivery delivery);

    /// <summary>What was kept, or null.</summary>
    [Alias("Get"), AlwaysInterleave]
    [ResponseTimeout(ResponseTimes.Short)]
    ValueTask<ArchivedDelivery?> Get();

    /// <summary>Deletes it for good; nothing happens when there is none.</summary>
    [Alias("Erase")]
    Task Erase();
}

/// <summary>What is kept of a delivery.</summary>
/// <param name="Request">The request's document, as JSON.</param>
/// <param name="Delivery">The delivery's document, as JSON; null: there never was one.</param>
[GenerateSerializer, Immutable, Alias("DroneDelivery.Archiving.ArchivedDelivery")]
public sealed record ArchivedDelivery(string Request, string? Delivery)
{
    // Records print what they hold; addresses and people do not belong in a log.
    /// <inheritdoc/>
    public override string ToString() => nameof(ArchivedDelivery);
}
