using System.Text.Encodings.Web;

namespace DroneDelivery.Storage;

/// <summary>
/// Escapes what JSON demands and nothing more, so that a state takes the bytes of its UTF-8: Chinese 3 a character instead of 6, an emoji 4 instead of 12.
/// The stricter encoders guard pages, and a state never enters one.
/// </summary>
internal sealed class StateEncoder : JavaScriptEncoder
{
    /// <summary>The one encoder; it holds no state.</summary>
    public static StateEncoder Instance { get; } = new();

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => UnsafeRelaxedJsonEscaping.MaxOutputCharactersPerInputCharacter;

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) => unicodeScalar <= char.MaxValue && UnsafeRelaxedJsonEscaping.WillEncode(unicodeScalar);

    /// <inheritdoc/>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        // The relaxed encoder stops at each character beyond the basic plane, which needs no escape.
        for (var from = 0; from < textLength; from += 2)
        {
            var found = UnsafeRelaxedJsonEscaping.FindFirstCharacterToEncode(text + from, textLength - from);
            if (found < 0) return -1;
            from += found;
            if (from + 1 >= textLength || !char.IsSurrogatePair(text[from], text[from + 1])) return from;
        }

        return -1;
    }

    /// <inheritdoc/>
    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten) =>
        UnsafeRelaxedJsonEscaping.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);
}
