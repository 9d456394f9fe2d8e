using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace DroneDelivery.Gateway.Security;

/// <summary>Encrypts and authenticates cookies with a key made of a secret that all gateways have; each purpose has a key of its own.</summary>
internal sealed class SharedSecretProtection : IDataProtector
{
    private readonly byte[] _key;

    /// <param name="secret">The secret, too long to be guessed.</param>
    public SharedSecretProtection(string secret) : this(Encoding.UTF8.GetBytes(secret), nameof(SharedSecretProtection))
    {
    }

    private SharedSecretProtection(byte[] secret, string purpose) => _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, AuthenticatedBox.KeyLength, info: Encoding.UTF8.GetBytes(purpose));

    public IDataProtector CreateProtector(string purpose) => new SharedSecretProtection(_key, purpose);

    public byte[] Protect(byte[] plaintext) => AuthenticatedBox.Seal(_key, RandomNumberGenerator.GetBytes(AuthenticatedBox.NonceLength), plaintext);

    /// <exception cref="CryptographicException">It was not made by <see cref="Protect"/> with this secret for this purpose.</exception>
    public byte[] Unprotect(byte[] protectedData) =>
        AuthenticatedBox.Open(_key, protectedData) ?? throw new CryptographicException("It is not what was protected, or not for this purpose.");
}
