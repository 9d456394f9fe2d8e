using System.Security.Cryptography;

namespace DroneDelivery.Gateway.Security;

/// <summary>AES-256-GCM: nonce, ciphertext and tag in one array.</summary>
internal static class AuthenticatedBox
{
    /// <summary>Length of a key in bytes.</summary>
    public const int KeyLength = 32;

    /// <summary>Length of a nonce in bytes; one key never sees the same twice for different content.</summary>
    public const int NonceLength = 12;

    private const int TagLength = 16;

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
