using System.Security.Cryptography;
using DroneDelivery.Hosting;
using DroneDelivery.Startup;

namespace DroneDelivery.Gateway.Security;

/// <summary>AES-256-GCM: nonce, ciphertext and tag in one array.</summary>
internal static class AuthenticatedBox
{
    /// <summary>Length of a key in bytes.</summary>
    public const int KeyLength = 32;

    /// <summary>Length of a nonce in bytes; one key never sees the same twice for different content.</summary>
    public const int NonceLength = 12;

    private const int TagLength = 16;

    /// <summary>How to mend a setting that has no key.</summary>
    private const string Advice = "set it to 32 random bytes in base64, such as `openssl rand -base64 32` prints, the same for every gateway.";

    /// <summary>The key that a setting holds in base64.</summary>
    /// <param name="setting">Path of the setting.</param>
    /// <param name="text">Its value.</param>
    /// <exception cref="StartupException">It is no key.</exception>
    public static byte[] ReadKey(string setting, string? text)
    {
        var key = new byte[KeyLength];
        return Convert.TryFromBase64String(text?.Trim() ?? "", key, out var length) && length == KeyLength
            ? key
            : throw new StartupException($"{setting} is not a key; {Advice}");
    }

    /// <summary>
    /// The key that is used and those that were or will be, which are known too. Without one to use: in local mode, and elsewhere only while an upgrade makes the
    /// first key known.
    /// </summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="current">Path of the setting with the key that is used.</param>
    /// <param name="known">Path of the list of the others.</param>
    /// <exception cref="StartupException">A key is missing, or is none.</exception>
    public static (byte[]? Current, IReadOnlyList<byte[]> Known) ReadKeys(IConfiguration configuration, string current, string known)
    {
        byte[][] others = [.. configuration.GetSection(known).GetChildren().Select(child => ReadKey(child.Path, child.Value))];
        if (configuration[current] is { } text && !string.IsNullOrWhiteSpace(text)) return (ReadKey(current, text), others);
        return others.Length > 0 || HostingOptions.IsLocal(configuration) ? (null, others) : throw new StartupException($"{current} is missing; {Advice}");
    }

    /// <summary>Encrypts and authenticates; whoever has the key can open it.</summary>
    public static byte[] Seal(byte[] key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain)
    {
        var box = new byte[NonceLength + plain.Length + TagLength];
        nonce.CopyTo(box);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, plain, box.AsSpan(NonceLength, plain.Length), box.AsSpan(^TagLength..));
        return box;
    }

    /// <summary>What was sealed; null when it was not, or with another key, or has changed since.</summary>
    public static byte[]? Open(byte[] key, ReadOnlySpan<byte> box)
    {
        if (box.Length < NonceLength + TagLength) return null;
        var plain = new byte[box.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key, TagLength);
        try
        {
            aes.Decrypt(box[..NonceLength], box.Slice(NonceLength, plain.Length), box[^TagLength..], plain);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
