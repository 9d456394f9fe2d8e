using System.Security.Cryptography;
using System.Text;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Startup;

namespace DroneDelivery.Gateway.Input;

/// <summary>
/// The secrets of which ids for an <c>Idempotency-Key</c> are made, so that nobody can reckon the id of another's next delivery and take it first;
/// section <c>Idempotency</c>, the same on every gateway. Under the known ones, and as releases without a secret made them, ids are looked for first.
/// </summary>
internal sealed class IdempotencySecrets
{
    private const string Section = "Idempotency";
    private const string CurrentSetting = $"{Section}:Key";
    private const string KnownSetting = $"{Section}:KnownKeys";
    private const string EarlierSetting = $"{Section}:KnowsEarlierIds";

    private IdempotencySecrets(IdempotencyScheme current, IReadOnlyList<IdempotencyScheme> others) => (Current, Others) = (current, others);

    /// <summary>Makes the ids of what is new.</summary>
    public IdempotencyScheme Current { get; }

    /// <summary>Made, or will make, ids of what may be there already.</summary>
    public IReadOnlyList<IdempotencyScheme> Others { get; }

    /// <summary>
    /// Reads the section. Without a current key ids are made as by earlier releases: in local mode, where nobody is anybody else; elsewhere only while
    /// an upgrade makes the first key known.
    /// </summary>
    /// <exception cref="StartupException">A key is missing, or is none.</exception>
    public static IdempotencySecrets Read(IConfiguration configuration)
    {
        var (key, others) = AuthenticatedBox.ReadKeys(configuration, CurrentSetting, KnownSetting);
        var current = key is null ? IdempotencyScheme.Earlier : Of(key);
        var known = others.Select(Of).ToList();
        if (!bool.TryParse(configuration[EarlierSetting] ?? bool.TrueString, out var knowsEarlier))
            throw new StartupException($"{EarlierSetting} is '{configuration[EarlierSetting]}'; set it to true or false.");
        if (knowsEarlier) known.Add(IdempotencyScheme.Earlier);
        return new(current, [.. known.Distinct().Where(scheme => scheme != current)]);
    }

    private static IdempotencyScheme Of(byte[] key) => new(Convert.ToBase64String(key));
}

/// <summary>One way to make ids of an Idempotency-Key.</summary>
/// <param name="Secret">The secret in base64; null: none, as earlier releases.</param>
internal sealed record IdempotencyScheme(string? Secret)
{
    /// <summary>That of releases without a secret: anybody who knows the owner and the key can reckon the id.</summary>
    public static readonly IdempotencyScheme Earlier = new((string?)null);

    /// <summary>The id of what is made for this owner by this key.</summary>
    public string Id(string kind, string ownerId, string key)
    {
        var (secret, text) = Secret is null
            ? (Encoding.UTF8.GetBytes(ownerId), $"{kind}\n{key}")
            : (Convert.FromBase64String(Secret), $"{kind}\n{ownerId}\n{key}");
        return Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }
}
