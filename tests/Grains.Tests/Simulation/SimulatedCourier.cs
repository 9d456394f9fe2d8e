using DroneDelivery.ThirdParty;

namespace DroneDelivery.Simulation;

/// <summary>The people of the transport partner: they decide on orders, carry parcels, and call back, once, twice, late or never.</summary>
internal sealed class SimulatedCourier
{
    public const string PartnerId = "acme";

    private readonly SimulatedWorld _world;
    private readonly List<PartnerReport> _said = [];

    public SimulatedCourier(SimulatedWorld world)
    {
        _world = world;
        world.Cluster.Partner.Moved = report =>
        {
            if (report.Status == PartnerStatus.PickedUp) world.Invariants.PickedUp(report.DeliveryId, Carriers.OfPartner(PartnerId), report.Attempt);
            else world.Invariants.HandedOver(report.DeliveryId);
        };
    }

    public void Act(int pick)
    {
        if (pick % 8 == 7 && _said.Count > 0)
        {
            Say(_said[pick / 8 % _said.Count]);
            return;
        }

        var order = _world.Cluster.Partner.Orders[pick / 8 % _world.Cluster.Partner.Orders.Count];
        if (Next(order.Status, pick / 64) is not { } next) return;
        var report = _world.Cluster.Partner.Move(order.DeliveryId, order.Attempt, next, "as it is");
        _said.Add(report);
        for (var times = pick % 3; times > 0; times--) Say(report);
    }

    /// <summary>Goes on with every order, and says so.</summary>
    public void WorkWell()
    {
        foreach (var order in _world.Cluster.Partner.Orders)
            if (Next(order.Status, 1) is { } next) Say(_world.Cluster.Partner.Move(order.DeliveryId, order.Attempt, next));
    }

    private static PartnerStatus? Next(PartnerStatus status, int pick) => status switch
    {
        PartnerStatus.Asked => pick % 4 == 0 ? PartnerStatus.Refused : PartnerStatus.Accepted,
        PartnerStatus.Accepted => pick % 4 == 0 ? PartnerStatus.PickedUp : PartnerStatus.HeadedToPickup,
        PartnerStatus.HeadedToPickup => pick % 8 == 0 ? PartnerStatus.Failed : PartnerStatus.PickedUp,
        PartnerStatus.PickedUp => pick % 32 == 0 ? PartnerStatus.Failed : PartnerStatus.Delivered,
        _ => null,
    };

    private void Say(PartnerReport report) => SimulatedWorld.Watch(_world.Cluster.Grains.GetGrain<ITransportPartnerGrain>(PartnerId).Notice(report));
}
