using System.Diagnostics.CodeAnalysis;

namespace DroneDelivery;

/// <summary>
/// Names of those who carry a delivery. A drone goes by its id; a transport partner by its id behind a prefix that no drone's id can have,
/// for ids hold no slash.
/// </summary>
public static class Carriers
{
    private const string PartnerPrefix = "partner/";

    /// <summary>The name of a partner as a carrier.</summary>
    public static string OfPartner(string partnerId) => PartnerPrefix + partnerId;

    /// <summary>Whether the carrier is a partner, and which.</summary>
    public static bool IsPartner(string carrier, [NotNullWhen(true)] out string? partnerId)
    {
        partnerId = carrier.StartsWith(PartnerPrefix, StringComparison.Ordinal) ? carrier[PartnerPrefix.Length..] : null;
        return partnerId is not null;
    }

    /// <summary>The carrier in words, to begin a sentence with.</summary>
    public static string InWords(string carrier) => IsPartner(carrier, out var partnerId) ? $"Partner {partnerId}" : $"Drone {carrier}";
}
