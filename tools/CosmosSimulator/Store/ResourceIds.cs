using System.Buffers.Binary;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>Resource ids (<c>_rid</c>) in the form that the client library parses: four bytes of database, four of container, eight of item.</summary>
internal static class ResourceIds
{
    private const uint ContainerMark = 0x80;

    /// <summary>Of a database.</summary>
    public static string Database(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        return Text(bytes);
    }

    /// <summary>Of a container.</summary>
    public static string Container(string database, uint number)
    {
        Span<byte> bytes = stackalloc byte[8];
        Bytes(database, bytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], number);
        bytes[4] |= (byte)ContainerMark;
        return Text(bytes);
    }

    /// <summary>Of an item; the client orders items by these, so the number must grow.</summary>
    public static string Item(string container, ulong number) => Child(container, number, 0x00);

    /// <summary>The number in the resource id of an item.</summary>
    /// <exception cref="RefusedException">It is none.</exception>
    public static ulong ItemNumber(string item)
    {
        Span<byte> bytes = stackalloc byte[16];
        return Convert.TryFromBase64String(item.Replace('-', '/'), bytes, out var count) && count == bytes.Length
            ? BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..])
            : throw RefusedException.BadRequest($"{item} is no resource id of an item.");
    }

    /// <summary>Of a partition key range.</summary>
    public static string PartitionKeyRange(string container, ulong number) => Child(container, number, 0x50);

    private static string Child(string container, ulong number, byte kind)
    {
        Span<byte> bytes = stackalloc byte[16];
        Bytes(container, bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], number);
        bytes[15] |= kind;
        return Text(bytes);
    }

    private static void Bytes(string rid, Span<byte> bytes) => Convert.FromBase64String(rid.Replace('-', '/')).CopyTo(bytes);

    private static string Text(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).Replace('/', '-');
}
