using System.Text.Json.Serialization;

namespace DroneDelivery.FleetSimulator.Protocol;

/// <summary>An issuer's answer.</summary>
/// <param name="AccessToken">The token.</param>
/// <param name="ExpiresIn">For how many seconds it is good.</param>
internal sealed record IssuedToken(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("expires_in")] int ExpiresIn);
