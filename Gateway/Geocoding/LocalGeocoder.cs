using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Geocoding;

/// <summary>
/// Gives every text its own point of the service area, always the same one: enough for demonstrations and tests without a map service.
/// Case and white space do not matter. The points are uniform over the disc.
/// </summary>
internal sealed class LocalGeocoder(IOptions<ServiceAreaOptions> area) : IGeocoder
{
    public ValueTask<GeoPoint?> Locate(string address, CancellationToken cancellationToken)
    {
        var words = CanonicalForms.Decompose(address).ToUpperInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', words)), hash);

        // The square root makes equal areas equally likely.
        var distance = area.Value.Radius * Math.Sqrt(Fraction(hash));
        var bearing = 360 * Fraction(hash[8..]);
        var centre = new GeoPoint(area.Value.Latitude, area.Value.Longitude);
        return ValueTask.FromResult<GeoPoint?>(centre.Destination(bearing, distance));
    }

    private static double Fraction(ReadOnlySpan<byte> bytes) => (BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 11) * Math.ScaleB(1, -53);
}
