using System.Buffers.Binary;
using System.Numerics;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>Austin Appleby's MurmurHash3 (public domain), by which Cosmos DB spreads partition keys.</summary>
internal static class MurmurHash3
{
    /// <summary>The x86 variant with 32 bits and seed 0, of partition key definitions of version 1.</summary>
    public static uint Hash32(ReadOnlySpan<byte> bytes)
    {
        const uint c1 = 0xcc9e2d51, c2 = 0x1b873593;
        uint hash = 0;
        var rest = bytes;
        for (; rest.Length >= 4; rest = rest[4..])
        {
            hash ^= BitOperations.RotateLeft(BinaryPrimitives.ReadUInt32LittleEndian(rest) * c1, 15) * c2;
            hash = BitOperations.RotateLeft(hash, 13) * 5 + 0xe6546b64;
        }

        uint tail = 0;
        for (var i = 0; i < rest.Length; i++) tail |= (uint)rest[i] << (8 * i);
        hash ^= BitOperations.RotateLeft(tail * c1, 15) * c2;
        hash ^= (uint)bytes.Length;
        hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }

    /// <summary>The x64 variant with 128 bits and seed 0, of partition key definitions of version 2.</summary>
    public static UInt128 Hash128(ReadOnlySpan<byte> bytes)
    {
        const ulong c1 = 0x87c37b91114253d5, c2 = 0x4cf5ad432745937f;
        ulong low = 0, high = 0;
        var rest = bytes;
        for (; rest.Length >= 16; rest = rest[16..])
        {
            low ^= BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(rest) * c1, 31) * c2;
            low = (BitOperations.RotateLeft(low, 27) + high) * 5 + 0x52dce729;
            high ^= BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]) * c2, 33) * c1;
            high = (BitOperations.RotateLeft(high, 31) + low) * 5 + 0x38495ab5;
        }

        ulong lowTail = 0, highTail = 0;
        for (var i = 0; i < rest.Length; i++)
        {
            if (i < 8) lowTail |= (ulong)rest[i] << (8 * i);
            else highTail |= (ulong)rest[i] << (8 * (i - 8));
        }

        high ^= BitOperations.RotateLeft(highTail * c2, 33) * c1;
        low ^= BitOperations.RotateLeft(lowTail * c1, 31) * c2;
        low ^= (ulong)bytes.Length;
        high ^= (ulong)bytes.Length;
        low += high;
        high += low;
        low = Mix(low);
        high = Mix(high);
        low += high;
        high += low;
        return new UInt128(high, low);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xff51afd7ed558ccd;
        value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }
}
