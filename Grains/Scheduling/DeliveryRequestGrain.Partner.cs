using DroneDelivery.Drones;
using DroneDelivery.Shipping;
using DroneDelivery.ThirdParty;

namespace DroneDelivery.Scheduling;

/// <summary>
/// What differs with a transport partner: it may take its time to decide, and a pickup is its word and not ours. So whoever takes a parcel
/// back asks it first, and a silent one is left to an operator.
/// </summary>
internal sealed partial class DeliveryRequestGrain
{
    private string? Partner => options.Value.PartnerId is { Length: > 0 } partnerId ? partnerId : null;

    private async Task AskPartner(string partnerId)
    {
        Queue.Withdraw(Id).Ignore();
        await Begin(Carriers.OfPartner(partnerId));
    }

    private async Task FinishBooking(string partnerId, Transport transport)
    {
        var (now, order) = (time.GetUtcNow(), Document.Order!);
        var booked = await PartnerGrain(partnerId).Book(new PartnerOrder(
            Id, transport.Attempt, order.Pickup, order.Dropoff, order.Package.Weight, order.Package.Size, order.PickupTime, order.Deadline));
        var objection = booked switch
        {
            { Status: PartnerStatus.Asked } when order.Deadline <= now => "did not decide before the deadline",
            { Status: PartnerStatus.Asked } when now - booked.AskedAt >= options.Value.PartnerDecision => "did not decide in time",
            { Status: PartnerStatus.Refused } => $"refused: {booked.Reason ?? "no reason was given"}",
            { Status: PartnerStatus.Cancelled or PartnerStatus.Failed, HasParcel: false } => $"gave it up: {booked.Reason ?? "no reason was given"}",
            _ => null,
        };
        if (objection is not null)
        {
            // One that did not decide may have decided by now. As long as it cannot be asked nothing is given up: it may have the parcel.
            if (!(await CallOff(transport)).Succeeded) return;
            await FenceOff(transport, objection);
            if (!IsCommitting && Document.Status.IsUnscheduled()) await Reject($"No drone can carry it in time, and partner {partnerId} {objection}.");
        }
        else if (booked.Status != PartnerStatus.Asked)
        {
            var eta = new MissionEta(booked.PickupEta, booked.DeliveryEta ?? now);
            await MakeDelivery(new MissionAssignment(transport.DroneId, transport.Attempt, order.Pickup.Location, eta));
        }
        else if (Document.Reason is null)
        {
            Note(Document with { Reason = $"Partner {partnerId} was asked to carry it." });
        }
    }

    /// <summary>Seeks another carrier for a partner that gave it up before pickup, and raises an incident for one that is silent or failed with the parcel.</summary>
    private async Task CheckPartner(string partnerId, Transport transport, DeliverySnapshot delivery)
    {
        var (now, order) = (time.GetUtcNow(), await PartnerGrain(partnerId).Get(Id, transport.Attempt));
        var fetched = !delivery.Status.Stage.IsBeforePickup() || order?.HasParcel == true;
        if (!fetched && (order is null or { Status: PartnerStatus.Cancelled or PartnerStatus.Failed or PartnerStatus.Refused } || delivery.DroneId != transport.DroneId || delivery.Attempt != transport.Attempt))
            await SeekAnother(transport, $"Partner {partnerId} gave the order up before pickup. {order?.Reason}".TrimEnd());
        else if (!fetched && Document.Order!.Deadline <= now)
            await SeekAnother(transport, $"Partner {partnerId} had not fetched the parcel by the deadline.");
        else if (order is null or { Status: PartnerStatus.Failed })
            await RaiseIncident($"Partner {partnerId} failed with the parcel. {order?.Reason}".TrimEnd());
        else if (now - Later(order.HeardAt, Document.ResolvedAt) > options.Value.PartnerSilence)
            await RaiseIncident($"Partner {partnerId} is silent.");
    }

    /// <summary>Cancels with a partner, whose word on it is final: Done, or Conflict when it has the parcel. A drone needs no asking.</summary>
    private async Task<CommandResult> CallOff(Transport transport) => Carriers.IsPartner(transport.DroneId, out var partnerId)
        ? await PartnerGrain(partnerId).Cancel(Id, transport.Attempt)
        : CommandResult.Done;

    private ITransportPartnerGrain PartnerGrain(string partnerId) => GrainFactory.GetGrain<ITransportPartnerGrain>(partnerId);

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset? other) => other > one ? other.Value : one;
}
