using System.Text.Json;

namespace DroneDelivery.CosmosSimulator.Protocol;

/// <summary>Names of databases and containers.</summary>
internal static class MetadataName
{
    private const int Longest = 255;

    /// <summary>The id in the properties of a new one.</summary>
    /// <exception cref="RefusedException">It is missing or not allowed.</exception>
    public static string Of(JsonElement properties)
    {
        var name = properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString()! : "";
        return name.Length is > 0 and <= Longest && name.AsSpan().IndexOfAny("/\\?#") < 0 && !name.EndsWith(' ')
            ? name : throw RefusedException.BadRequest($"The id '{name}' is invalid: 1 to {Longest} characters without / \\ ? # and no space at the end.");
    }
}
