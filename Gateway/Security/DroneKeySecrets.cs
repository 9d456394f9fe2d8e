using System.Security.Cryptography;
using System.Text;
using DroneDelivery.Startup;

namespace DroneDelivery.Gateway.Security;

/// <summary>
/// The secrets whose MAC a drone key carries, so that a gateway refuses an invented key by itself; section <c>DroneKeys</c>, the same on every gateway.
/// </summary>
internal sealed class DroneKeySecrets
{
    private const string Section = "DroneKeys";
    private const string CurrentSetting = $"{Section}:Secret";
    private const string KnownSetting = $"{Section}:KnownSecrets";
    private const string WithoutMacSetting = $"{Section}:AcceptsKeysWithoutMac";
    private const int MacLength = DroneKey.MacLength / 2;

    private readonly byte[]? _current;
    private readonly IReadOnlyList<byte[]> _all;
    private readonly bool _acceptsKeysWithoutMac;

    private DroneKeySecrets(byte[]? current, IReadOnlyList<byte[]> known, bool acceptsKeysWithoutMac) =>
        (_current, _all, _acceptsKeysWithoutMac) = (current, current is null ? known : [current, .. known], acceptsKeysWithoutMac);

    /// <summary>
    /// Reads the section. Without a current secret keys are made without a MAC: in local mode, which asks for no keys; elsewhere only while an
    /// upgrade makes the first secret known.
    /// </summary>
    /// <exception cref="StartupException">A secret is missing or malformed.</exception>
    public static DroneKeySecrets Read(IConfiguration configuration)
    {
        var (current, known) = AuthenticatedBox.ReadKeys(configuration, CurrentSetting, KnownSetting);
        if (!bool.TryParse(configuration[WithoutMacSetting] ?? bool.TrueString, out var acceptsKeysWithoutMac))
            throw new StartupException($"{WithoutMacSetting} is '{configuration[WithoutMacSetting]}'; set it to true or false.");
        return new(current, known, acceptsKeysWithoutMac);
    }

    /// <summary>The MAC of a new key; empty without a current secret.</summary>
    public string MacOf(string droneId, string hash) => _current is null ? "" : Convert.ToHexStringLower(Mac(_current, droneId, hash));

    /// <summary>Whether the key may be genuine: its MAC is right, or it is of a release without one and those are accepted.</summary>
    public bool Accepts(DroneKey key)
    {
        if (key.Mac is null) return _acceptsKeysWithoutMac;
        var mac = Convert.FromHexString(key.Mac);
        var valid = false;
        foreach (var secret in _all) valid |= CryptographicOperations.FixedTimeEquals(Mac(secret, key.DroneId, key.Hash), mac);
        return valid;
    }

    private static ReadOnlySpan<byte> Mac(byte[] secret, string droneId, string hash) =>
        HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"drone-key\n{droneId}\n{hash}")).AsSpan(0, MacLength);
}
