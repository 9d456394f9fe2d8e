using System.Buffers.Text;
using System.Text;

namespace DroneDelivery.Gateway.Input;

/// <summary>
/// What a confirmation's blob holds. Clients of the earlier services sent any text; so what is not known is kept as bytes, but what is
/// plainly something else than was said is refused.
/// </summary>
/// <param name="Bytes">The content.</param>
/// <param name="MediaType">Its type by its first bytes; never by what the client says.</param>
internal sealed record ConfirmationContent(byte[] Bytes, string MediaType)
{
    private const string Unknown = "application/octet-stream";
    private const string Marker = ";base64,";

    private static readonly (string MediaType, int Offset, byte[] Magic)[] Known =
    [
        ("image/jpeg", 0, [0xFF, 0xD8, 0xFF]),
        ("image/png", 0, [0x89, (byte)'P', (byte)'N', (byte)'G']),
        ("image/webp", 8, "WEBP"u8.ToArray()),
        ("image/x-wsq", 0, [0xFF, 0xA0, 0xFF]),
        ("audio/wav", 8, "WAVE"u8.ToArray()),
        ("audio/ogg", 0, "OggS"u8.ToArray()),
        ("audio/mpeg", 0, "ID3"u8.ToArray()),
        ("audio/mpeg", 0, [0xFF, 0xFB]),
        ("audio/flac", 0, "fLaC"u8.ToArray()),
        ("audio/mp4", 4, "ftyp"u8.ToArray()),
    ];

    /// <summary>Reads base64, also in a data URL; any other text stands for itself.</summary>
    public static ConfirmationContent Of(string blob)
    {
        var start = blob.StartsWith("data:", StringComparison.OrdinalIgnoreCase) && blob.IndexOf(Marker, StringComparison.OrdinalIgnoreCase) is >= 0 and var at ? at + Marker.Length : 0;
        var text = blob.AsSpan(start);
        var bytes = Base64.IsValid(text) ? Convert.FromBase64String(text.ToString()) : Encoding.UTF8.GetBytes(blob);
        var known = Array.Find(Known, kind => bytes.AsSpan(Math.Min(kind.Offset, bytes.Length)).StartsWith(kind.Magic));
        return new(bytes, known.MediaType ?? Unknown);
    }

    /// <summary>Why it can't be what the sender asked for, or null.</summary>
    public string? Objection(ConfirmationRequired type)
    {
        var isAudio = MediaType.StartsWith("audio/", StringComparison.Ordinal);
        var isImage = MediaType.StartsWith("image/", StringComparison.Ordinal);
        return type switch
        {
            ConfirmationRequired.Voice when isImage => $"is {MediaType}, not a recording",
            ConfirmationRequired.Picture or ConfirmationRequired.FingerPrint when isAudio => $"is {MediaType}, not an image",
            _ => null,
        };
    }

    /// <summary>Leaves out what may show a person.</summary>
    public override string ToString() => $"{MediaType}, {Bytes.Length} bytes";
}
