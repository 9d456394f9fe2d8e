using Microsoft.Extensions.Options;

namespace DroneDelivery.ThirdParty;

/// <summary>
/// A partner for local mode and trials, played by the silo: a courier that drives straight. It remembers nothing: where an order stands
/// follows from when it was asked for, so it survives every crash.
/// </summary>
/// <param name="options">How fast it is.</param>
/// <param name="time">Clock.</param>
internal sealed class SimulatedTransportPartner(IOptions<ThirdPartyOptions> options, TimeProvider time) : ITransportPartner
{
    private const double Speed = 12; // m/s
    private static readonly TimeSpan ToPickup = TimeSpan.FromMinutes(10);

    public Task<PartnerReport> Book(PartnerOrder order, DateTimeOffset askedAt, CancellationToken cancellationToken) => Task.FromResult(Report(order, askedAt));

    public Task<PartnerReport?> Find(PartnerOrder order, DateTimeOffset askedAt, CancellationToken cancellationToken) => Task.FromResult<PartnerReport?>(Report(order, askedAt));

    public Task<PartnerReport> Cancel(PartnerOrder order, DateTimeOffset askedAt, CancellationToken cancellationToken)
    {
        var report = Report(order, askedAt);
        return Task.FromResult(report.Status is PartnerStatus.PickedUp or PartnerStatus.Delivered ? report : report with { Status = PartnerStatus.Cancelled });
    }

    private PartnerReport Report(PartnerOrder order, DateTimeOffset askedAt)
    {
        var (now, speed) = (time.GetUtcNow(), options.Value.SimulatedSpeed);
        var start = askedAt + (ToPickup / speed);
        var pickup = order.PickupTime > start ? order.PickupTime : start;
        var drive = TimeSpan.FromSeconds(order.Pickup.Location.DistanceTo(order.Dropoff.Location) / Speed) / speed;
        var delivery = pickup + drive;
        if (order.Deadline < delivery)
            return new(order.DeliveryId, order.Attempt, PartnerStatus.Refused, now, Reason: "A courier would arrive after the deadline.");

        var status = now >= delivery ? PartnerStatus.Delivered : now >= pickup ? PartnerStatus.PickedUp : now >= pickup - (ToPickup / speed) ? PartnerStatus.HeadedToPickup : PartnerStatus.Accepted;
        var position = status == PartnerStatus.PickedUp
            ? order.Pickup.Location.Destination(order.Pickup.Location.BearingTo(order.Dropoff.Location), Speed * speed * (now - pickup).TotalSeconds)
            : (GeoPoint?)null;
        return new(order.DeliveryId, order.Attempt, status, now, pickup, delivery, position);
    }
}
