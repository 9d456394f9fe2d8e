using System.Buffers.Binary;
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
    private const string Recording = "audio/mp4";

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
    ];

    // Brands of ISO base media files (ISO/IEC 23008-12, AV1 Image File Format) that hold pictures; the more special before the general.
    private static readonly (string MediaType, string[] Brands)[] Pictures =
    [
        ("image/avif", ["avif", "avis"]),
        ("image/heic", ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"]),
        ("image/heif", ["mif1", "mif2", "msf1", "miaf"]),
    ];

    /// <summary>Reads base64, also in a data URL; any other text stands for itself.</summary>
    public static ConfirmationContent Of(string blob)
    {
        var text = Payload(blob);
        return Of(Base64.IsValid(text) ? Convert.FromBase64String(text.ToString()) : Encoding.UTF8.GetBytes(blob));
    }

    /// <summary>Whether the blob is bytes in base64 rather than text.</summary>
    public static bool IsEncoded(string blob) => Base64.IsValid(Payload(blob));

    /// <summary>Why it can't be what the sender asked for, or null.</summary>
    public string? Objection(ConfirmationRequired type)
    {
        var isAudio = MediaType.StartsWith("audio/", StringComparison.Ordinal);
        return type switch
        {
            ConfirmationRequired.Voice when IsImage => $"is {MediaType}, not a recording",
            ConfirmationRequired.Picture or ConfirmationRequired.FingerPrint when isAudio => $"is {MediaType}, not an image",
            _ => null,
        };
    }

    /// <summary>The same where no client of the earlier services calls: a picture must be one, and so must a recording.</summary>
    public string? StrictObjection(ConfirmationRequired type) => Objection(type) ?? type switch
    {
        ConfirmationRequired.Picture or ConfirmationRequired.FingerPrint when !IsImage => "must be an image in base64: JPEG, PNG, WebP, HEIC, HEIF, AVIF or WSQ",
        ConfirmationRequired.Voice when MediaType == Unknown => "must be a recording in base64: WAV, Ogg, MP3, FLAC or MP4",
        _ => null,
    };

    /// <summary>Leaves out what may show a person.</summary>
    public override string ToString() => $"{MediaType}, {Bytes.Length} bytes";

    private bool IsImage => MediaType.StartsWith("image/", StringComparison.Ordinal);

    private static ConfirmationContent Of(byte[] bytes)
    {
        if (bytes.AsSpan(Math.Min(4, bytes.Length)).StartsWith("ftyp"u8)) return new(bytes, PictureType(bytes) ?? Recording);
        var known = Array.Find(Known, kind => bytes.AsSpan(Math.Min(kind.Offset, bytes.Length)).StartsWith(kind.Magic));
        return new(bytes, known.MediaType ?? Unknown);
    }

    // The first box: its length, "ftyp", the major brand, a version, and the brands it is compatible with. Recordings and films are such files too.
    private static string? PictureType(byte[] bytes)
    {
        var box = bytes.AsSpan(0, (int)Math.Min((uint)bytes.Length, BinaryPrimitives.ReadUInt32BigEndian(bytes)));
        var brands = new HashSet<string>();
        for (var at = 8; at + 4 <= box.Length; at += at == 8 ? 8 : 4) brands.Add(Encoding.ASCII.GetString(box.Slice(at, 4)));
        return Array.Find(Pictures, kind => kind.Brands.Any(brands.Contains)).MediaType;
    }

    private static ReadOnlySpan<char> Payload(string blob)
    {
        var start = blob.StartsWith("data:", StringComparison.OrdinalIgnoreCase) && blob.IndexOf(Marker, StringComparison.OrdinalIgnoreCase) is >= 0 and var at ? at + Marker.Length : 0;
        return blob.AsSpan(start);
    }
}
