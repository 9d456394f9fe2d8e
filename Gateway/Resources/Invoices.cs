using DroneDelivery.Invoicing;

namespace DroneDelivery.Gateway.Resources;

/// <summary>An owner's month, by UTC day of completion.</summary>
/// <param name="OwnerId">The account.</param>
/// <param name="Year">The year.</param>
/// <param name="Month">The month, 1 to 12.</param>
/// <param name="Deliveries">Deliveries completed.</param>
/// <param name="Packages">What they carried.</param>
/// <param name="Utilization">What was flown for them.</param>
internal sealed record InvoiceResource(
    string OwnerId, int Year, int Month, DeliveriesSummaryResource Deliveries, PackagesSummaryResource Packages, UtilizationResource Utilization)
{
    public static InvoiceResource Of(string ownerId, int year, int month, LedgerTotals totals) => new(
        ownerId, year, month, new(totals.Deliveries), new(totals.Weight), new(totals.Miles, totals.Hours));
}

/// <summary>Completed deliveries.</summary>
/// <param name="Count">How many.</param>
internal sealed record DeliveriesSummaryResource(long Count);

/// <summary>Packages delivered.</summary>
/// <param name="TotalWeight">Kilograms.</param>
internal sealed record PackagesSummaryResource(decimal TotalWeight);

/// <summary>What drones flew.</summary>
/// <param name="TraveledMiles">Statute miles.</param>
/// <param name="AssignedHours">Hours from each assignment to handover or recall.</param>
internal sealed record UtilizationResource(decimal TraveledMiles, decimal AssignedHours);
