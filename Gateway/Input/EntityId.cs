using System.Buffers;
using System.Collections.Frozen;

namespace DroneDelivery.Gateway.Input;

/// <summary>What may name a delivery, package, drone or account.</summary>
internal static class EntityId
{
    /// <summary>Longest id, characters.</summary>
    public const int MaxLength = 128;

    /// <summary>What to tell a client whose id is refused.</summary>
    public const string Rule = "must be 1 to 128 of the characters A-Z a-z 0-9 - _ . : @ ~ + = ! $ * ( ) , ; with at least one letter or digit";

    /// <summary>What to tell a client that chooses an id that stands for something else in a path.</summary>
    public const string ReservedRule = "must not be the name of a route, such as summary";

    // Routes beside /{id}: what is called so could not be read.
    private static readonly FrozenSet<string> Reserved = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "public", "summary", "telemetry", "utilization");

    // What stands unescaped in a path segment (RFC 3986), so that an id reads the same in a URL, a log and a store.
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:@~+=!$*(),;");

    private static readonly SearchValues<char> Alphanumeric =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    /// <summary>Whether <paramref name="value"/> may be an id.</summary>
    public static bool IsValid(string? value) =>
        value is { Length: > 0 and <= MaxLength } && !value.AsSpan().ContainsAnyExcept(Allowed) && value.AsSpan().ContainsAny(Alphanumeric);

    /// <summary>Whether routes use the word, so that nothing new may be called so.</summary>
    public static bool IsReserved(string id) => Reserved.Contains(id);
}
