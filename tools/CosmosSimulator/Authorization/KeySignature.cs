using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Authorization;

/// <summary>Signatures with the account's key.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/cosmos-db/access-control-on-cosmosdb-resources.</remarks>
internal static class KeySignature
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(15);

    /// <summary>Whether a signature's date is near enough. Dates come from real clients, so a real clock judges them.</summary>
    public static bool IsCurrent(string date) =>
        DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && (DateTimeOffset.UtcNow - time).Duration() <= Tolerance;

    /// <summary>
    /// What the client may have signed: the path of the thing or of the owner of the list, as names with or without escapes, or the resource id
    /// alone in small letters.
    /// </summary>
    public static IEnumerable<string> Candidates(CosmosRequest request)
    {
        var address = request.Address;
        var length = address.IsFeed ? address.Segments.Count - 1 : address.Segments.Count;
        yield return string.Join('/', address.Segments.Take(length));
        yield return string.Join('/', address.RawSegments.Take(length));
        if (length > 0) yield return address.Segments[length - 1].ToLowerInvariant();
    }

    /// <summary>Whether the key made the signature.</summary>
    public static bool Verify(byte[] key, string method, string kind, string resource, string date, string signature)
    {
        var payload = $"{method.ToLowerInvariant()}\n{kind.ToLowerInvariant()}\n{resource}\n{date.ToLowerInvariant()}\n\n";
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(payload), expected);

        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return Convert.TryFromBase64String(signature, given, out var count) && count == given.Length && CryptographicOperations.FixedTimeEquals(expected, given);
    }
}
