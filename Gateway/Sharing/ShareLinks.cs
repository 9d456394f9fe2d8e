using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Hosting;
using DroneDelivery.Startup;

namespace DroneDelivery.Gateway.Sharing;

/// <summary>
/// Links by which somebody without an account follows one delivery for a while. A link is the delivery's id, its owner and its end, encrypted
/// and authenticated: it tells nobody whose delivery it is, leads to no other, even if another account makes the id anew, and nothing is stored.
/// Setting <c>Sharing:Key</c>, the same on every gateway.
/// </summary>
internal sealed class ShareLinks
{
    private const string KeySetting = "Sharing:Key";

    // In no id.
    private const char Separator = '/';

    private readonly byte[]? _key;
    private readonly TimeProvider _time;

    public ShareLinks(IConfiguration configuration, TimeProvider time) => (_key, _time) = (ReadKey(configuration), time);

    /// <summary>Whether links can be made: outside local mode only with a key that all gateways share.</summary>
    public bool AreAvailable => _key is not null;

    /// <summary>Reads the key; in local mode there is one gateway, and it makes its own.</summary>
    /// <exception cref="StartupException">It is no key.</exception>
    public static byte[]? ReadKey(IConfiguration configuration)
    {
        var text = configuration[KeySetting];
        if (string.IsNullOrWhiteSpace(text)) return HostingOptions.IsLocal(configuration) ? RandomNumberGenerator.GetBytes(AuthenticatedBox.KeyLength) : null;
        return AuthenticatedBox.ReadKey(KeySetting, text);
    }

    /// <summary>Random-looking bytes that belong to a purpose, the same on every gateway.</summary>
    public byte[] Derive(string purpose) => HMACSHA256.HashData(_key!, Encoding.UTF8.GetBytes(purpose));

    /// <summary>The link to the delivery that is good until then; always the same.</summary>
    public string Make(string deliveryId, string ownerId, DateTimeOffset until)
    {
        var text = $"{deliveryId}{Separator}{ownerId}";
        var plain = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteInt64BigEndian(plain, until.ToUnixTimeSeconds());
        Encoding.UTF8.GetBytes(text, plain.AsSpan(sizeof(long)));

        // Other links have other nonces, as AES-GCM needs.
        return Base64Url.EncodeToString(AuthenticatedBox.Seal(_key!, HMACSHA256.HashData(_key!, plain).AsSpan(0, AuthenticatedBox.NonceLength), plain));
    }

    /// <summary>
    /// The delivery that a link leads to, for whom, and the end of the link, unless it is forged or has ended. Links of earlier builds name no owner.
    /// </summary>
    public bool TryRead(string link, [NotNullWhen(true)] out string? deliveryId, out CallerAccount caller, out DateTimeOffset until)
    {
        (deliveryId, caller, until) = (null, default, default);
        if (_key is null || link.Length > 512 || !Base64Url.IsValid(link)) return false;

        // The decoder takes the same bytes in several spellings: padded, with white space, with bits that belong to no byte.
        var box = Base64Url.DecodeFromChars(link);
        if (Base64Url.EncodeToString(box) != link || AuthenticatedBox.Open(_key, box) is not { Length: > sizeof(long) } plain) return false;
        var end = BinaryPrimitives.ReadInt64BigEndian(plain);
        if (_time.GetUtcNow().ToUnixTimeSeconds() >= end) return false;
        until = DateTimeOffset.FromUnixTimeSeconds(end);
        var names = Encoding.UTF8.GetString(plain.AsSpan(sizeof(long))).Split(Separator, 2);
        deliveryId = names[0];
        if (names.Length > 1) caller = new CallerAccount(names[1]);
        return true;
    }
}
