using System.Globalization;

namespace DroneDelivery.Invoicing;

/// <summary>Keys of <see cref="IOwnerLedgerGrain"/>: <c>ownerId/yyyy-MM-dd</c>. The day has a fixed length, so owners may hold any character.</summary>
public static class LedgerKey
{
    /// <summary>The ledger in which a delivery of this owner counts that completed at this time.</summary>
    public static string Of(string ownerId, DateTimeOffset completedAt) => Of(ownerId, DateOnly.FromDateTime(completedAt.UtcDateTime));

    /// <summary>The owner's ledger of a UTC day.</summary>
    public static string Of(string ownerId, DateOnly day) => $"{ownerId}/{day.ToString("O", CultureInfo.InvariantCulture)}";

    /// <summary>A part of a ledger: <c>ownerId/yyyy-MM-dd/number</c>.</summary>
    public static string OfPart(string ledger, int number) => string.Create(CultureInfo.InvariantCulture, $"{ledger}/{number}");

    /// <summary>The days of a month.</summary>
    public static IEnumerable<DateOnly> DaysOf(int year, int month) =>
        Enumerable.Range(1, DateTime.DaysInMonth(year, month)).Select(day => new DateOnly(year, month, day));
}
