using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Security;

/// <summary>Who may call back as a transport partner; section <c>ThirdParty</c>.</summary>
internal sealed class PartnerCallbackOptions : IValidatableObject
{
    public const string Section = "ThirdParty";

    private const int LeastSecretLength = 32;

    /// <summary>By partner: secrets of which any signs, so that a new one can be introduced before the old one goes.</summary>
    public Dictionary<string, string[]> CallbackSecrets { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => CallbackSecrets
        .Where(entry => entry.Value.Length == 0 || entry.Value.Any(secret => secret.Length < LeastSecretLength))
        .Select(entry => new ValidationResult($"ThirdParty:CallbackSecrets:{entry.Key} must hold secrets of at least {LeastSecretLength} characters."));
}

/// <summary>
/// Tells calls of a partner from forged ones: <c>X-Partner-Signature: t=Unix seconds,v1=hex</c> with the HMAC-SHA256 of <c>t.body</c> under a shared secret.
/// </summary>
/// <param name="options">The secrets.</param>
/// <param name="time">Clock; a signature is good for a few minutes, so that a call overheard cannot be repeated later.</param>
internal sealed class PartnerSignature(IOptions<PartnerCallbackOptions> options, TimeProvider time)
{
    public const string Header = "X-Partner-Signature";

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Whether the header may be a signature of the partner, as far as can be told before its body is read.</summary>
    public bool IsPlausible(string partnerId, string? header) => TryRead(partnerId, header, out _, out _, out _);

    /// <summary>Whether the partner signed this body lately.</summary>
    public bool IsValid(string partnerId, string? header, ReadOnlySpan<byte> body)
    {
        if (!TryRead(partnerId, header, out var secrets, out var at, out var signature)) return false;

        byte[] signed = [.. Encoding.ASCII.GetBytes(at.ToString(CultureInfo.InvariantCulture)), (byte)'.', .. body];
        var valid = false;
        foreach (var secret in secrets) // All of them: how long it takes says nothing.
            valid |= CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed), signature);
        return valid;
    }

    private bool TryRead(string partnerId, string? header, [NotNullWhen(true)] out string[]? secrets, out long at, out byte[] signature)
    {
        (at, signature) = (0, []);
        return options.Value.CallbackSecrets.TryGetValue(partnerId, out secrets) && TryParse(header, out at, out signature)
            && Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - at) <= Tolerance.TotalSeconds;
    }

    private static bool TryParse(string? header, out long at, out byte[] signature)
    {
        (at, signature) = (0, []);
        var parts = header?.Split(',');
        if (parts is not [['t', '=', .. var seconds], ['v', '1', '=', .. var hex]] || hex.Length != 2 * HMACSHA256.HashSizeInBytes) return false;
        if (!long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out at) || !hex.All(char.IsAsciiHexDigit)) return false;
        signature = Convert.FromHexString(hex);
        return true;
    }
}
