using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DroneDelivery.Storage;

/// <summary>Measures texts as they are stored, and cuts those that others wrote or that failures brought.</summary>
internal static class BoundedText
{
    /// <summary>Most bytes of a reason, a detail or a note: an operator's thousand Chinese characters fit.</summary>
    public const int MaxBytes = 3_000;

    /// <summary>Most bytes of a text that is kept many times in one document, or that nobody wrote by hand.</summary>
    public const int ShortBytes = 500;

    private const string Ellipsis = "…";
    private const int EllipsisBytes = 3;

    /// <summary>Bytes that a text takes in a document, without its quotes.</summary>
    public static int StoredBytes(this string? text)
    {
        var bytes = 0;
        foreach (var rune in text.AsSpan().EnumerateRunes()) bytes += StoredBytes(rune);
        return bytes;
    }

    /// <summary>The text, or as much of its beginning as fits, between two characters and with an ellipsis.</summary>
    /// <param name="text">Any text; null stays null.</param>
    /// <param name="most">Most bytes in a document.</param>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Cut(this string? text, int most = MaxBytes)
    {
        if (text is null) return null;
        var (bytes, kept, length) = (0, 0, 0);
        foreach (var rune in text.AsSpan().EnumerateRunes())
        {
            bytes += StoredBytes(rune);
            length += rune.Utf16SequenceLength;
            if (bytes <= most - EllipsisBytes) kept = length;
            if (bytes > most) return text[..kept] + Ellipsis;
        }

        return text;
    }

    // An escape has six bytes; so has the replacement of what is no character.
    private static int StoredBytes(Rune rune) => rune == Rune.ReplacementChar || StateEncoder.Instance.WillEncode(rune.Value) ? 6 : rune.Utf8SequenceLength;
}
