namespace DroneDelivery.Scheduling;

/// <summary>Expedited first, then the earlier deadline, then the older request; the id breaks ties.</summary>
internal sealed class TicketOrder : IComparer<DispatchTicket>
{
    public static TicketOrder Instance { get; } = new();

    public int Compare(DispatchTicket? x, DispatchTicket? y)
    {
        if (ReferenceEquals(x, y)) return 0;
        if (x is null) return -1;
        if (y is null) return 1;
        var order = y.Expedited.CompareTo(x.Expedited);
        if (order == 0) order = (x.Deadline ?? DateTimeOffset.MaxValue).CompareTo(y.Deadline ?? DateTimeOffset.MaxValue);
        if (order == 0) order = x.AcceptedAt.CompareTo(y.AcceptedAt);
        return order == 0 ? string.CompareOrdinal(x.DeliveryId, y.DeliveryId) : order;
    }
}
