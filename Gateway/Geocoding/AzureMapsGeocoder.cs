using System.Net;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Caching.Memory;

namespace DroneDelivery.Gateway.Geocoding;

/// <summary>
/// Asks Azure Maps where an address is (Search – Get Geocoding, 2023-06-01). What it once said is kept for a day, also that it knows of no such place;
/// only matches of high or medium confidence count.
/// </summary>
internal sealed class AzureMapsGeocoder(IHttpClientFactory clients, IMemoryCache cache) : IGeocoder
{
    /// <summary>Most addresses that are kept.</summary>
    public const int CacheCapacity = 50_000;

    private static readonly TimeSpan CacheTime = TimeSpan.FromDays(1);

    public async ValueTask<GeoPoint?> Locate(string address, CancellationToken cancellationToken)
    {
        var key = string.Join(' ', CanonicalForms.Decompose(address).ToUpperInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (key.Length == 0) return null;
        if (cache.TryGetValue(key, out GeoPoint? known)) return known;

        var point = await Ask(address, cancellationToken);
        return cache.Set(key, point, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = CacheTime });
    }

    private async Task<GeoPoint?> Ask(string address, CancellationToken cancellationToken)
    {
        try
        {
            using var http = clients.CreateClient(nameof(AzureMapsGeocoder));
            using var response = await http.GetAsync(new Uri($"geocode?api-version=2023-06-01&top=1&query={Uri.EscapeDataString(address)}", UriKind.Relative), cancellationToken);
            if (response.StatusCode == HttpStatusCode.BadRequest) return null;

            response.EnsureSuccessStatusCode();
            var answer = await response.Content.ReadFromJsonAsync<Answer>(cancellationToken);
            return answer?.Features is [{ Properties.Confidence: "High" or "Medium", Geometry.Coordinates: [var longitude, var latitude, ..] }, ..]
                && new GeoPoint(latitude, longitude) is var point && Math.Abs(latitude) <= 90 && Math.Abs(longitude) <= 180
                    ? point
                    : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or System.Text.Json.JsonException or Polly.ExecutionRejectedException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new GeocodingUnavailableException(exception);
        }
    }

    private sealed record Answer([property: JsonPropertyName("features")] IReadOnlyList<Feature>? Features);

    private sealed record Feature([property: JsonPropertyName("geometry")] Geometry? Geometry, [property: JsonPropertyName("properties")] Properties? Properties);

    private sealed record Geometry([property: JsonPropertyName("coordinates")] IReadOnlyList<double>? Coordinates);

    private sealed record Properties([property: JsonPropertyName("confidence")] string? Confidence);
}

/// <summary>The map service cannot be asked at the moment.</summary>
/// <param name="cause">What went wrong.</param>
internal sealed class GeocodingUnavailableException(Exception cause) : Exception("The map service cannot be asked at the moment.", cause);
