using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Notifications;

/// <summary>
/// Encrypts the secrets of webhooks before they are stored: AES-256-GCM under <see cref="NotificationOptions.SecretKey"/>, bound to the subscription, so that
/// a secret copied into another's document is worth nothing there. Without a key, which only local mode allows, they are stored as they are.
/// </summary>
/// <remarks>What is stored: <c>sealed:key id:base64url of nonce, ciphertext and tag</c>; anything else is a secret from before there was a key.</remarks>
internal sealed class SecretSeal
{
    private const string Prefix = "sealed:";
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int KeyIdLength = 8;

    private readonly string? _current;
    private readonly Dictionary<string, byte[]> _keys;

    public SecretSeal(IOptions<NotificationOptions> options)
    {
        var (current, previous) = (NotificationOptions.ReadKey(options.Value.SecretKey), options.Value.PreviousSecretKeys.Select(text => NotificationOptions.ReadKey(text)!));
        _current = current is null ? null : IdOf(current);
        _keys = previous.Prepend(current).OfType<byte[]>().DistinctBy(IdOf).ToDictionary(IdOf);
    }

    /// <summary>The secret as it is to be stored.</summary>
    public string Seal(string secret, string subscription)
    {
        if (_current is null) return secret;

        var plain = Encoding.UTF8.GetBytes(secret);
        var box = new byte[NonceLength + plain.Length + TagLength];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceLength));
        using var aes = new AesGcm(_keys[_current], TagLength);
        aes.Encrypt(box.AsSpan(0, NonceLength), plain, box.AsSpan(NonceLength, plain.Length), box.AsSpan(^TagLength..), Encoding.UTF8.GetBytes(subscription));
        return $"{Prefix}{_current}:{Base64Url.EncodeToString(box)}";
    }

    /// <summary>The secret of what was stored.</summary>
    /// <exception cref="SealedSecretException">Its key is not configured, or it was changed, or belongs to another subscription.</exception>
    public string Open(string stored, string subscription)
    {
        if (!stored.StartsWith(Prefix, StringComparison.Ordinal)) return stored;
        if (!TrySplit(stored, out var id, out var box)) throw new SealedSecretException("it is damaged, or belongs to another.");
        if (!_keys.TryGetValue(id, out var key))
            throw new SealedSecretException($"its key {id} is not configured; give it back as one of Notifications:PreviousSecretKeys.");

        var plain = new byte[box.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key, TagLength);
        try
        {
            aes.Decrypt(box.AsSpan(0, NonceLength), box.AsSpan(NonceLength, plain.Length), box.AsSpan(^TagLength..), plain, Encoding.UTF8.GetBytes(subscription));
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new SealedSecretException("it is damaged, or belongs to another.");
        }

        return Encoding.UTF8.GetString(plain);
    }

    /// <summary>Whether it is stored under the present key, or there is none.</summary>
    public bool IsCurrent(string stored) => _current is null || stored.StartsWith($"{Prefix}{_current}:", StringComparison.Ordinal);

    /// <summary>Under the present key, if it can be opened; as it is otherwise.</summary>
    public string Renew(string stored, string subscription)
    {
        if (IsCurrent(stored)) return stored;
        try
        {
            return Seal(Open(stored, subscription), subscription);
        }
        catch (SealedSecretException)
        {
            return stored; // Its key may come back.
        }
    }

    /// <summary>Tells keys apart; says nothing about them.</summary>
    private static string IdOf(byte[] key) => Convert.ToHexStringLower(SHA256.HashData(key))[..KeyIdLength];

    private static bool TrySplit(string stored, out string id, out byte[] box)
    {
        (id, box) = ("", []);
        if (stored.Split(':') is not [_, { Length: KeyIdLength } key, var text] || !Base64Url.IsValid(text)) return false;
        (id, box) = (key, Base64Url.DecodeFromChars(text));
        return box.Length >= NonceLength + TagLength;
    }
}

/// <summary>A stored secret cannot be read.</summary>
/// <param name="message">Why, and what mends it.</param>
internal sealed class SealedSecretException(string message) : Exception(message);
