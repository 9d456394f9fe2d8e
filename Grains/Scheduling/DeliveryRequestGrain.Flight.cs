using DroneDelivery.Drones;
using DroneDelivery.Shipping;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Scheduling;

/// <summary>The watch over a flight: a drone that is lost before pickup is replaced, what happens to the parcel after it is an incident.</summary>
internal sealed partial class DeliveryRequestGrain
{
    private const string FlightStep = "Flight";

    /// <summary>
    /// Catches up with a delivery whose events got lost, seeks another drone for one whose drone cannot fetch it in time, and raises an
    /// incident when the parcel seems lost with its drone or its confirmation does not come.
    /// </summary>
    private async Task CheckFlight()
    {
        _step = FlightStep;
        var transport = Document.Transport!;
        if (await FindDelivery() is not { } delivery)
        {
            // Its silo died before it was stored: as if the commitment were still being finished.
            Note(Document.MoveTo(RequestStatus.Scheduling));
            await FinishCommitment(resumed: true);
            return;
        }

        _flown = delivery.LastEvent;
        if (delivery.Status.Stage.IsFinal())
        {
            // Not before everybody else has heard of it: nobody looks after the delivery of a settled request.
            if (delivery.Drained) await Apply(new DeliveryEvent(0, delivery.Status.Stage, delivery.CompletedAt ?? time.GetUtcNow()));
            return;
        }

        if (Document.Status == RequestStatus.Incident) return;
        if (delivery.HandedOverAt is null && Carriers.IsPartner(transport.DroneId, out var partnerId)) await CheckPartner(partnerId, transport, delivery);
        else if (!delivery.Status.Stage.IsBeforePickup()) await CheckParcel(transport, delivery);
        else if (await WhyNotFetched(transport, delivery) is { } reason) await SeekAnother(transport, reason);
    }

    private async Task<string?> WhyNotFetched(Transport transport, DeliverySnapshot delivery)
    {
        if (delivery.DroneId != transport.DroneId || delivery.Attempt != transport.Attempt) return "The mission was taken back.";
        if (delivery.Status.DeliveryEta > Document.Order!.Deadline) return $"Drone {transport.DroneId} would arrive after the deadline.";
        return await WhyLost(transport, options.Value.LostContact) is { } reason ? $"{reason} before pickup." : null;
    }

    /// <summary>Why the drone can't be expected to go on with the mission, or null.</summary>
    private async Task<string?> WhyLost(Transport transport, TimeSpan silence)
    {
        var drone = await GrainFactory.GetGrain<IDroneGrain>(transport.DroneId).Get();
        if (drone?.Mission is not { } mission || mission.DeliveryId != Id || mission.Attempt != transport.Attempt)
            return $"Drone {transport.DroneId} gave the mission up";
        if (drone.Trouble is { } trouble) return $"Drone {transport.DroneId} has trouble ({trouble})";
        var heard = Document.ResolvedAt > drone.HeardAt ? Document.ResolvedAt.Value : drone.HeardAt;
        return time.GetUtcNow() - heard > silence ? $"Drone {transport.DroneId} was lost" : null;
    }

    private async Task CheckParcel(Transport transport, DeliverySnapshot delivery)
    {
        if (delivery.HandedOverAt is { } handedOver)
        {
            var awaited = Document.ResolvedAt > handedOver ? Document.ResolvedAt.Value : handedOver;
            if (time.GetUtcNow() - awaited > options.Value.ConfirmationTimeout) await RaiseIncident("The confirmation of the receiver has not come.");
            return;
        }

        if (await WhyLost(transport, options.Value.LostWithParcel) is not { } reason) return;

        // The drone ends its mission when it has handed over: what was read before may be old.
        var again = await Delivery.Get(CallerAccount.Any);
        if (again is { Status.Stage: DeliveryStage.HeadedToDropoff, HandedOverAt: null }) await RaiseIncident($"{reason} with the parcel.");
    }

    /// <summary>A handover that cannot be believed is an incident, unless it was settled meanwhile.</summary>
    private async Task HearDoubt(DroneEvent occurred)
    {
        if (Document.Status != RequestStatus.Scheduled || Document.Transport != new Transport(occurred.DroneId, occurred.Attempt)) return;
        if (time.GetUtcNow() - Document.ResolvedAt < options.Value.LostWithParcel) return; // An operator has just let it go on.
        if (await Delivery.Get(CallerAccount.Any) is { Status.Stage: DeliveryStage.HeadedToDropoff, HandedOverAt: null }) await RaiseIncident(occurred.Detail);
    }

    private async Task RaiseIncident(string reason)
    {
        LogIncident(Id, reason);
        var now = time.GetUtcNow();
        await Store((Document.MoveTo(RequestStatus.Incident, reason) with { FlaggedAt = Document.FlaggedAt ?? now }).WithNote(now, FlightStep, reason));
        await Tell();
    }

    private async Task SeekAnother(Transport transport, string reason)
    {
        if (!(await CallOff(transport)).Succeeded) return; // Its pickup is yet to be told.
        var recalled = await Delivery.Recall(new CommandId($"{MissionId(transport)}/lost"), transport.Attempt, reason);
        if (!recalled.Succeeded) return; // The drone took the parcel meanwhile.
        LogLost(Carriers.InWords(transport.DroneId), Id, reason);
        await Store(Document.MoveTo(RequestStatus.Scheduling, reason).WithLostMission(time.GetUtcNow()).WithNote(time.GetUtcNow(), FlightStep, reason));
        await Undo();
        await Advance();
    }

    [LoggerMessage(LogLevel.Warning, "{Carrier} will not fetch the parcel of {DeliveryId}; another one is sought. {Reason}")]
    private partial void LogLost(string carrier, string deliveryId, string reason);

    [LoggerMessage(LogLevel.Warning, "Request {DeliveryId} needs an operator: {Reason}")]
    private partial void LogIncident(string deliveryId, string reason);
}
