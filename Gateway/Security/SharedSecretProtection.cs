using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace DroneDelivery.Gateway.Security;

/// <summary>Encrypts and authenticates cookies with a key made of a secret that all gateways have; each purpose has a key of its own.</summary>
internal sealed class SharedSecretProtection : IDataProtector
{
    private const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly byte[] _key;

    /// <param name="secret">The secret, too long to be guessed.</param>
    public SharedSecretProtection(string secret) : this(Encoding.UTF8.GetBytes(secret), nameof(SharedSecretProtection))
    {
    }

    private SharedSecretProtection(byte[] secret, string purpose) => _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, KeyLength, info: Encoding.UTF8.GetBytes(purpose));

    public IDataProtector CreateProtector(string purpose) => new SharedSecretProtection(_key, purpose);

    public byte[] Protect(byte[] plaintext)
    {
        var result = new byte[NonceLength + plaintext.Length + TagLength];
        RandomNumberGenerator.Fill(result.AsSpan(0, NonceLength));
        using var aes = new AesGcm(_key, TagLength);
        aes.Encrypt(result.AsSpan(0, NonceLength), plaintext, result.AsSpan(NonceLength, plaintext.Length), result.AsSpan(^TagLength..));
        return result;
    }

    /// <exception cref="CryptographicException">It was not made by <see cref="Protect"/> with this secret for this purpose.</exception>
    public byte[] Unprotect(byte[] protectedData)
    {
        if (protectedData.Length < NonceLength + TagLength) throw new CryptographicException("Too short to be protected data.");
        var plain = new byte[protectedData.Length - NonceLength - TagLength];
        using var aes = new AesGcm(_key, TagLength);
        aes.Decrypt(protectedData.AsSpan(0, NonceLength), protectedData.AsSpan(NonceLength, plain.Length), protectedData.AsSpan(^TagLength..), plain);
        return plain;
    }
}
