using DroneDelivery.Archiving;
using DroneDelivery.Packages;
using DroneDelivery.Storage;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Scheduling;

/// <summary>How an ended request goes to the archive with its delivery, and is read there.</summary>
internal sealed partial class DeliveryRequestGrain
{
    private static readonly GrainStateSerializer Serializer = new();

    protected override async Task OnRead()
    {
        if (Exists ? Document.Archived != true : !ArchivedIds.MayBe(Id, time.GetUtcNow())) return;
        if (await GrainFactory.GetGrain<IArchivedDeliveryGrain>(Id).Get() is { } archived)
            Adopt(Serializer.Deserialize<DeliveryRequestState>(BinaryData.FromString(archived.Request)));
        else if (Exists) throw new InvalidOperationException($"Request {Id} was archived, but is not in the archive.");
    }

    public async Task<ArchiveResult> Archive()
    {
        if (!Exists) return ArchiveResult.Unknown;
        if (IsArchived) return ArchiveResult.Archived;

        // Its supervisor lets go of it when nothing is left to do and everybody has heard of the end.
        if (!Document.Status.IsFinal() || Document.Alarms.Count > 0 || await Supervisor.Watches(Id)) return ArchiveResult.NotYet;

        // The archive first: at every point in between all of it can be read somewhere, and a repetition goes on from there.
        var delivery = Document.LastAttempt > 0 ? await Delivery.Export() : null;
        await GrainFactory.GetGrain<IArchivedDeliveryGrain>(Id).Keep(new ArchivedDelivery(Serializer.Serialize(Document.AsArchived()).ToString(), delivery));
        if (delivery is not null) await Delivery.Leave();
        await Leave(ArchivedIds.NeedsNoMark(Id, time.GetUtcNow()) ? null : new DeliveryRequestState { Archived = true });
        return ArchiveResult.Archived;
    }

    public async Task<bool> Erase(string ownerId)
    {
        if (Exists)
        {
            if (Document.Order!.OwnerId != ownerId || !Document.Status.IsFinal() || Document.Alarms.Count > 0 || await Supervisor.Watches(Id)) return false;
            await GrainFactory.GetGrain<IPackageGrain>(Document.Order.PackageId).Erase(ownerId);
        }

        await Delivery.Erase();
        await Delete();
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Drone {DroneId} reports {Kind} for request {DeliveryId}, which ended long ago and is archived: {Detail}")]
    private partial void LogLateAlarm(string droneId, Drones.DroneEventKind kind, string deliveryId, string detail);
}
