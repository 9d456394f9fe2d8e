namespace DroneDelivery.Invoicing;

/// <summary>
/// Stored form of a day's ledger: the ids that keep a delivery from counting twice, and the sums, in one document. When it holds enough
/// ids, they move to a part of their own; the sums stay here.
/// </summary>
internal sealed record LedgerState
{
    internal UnknownMembers? Unknown { get; init; }

    /// <summary>Ids in the document before they move to a part: some 17 KB, written again with every delivery that counts.</summary>
    public const int Capacity = 500;

    // Finer than any bill; rounding each delivery once makes sums exact.
    private const int Decimals = 6;

    /// <summary>Ids of the deliveries counted, but for those of the parts.</summary>
    public IReadOnlyList<string> Deliveries { get; init; } = [];

    /// <summary>How many parts there are, from 1; one of a higher number is of no account.</summary>
    public int Parts { get; init; }

    /// <summary>How many deliveries were counted whose ids are not here.</summary>
    public long Elsewhere { get; init; }

    /// <summary>Kilograms.</summary>
    public decimal Weight { get; init; }

    /// <summary>Statute miles flown.</summary>
    public decimal Miles { get; init; }

    /// <summary>Hours for which drones were assigned.</summary>
    public decimal Hours { get; init; }

    /// <summary>The sums.</summary>
    public LedgerTotals Totals => new(Elsewhere + Deliveries.Count, Weight, Miles, Hours);

    /// <summary>Counts those deliveries that do not count here yet; whether a part has counted them its ledger knows.</summary>
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

    /// <summary>The ids are in the next part.</summary>
    public LedgerState WithPart() => this with { Parts = Parts + 1, Elsewhere = Elsewhere + Deliveries.Count, Deliveries = [] };

    /// <summary>The sums alone.</summary>
    public LedgerState WithoutIds() => this with { Parts = 0, Elsewhere = Elsewhere + Deliveries.Count, Deliveries = [] };

    /// <summary>An amount as it counts.</summary>
    internal static decimal Rounded(double amount) => Math.Round((decimal)amount, Decimals);
}
