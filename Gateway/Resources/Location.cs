using System.Text.Json;
using System.Text.Json.Serialization;

namespace DroneDelivery.Gateway.Resources;

/// <summary>A point on WGS84.</summary>
/// <param name="Latitude">Degrees.</param>
/// <param name="Longitude">Degrees.</param>
/// <param name="Altitude">Metres above ground.</param>
internal sealed record Location(double Latitude, double Longitude, double Altitude)
{
    public static Location Of(GeoPoint point) => new(point.Latitude, point.Longitude, point.Altitude);

    public static Location? Of(GeoPoint? point) => point is { } known ? Of(known) : null;
}

/// <summary>A place as the client wrote it: free text, <c>"altitude,latitude,longitude"</c>, or an object.</summary>
/// <param name="Text">The text, if it was text.</param>
/// <param name="Location">The point, otherwise.</param>
[JsonConverter(typeof(Converter))]
internal sealed record PlaceText(string? Text, Location? Location)
{
    public static PlaceText Of(Place place) => place.Text is { } text ? new(text, null) : new(null, Location.Of(place.Location));

    internal sealed class Converter : JsonConverter<PlaceText>
    {
        public override PlaceText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType == JsonTokenType.String
            ? new PlaceText(reader.GetString(), null)
            : new PlaceText(null, JsonSerializer.Deserialize<Location>(ref reader, options));

        public override void Write(Utf8JsonWriter writer, PlaceText value, JsonSerializerOptions options)
        {
            if (value.Text is { } text) writer.WriteStringValue(text);
            else JsonSerializer.Serialize(writer, value.Location, options);
        }
    }
}
