namespace DroneDelivery.Invoicing;

/// <summary>Stored form of a day's ledger: the ids that keep a delivery from counting twice, and the sums, in one document.</summary>
internal sealed record LedgerState
{
    // Finer than any bill; rounding each delivery once makes sums exact.
    private const int Decimals = 6;

    /// <summary>Ids of the deliveries counted.</summary>
    public IReadOnlyList<string> Deliveries { get; init; } = [];

    /// <summary>Kilograms.</summary>
    public decimal Weight { get; init; }

    /// <summary>Statute miles flown.</summary>
    public decimal Miles { get; init; }

    /// <summary>Hours for which drones were assigned.</summary>
    public decimal Hours { get; init; }

    /// <summary>The sums.</summary>
    public LedgerTotals Totals => new(Deliveries.Count, Weight, Miles, Hours);

    /// <summary>Counts those deliveries that do not count yet.</summary>
    public LedgerState With(IEnumerable<CompletedDelivery> deliveries)
    {
        var known = new HashSet<string>(Deliveries);
        var news = deliveries.Where(delivery => known.Add(delivery.DeliveryId)).ToList();
        return this with
        {
            Deliveries = [.. Deliveries, .. news.Select(delivery => delivery.DeliveryId)],
            Weight = Weight + news.Sum(delivery => Rounded(delivery.Weight)),
            Miles = Miles + news.Sum(delivery => Rounded(delivery.Miles)),
            Hours = Hours + news.Sum(delivery => Rounded(delivery.Hours)),
        };
    }

    /// <summary>An amount as it counts.</summary>
    internal static decimal Rounded(double amount) => Math.Round((decimal)amount, Decimals);
}
