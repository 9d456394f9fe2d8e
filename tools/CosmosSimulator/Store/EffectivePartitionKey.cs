using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>
/// Places partition keys in the space that physical partitions divide, exactly as the client library does: it is the client that chooses
/// the range of a bulk operation. Keys are hexadecimal text and compare ordinally, from "" to "FF".
/// </summary>
internal static class EffectivePartitionKey
{
    /// <summary>Below every key.</summary>
    public const string Minimum = "";

    /// <summary>Above every key.</summary>
    public const string Maximum = "FF";

    private const int LegacyStringLimit = 100;

    private enum Mark : byte
    {
        Undefined = 0, Null = 1, False = 2, True = 3, Number = 5, String = 8,
    }

    /// <summary>The place of a key.</summary>
    public static string Of(LogicalKey key, PartitionKeyDefinition definition) => definition switch
    {
        { IsHierarchical: true } => string.Concat(key.Components.Select(component => Hash128([component]))),
        { Version: 2 } => Hash128(key.Components),
        _ => Legacy(key.Components),
    };

    /// <summary>The boundary after the first <paramref name="index"/> of <paramref name="count"/> equal parts.</summary>
    public static string Boundary(int index, int count, PartitionKeyDefinition definition)
    {
        if (index == 0) return Minimum;
        if (index == count) return Maximum;
        if (definition.Version == 2)
        {
            // The two highest bits of a hash are cleared.
            var space = UInt128.One << 126;
            return (space / (UInt128)count * (UInt128)index).ToString("X32", CultureInfo.InvariantCulture);
        }

        var bytes = new List<byte>();
        EncodeNumber(bytes, (double)((1L << 32) / count * index));
        return Convert.ToHexString([.. bytes]);
    }

    private static string Hash128(IReadOnlyList<JsonElement> components)
    {
        var bytes = new List<byte>();
        foreach (var component in components) Encode(bytes, component, terminator: 0xFF, limit: int.MaxValue);
        var hash = MurmurHash3.Hash128([.. bytes]) & ((UInt128.One << 126) - 1);
        return hash.ToString("X32", CultureInfo.InvariantCulture);
    }

    private static string Legacy(IReadOnlyList<JsonElement> components)
    {
        var hashed = new List<byte>();
        foreach (var component in components) Encode(hashed, component, terminator: 0x00, LegacyStringLimit);

        var bytes = new List<byte>();
        EncodeNumber(bytes, MurmurHash3.Hash32([.. hashed]));
        foreach (var component in components) EncodeOrdered(bytes, component);
        return Convert.ToHexString([.. bytes]);
    }

    private static void Encode(List<byte> bytes, JsonElement component, byte terminator, int limit)
    {
        bytes.Add((byte)MarkOf(component));
        switch (component.ValueKind)
        {
            case JsonValueKind.String:
                var text = component.GetString()!;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Length > limit ? text[..limit] : text));
                bytes.Add(terminator);
                break;
            case JsonValueKind.Number:
                Span<byte> number = stackalloc byte[8];
                BinaryPrimitives.WriteDoubleLittleEndian(number, component.GetDouble());
                bytes.AddRange(number);
                break;
        }
    }

    private static void EncodeOrdered(List<byte> bytes, JsonElement component)
    {
        switch (component.ValueKind)
        {
            case JsonValueKind.String:
                bytes.Add((byte)Mark.String);
                var text = component.GetString()!;
                var utf8 = Encoding.UTF8.GetBytes(text.Length > LegacyStringLimit ? text[..LegacyStringLimit] : text);
                var whole = utf8.Length <= LegacyStringLimit;
                bytes.AddRange(utf8.Take(whole ? utf8.Length : LegacyStringLimit + 1).Select(value => value < 0xFF ? (byte)(value + 1) : value));
                if (whole) bytes.Add(0);
                break;
            case JsonValueKind.Number:
                EncodeNumber(bytes, component.GetDouble());
                break;
            default:
                bytes.Add((byte)MarkOf(component));
                break;
        }
    }

    // Order-preserving: eight bits, then groups of seven with a mark in the lowest bit of all but the last.
    private static void EncodeNumber(List<byte> bytes, double value)
    {
        const ulong sign = 1UL << 63;
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var rest = bits < sign ? bits ^ sign : ~bits + 1;

        bytes.Add((byte)Mark.Number);
        bytes.Add((byte)(rest >> 56));
        rest <<= 8;
        do
        {
            var group = (byte)(rest >> 56);
            rest <<= 7;
            bytes.Add((byte)(rest == 0 ? group & 0xFE : group | 1));
        }
        while (rest != 0);
    }

    private static Mark MarkOf(JsonElement component) => component.ValueKind switch
    {
        JsonValueKind.Undefined => Mark.Undefined,
        JsonValueKind.Null => Mark.Null,
        JsonValueKind.False => Mark.False,
        JsonValueKind.True => Mark.True,
        JsonValueKind.Number => Mark.Number,
        _ => Mark.String,
    };
}
