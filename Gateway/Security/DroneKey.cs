using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using DroneDelivery.Gateway.Input;

namespace DroneDelivery.Gateway.Security;

/// <summary>
/// A key by which a drone signs in, as a bearer token: <c>dk_</c>, the drone's id, 256 random bits and a MAC of the gateways (<see cref="DroneKeySecrets"/>).
/// Only a hash of the random bits is kept, a plain one: nobody guesses 256 bits.
/// </summary>
/// <param name="DroneId">Whose it is.</param>
/// <param name="Hash">What is kept of it.</param>
/// <param name="Mac">Its MAC in hex; null in keys of releases without one.</param>
internal sealed record DroneKey(string DroneId, string Hash, string? Mac)
{
    /// <summary>What keys begin with, and no token of Entra does.</summary>
    public const string Prefix = "dk_";

    /// <summary>Length of a MAC in hex digits.</summary>
    public const int MacLength = 32;

    private const int SecretLength = 64;

    /// <summary>Makes a key.</summary>
    public static (DroneKey Key, string Text) New(string droneId, DroneKeySecrets secrets) => Of(droneId, RandomNumberGenerator.GetBytes(SecretLength / 2), secrets);

    /// <summary>The key with these random bits.</summary>
    public static (DroneKey Key, string Text) Of(string droneId, ReadOnlySpan<byte> bytes, DroneKeySecrets secrets)
    {
        var secret = Convert.ToHexStringLower(bytes);
        var hash = HashOf(secret);
        var mac = secrets.MacOf(droneId, hash);
        return (new DroneKey(droneId, hash, mac.Length == 0 ? null : mac), $"{Prefix}{droneId}_{secret}{mac}");
    }

    /// <summary>Reads a key; whether it is good its MAC and the drone know.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out DroneKey? key)
    {
        key = null;
        var end = text.LastIndexOf('_');
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || end <= Prefix.Length) return false;
        var (droneId, rest) = (text[Prefix.Length..end], text[(end + 1)..]);
        if (rest.Length is not (SecretLength or SecretLength + MacLength) || !rest.All(char.IsAsciiHexDigitLower) || !EntityId.IsValid(droneId)) return false;
        key = new DroneKey(droneId, HashOf(rest[..SecretLength]), rest.Length == SecretLength ? null : rest[SecretLength..]);
        return true;
    }

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(secret)));
}
