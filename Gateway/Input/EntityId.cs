using System.Buffers;

namespace DroneDelivery.Gateway.Input;

/// <summary>What may name a delivery, package, drone or account.</summary>
internal static class EntityId
{
    /// <summary>Longest id, characters.</summary>
    public const int MaxLength = 128;

    /// <summary>What to tell a client whose id is refused.</summary>
    public const string Rule = "must be 1 to 128 of the characters A-Z a-z 0-9 - _ . : @ ~ + = ! $ * ( ) , ; with at least one letter or digit";

    // What stands unescaped in a path segment (RFC 3986), so that an id reads the same in a URL, a log and a store.
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:@~+=!$*(),;");

    private static readonly SearchValues<char> Alphanumeric =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    /// <summary>Whether <paramref name="value"/> may be an id.</summary>
    public static bool IsValid(string? value) =>
        value is { Length: > 0 and <= MaxLength } && !value.AsSpan().ContainsAnyExcept(Allowed) && value.AsSpan().ContainsAny(Alphanumeric);
}
