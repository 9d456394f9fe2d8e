namespace DroneDelivery.Scheduling;

/// <summary>
/// Those that have waited longer than a bound first, the longest waiting before the others, so that nobody waits for ever; then
/// expedited ones, then the earlier deadline, then the older request. The id breaks ties.
/// </summary>
/// <param name="now">Present time.</param>
/// <param name="ageingBound">The bound.</param>
internal sealed class TicketOrder(DateTimeOffset now, TimeSpan ageingBound) : IComparer<DispatchTicket>
{
    public int Compare(DispatchTicket? x, DispatchTicket? y)
    {
        if (ReferenceEquals(x, y)) return 0;
        if (x is null) return -1;
        if (y is null) return 1;
        var order = IsAged(y).CompareTo(IsAged(x));
        if (order == 0 && IsAged(x)) order = x.WaitingSince.CompareTo(y.WaitingSince);
        if (order == 0) order = y.Expedited.CompareTo(x.Expedited);
        if (order == 0) order = (x.Deadline ?? DateTimeOffset.MaxValue).CompareTo(y.Deadline ?? DateTimeOffset.MaxValue);
        if (order == 0) order = x.AcceptedAt.CompareTo(y.AcceptedAt);
        return order == 0 ? string.CompareOrdinal(x.DeliveryId, y.DeliveryId) : order;
    }

    private bool IsAged(DispatchTicket ticket) => now - ticket.WaitingSince >= ageingBound;
}
