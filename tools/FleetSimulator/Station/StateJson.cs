using System.Text.Json.Serialization;

namespace DroneDelivery.FleetSimulator.Station;

/// <summary>JSON of the state file.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    IgnoreReadOnlyProperties = true,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(FleetState))]
internal sealed partial class StateJson : JsonSerializerContext;
