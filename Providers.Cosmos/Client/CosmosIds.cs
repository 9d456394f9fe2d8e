using System.Text;

namespace Orleans.Providers.Cosmos;

/// <summary>Document ids in the official packages' spelling.</summary>
internal static class CosmosIds
{
    /// <summary>Stands between the parts of an id.</summary>
    public const char Separator = '_';

    // The characters that Azure Cosmos DB forbids in an id, the separator and the escape itself become ~0 to ~5.
    private const string Reserved = "/\\?#_~";

    /// <summary>Escapes what an id may not hold, so that different texts stay different.</summary>
    public static string Sanitize(string text)
    {
        if (!text.AsSpan().ContainsAny(Reserved)) return text;
        var result = new StringBuilder(text.Length + 8);
        foreach (var character in text)
        {
            if (Reserved.IndexOf(character, StringComparison.Ordinal) is var index and >= 0) result.Append('~').Append((char)('0' + index));
            else result.Append(character);
        }

        return result.ToString();
    }

    /// <summary>Escapes the parts and joins them.</summary>
    public static string Join(params ReadOnlySpan<string> parts)
    {
        var result = new StringBuilder();
        foreach (var part in parts)
        {
            if (result.Length > 0) result.Append(Separator);
            result.Append(Sanitize(part));
        }

        return result.ToString();
    }
}
