using System.Globalization;

namespace DroneDelivery.Archiving;

/// <summary>
/// Tells by its id whether a delivery may be in the archive, so that new ones need not be looked for there. Ids that the gateway mints begin with
/// the time (UUID version 7); of others, which clients choose or which are made of an idempotency key, a mark stays where the document was.
/// </summary>
public static class ArchivedIds
{
    /// <summary>Younger ids are not in the archive without a mark, whatever the settings say; more than the clocks of a cluster differ.</summary>
    public static readonly TimeSpan MinimumAge = TimeSpan.FromHours(1);

    private const int Length = 32;
    private const int TimeLength = 12;

    /// <summary>Whether a delivery of which there is neither document nor mark may be in the archive.</summary>
    public static bool MayBe(string deliveryId, DateTimeOffset now) => TimeOf(deliveryId) is { } made && now - made >= MinimumAge;

    /// <summary>Whether the document of an archived delivery needs no mark in its place: the id is old enough for any clock.</summary>
    public static bool NeedsNoMark(string deliveryId, DateTimeOffset now) => TimeOf(deliveryId) is { } made && now - made >= 2 * MinimumAge;

    private static DateTimeOffset? TimeOf(string id) =>
        id is { Length: Length } && id[TimeLength] == '7' && id[TimeLength + 4] is '8' or '9' or 'a' or 'b'
        && !id.AsSpan().ContainsAnyExcept("0123456789abcdef")
        && long.Parse(id.AsSpan(0, TimeLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) is var milliseconds
        && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;
}
