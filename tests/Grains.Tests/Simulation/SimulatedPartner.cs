using DroneDelivery.ThirdParty;

namespace DroneDelivery.Simulation;

/// <summary>
/// The transport partner of a simulated cluster: a call takes effect and its answer arrives later, or either is lost. It takes a parcel
/// only for an order that it accepted and that was not cancelled.
/// </summary>
internal sealed class SimulatedPartner(SimulatedCluster cluster) : ITransportPartner
{
    private readonly Dictionary<(string DeliveryId, int Attempt), PartnerReport> _orders = [];

    /// <summary>Whether every call fails.</summary>
    public bool Away { get; set; }

    /// <summary>Called when the partner takes a parcel, and when it hands it over.</summary>
    public Action<PartnerReport>? Moved { get; set; }

    /// <summary>Orders that it knows, the oldest first.</summary>
    public IReadOnlyList<PartnerReport> Orders => [.. _orders.Values];

    public Task<PartnerReport> Book(PartnerOrder order, DateTimeOffset askedAt, CancellationToken cancellationToken) => Call(order, known => known ?? Report(order, PartnerStatus.Asked))!;

    public Task<PartnerReport?> Find(PartnerOrder order, DateTimeOffset askedAt, CancellationToken cancellationToken) => Call(order, known => known);

    public Task<PartnerReport> Cancel(PartnerOrder order, DateTimeOffset askedAt, CancellationToken cancellationToken) => Call(order, known =>
        known?.Status is PartnerStatus.PickedUp or PartnerStatus.Delivered or PartnerStatus.Refused or PartnerStatus.Failed ? known : Report(order, PartnerStatus.Cancelled))!;

    /// <summary>It decides, or goes on.</summary>
    public PartnerReport Move(string deliveryId, int attempt, PartnerStatus status, string? reason = null)
    {
        var report = _orders[(deliveryId, attempt)] with { Status = status, Time = cluster.Time.Now, DeliveryEta = cluster.Time.Now.AddMinutes(1), Reason = reason };
        _orders[(deliveryId, attempt)] = report;
        if (status is PartnerStatus.PickedUp or PartnerStatus.Delivered) Moved?.Invoke(report);
        return report;
    }

    /// <summary>It loses its orders.</summary>
    public void Forget() => _orders.Clear();

    private PartnerReport Report(PartnerOrder order, PartnerStatus status) => new(order.DeliveryId, order.Attempt, status, cluster.Time.Now);

    private Task<PartnerReport?> Call(PartnerOrder order, Func<PartnerReport?, PartnerReport?> act)
    {
        var pending = new SimulatedStores.PendingWrite { FailsBefore = Away };
        var done = new TaskCompletionSource<PartnerReport?>();
        cluster.Stores.Pending.Add(pending);
        cluster.Events.Add(new($"call to the partner for {order.DeliveryId}", null, () =>
        {
            cluster.Stores.Pending.Remove(pending);
            var key = (order.DeliveryId, order.Attempt);
            var report = pending.FailsBefore ? null : act(_orders.GetValueOrDefault(key));
            if (report is not null) _orders[key] = report;
            cluster.Events.Add(new($"answer of the partner for {order.DeliveryId}", null, () =>
            {
                if (pending.FailsBefore || pending.FailsAfter) done.SetException(new PartnerException("The partner is away."));
                else done.SetResult(report);
            }));
        }));
        return done.Task;
    }
}
