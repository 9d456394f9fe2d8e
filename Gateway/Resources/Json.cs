using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace DroneDelivery.Gateway.Resources;

/// <summary>How the API writes JSON: camel case, enums by name, times in UTC with milliseconds.</summary>
[JsonSerializable(typeof(DeliveryRequestBody))]
[JsonSerializable(typeof(DeliveryRequestResource))]
[JsonSerializable(typeof(DeliveryResource))]
[JsonSerializable(typeof(DeliveryStatusResource))]
[JsonSerializable(typeof(TrackingEventResource[]))]
[JsonSerializable(typeof(UserAccount))]
[JsonSerializable(typeof(PackageResource))]
[JsonSerializable(typeof(DroneResource))]
[JsonSerializable(typeof(TelemetryResource))]
[JsonSerializable(typeof(TelemetryLine))]
[JsonSerializable(typeof(TelemetryLineError))]
[JsonSerializable(typeof(FlightResource))]
[JsonSerializable(typeof(AccountResource))]
[JsonSerializable(typeof(FlaggedRequestResource[]))]
[JsonSerializable(typeof(InspectedRequestResource))]
[JsonSerializable(typeof(DroneConditionResource))]
[JsonSerializable(typeof(WebhookResource[]))]
[JsonSerializable(typeof(WebhookTestResource))]
[JsonSerializable(typeof(SubscriptionResource[]))]
[JsonSerializable(typeof(DeliveryOverviewResource))]
[JsonSerializable(typeof(ShareResource))]
[JsonSerializable(typeof(ProbeResource))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(HttpValidationProblemDetails))]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
internal sealed partial class GatewayJson : JsonSerializerContext
{
    /// <summary>Sets up the serializer of the web host.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.Converters.Add(new UtcTime());
        options.Converters.Add(new JsonStringEnumConverter());
        options.TypeInfoResolverChain.Insert(0, Default);
    }

    private sealed class UtcTime : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
        {
            Span<char> text = stackalloc char[32];
            value.UtcDateTime.TryFormat(text, out var length, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
            writer.WriteStringValue(text[..length]);
        }
    }
}

/// <summary>Writes an enum in lower case.</summary>
internal sealed class LowerCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase) where T : struct, Enum;
