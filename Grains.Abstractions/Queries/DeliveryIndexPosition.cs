using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DroneDelivery.Queries;

/// <summary>A place between two rows of the index. It names the row before it, not a count, so that it stays valid while rows come and go.</summary>
/// <param name="ChangedAt">When the row came to its stage.</param>
/// <param name="DeliveryId">The row's delivery.</param>
public sealed record DeliveryIndexPosition(DateTimeOffset ChangedAt, string DeliveryId)
{
    private const int TicksLength = sizeof(long);
    private const int MaxTextLength = 4096;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The position as opaque text that fits into a URL.</summary>
    public override string ToString()
    {
        var bytes = new byte[TicksLength + Strict.GetByteCount(DeliveryId)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, ChangedAt.UtcTicks);
        Strict.GetBytes(DeliveryId, bytes.AsSpan(TicksLength));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; false for anything else.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DeliveryIndexPosition? position)
    {
        position = null;
        if (text is not { Length: > 0 and <= MaxTextLength } || !Base64Url.IsValid(text)) return false;

        try
        {
            var bytes = Base64Url.DecodeFromChars(text);
            if (bytes.Length <= TicksLength) return false;
            var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
            if (ticks < DateTimeOffset.MinValue.Ticks || ticks > DateTimeOffset.MaxValue.Ticks) return false;
            position = new(new DateTimeOffset(ticks, TimeSpan.Zero), Strict.GetString(bytes, TicksLength, bytes.Length - TicksLength));
            return true;
        }
        catch (ArgumentException)
        {
            return false; // Not UTF-8.
        }
    }
}
