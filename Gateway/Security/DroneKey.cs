using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using DroneDelivery.Gateway.Input;

namespace DroneDelivery.Gateway.Security;

/// <summary>
/// A key by which a drone signs in, as a bearer token: <c>dk_</c>, the drone's id, and 256 random bits. Only a hash of those is kept, a plain one:
/// nobody guesses 256 bits.
/// </summary>
/// <param name="DroneId">Whose it is.</param>
/// <param name="Hash">What is kept of it.</param>
internal sealed record DroneKey(string DroneId, string Hash)
{
    /// <summary>What keys begin with, and no token of Entra does.</summary>
    public const string Prefix = "dk_";

    private const int SecretLength = 64;

    /// <summary>Makes a key.</summary>
    public static (DroneKey Key, string Text) New(string droneId) => Of(droneId, RandomNumberGenerator.GetBytes(SecretLength / 2));

    /// <summary>The key with this secret.</summary>
    public static (DroneKey Key, string Text) Of(string droneId, ReadOnlySpan<byte> bytes)
    {
        var secret = Convert.ToHexStringLower(bytes);
        return (new DroneKey(droneId, HashOf(secret)), $"{Prefix}{droneId}_{secret}");
    }

    /// <summary>Reads a key; whether it is good only the drone knows.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out DroneKey? key)
    {
        key = null;
        var end = text.LastIndexOf('_');
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || end <= Prefix.Length || text.Length - end - 1 != SecretLength) return false;
        var droneId = text[Prefix.Length..end];
        if (!EntityId.IsValid(droneId)) return false;
        key = new DroneKey(droneId, HashOf(text[(end + 1)..]));
        return true;
    }

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(secret)));
}
