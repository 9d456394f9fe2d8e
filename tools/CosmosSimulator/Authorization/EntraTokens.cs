using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DroneDelivery.CosmosSimulator.Authorization;

/// <summary>Judges tokens of Entra.</summary>
/// <param name="issuer">Who must have made them.</param>
/// <param name="key">Checks their signature (HS256); null to believe every signature, as those of Entra itself cannot be checked offline.</param>
internal sealed class EntraTokens(string issuer, byte[]? key)
{
    /// <summary>What is wrong with a token; null when it is good.</summary>
    public string? Problem(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3) return "it is no JSON web token";

        JsonElement claims;
        try
        {
            claims = JsonElement.Parse(Base64Url.DecodeFromChars(parts[1]));
            if (key is not null && !IsSigned(parts)) return "its signature is wrong";
        }
        catch (Exception failure) when (failure is FormatException or JsonException)
        {
            return "it cannot be read";
        }

        if (claims.ValueKind != JsonValueKind.Object) return "it has no claims";
        if (!claims.TryGetProperty("iss", out var iss) || iss.ValueKind != JsonValueKind.String || !iss.ValueEquals(issuer)) return $"its issuer is not {issuer}";
        return claims.TryGetProperty("exp", out var exp) && exp.ValueKind == JsonValueKind.Number && exp.TryGetInt64(out var end)
            && DateTimeOffset.UtcNow.ToUnixTimeSeconds() < end ? null : "it has expired";
    }

    private bool IsSigned(string[] parts) => CryptographicOperations.FixedTimeEquals(
        HMACSHA256.HashData(key!, Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}")), Base64Url.DecodeFromChars(parts[2]));
}
