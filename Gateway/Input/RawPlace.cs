using System.Globalization;
using DroneDelivery.Gateway.Geocoding;

namespace DroneDelivery.Gateway.Input;

/// <summary>A place as a client wrote it, perhaps not yet located.</summary>
/// <param name="Field">JSON name of the field it came in.</param>
/// <param name="Text">The text, if it was text.</param>
/// <param name="Location">The point, if the text or object says it.</param>
internal sealed record RawPlace(string Field, string? Text, GeoPoint? Location)
{
    /// <summary>Longest text, characters.</summary>
    public const int MaxTextLength = 500;

    /// <summary>Stands in for a place that is at fault.</summary>
    public static RawPlace Nowhere { get; } = new("", null, default(GeoPoint));

    /// <summary>Reads <c>"altitude,latitude,longitude"</c>.</summary>
    public static bool TryReadNumbers(string text, out GeoPoint point)
    {
        point = default;
        Span<double> numbers = stackalloc double[3];
        var count = 0;
        foreach (var part in text.AsSpan().Split(','))
        {
            if (count == 3 || !double.TryParse(text.AsSpan(part), NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[count++])) return false;
        }

        if (count != 3) return false;
        point = new GeoPoint(numbers[1], numbers[2], numbers[0]);
        return true;
    }

    /// <summary>The place with its point; null, with the fault noted, when the geocoder does not know the text.</summary>
    public async ValueTask<Place?> Locate(IGeocoder geocoder, FieldErrors errors, CancellationToken cancellationToken)
    {
        if ((Location ?? await geocoder.Locate(Text!, cancellationToken)) is { } point) return new Place(Text, point);

        errors.Add(Field, "cannot be found on the map");
        return null;
    }
}
