using System.Text.Json.Serialization;

namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>JSON of the HTTP contract; what an answer lacks or has wrongly is an error, what it has in addition is not.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    IgnoreReadOnlyProperties = true,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Registration))]
[JsonSerializable(typeof(TelemetryReport))]
[JsonSerializable(typeof(TelemetryAnswer))]
[JsonSerializable(typeof(PickupQuestion))]
[JsonSerializable(typeof(DroneSighting))]
[JsonSerializable(typeof(IssuedToken))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class WireJson : JsonSerializerContext;
