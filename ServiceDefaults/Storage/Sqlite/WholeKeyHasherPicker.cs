using System.IO.Hashing;
using Orleans.Storage;

namespace DroneDelivery.Storage.Sqlite;

/// <summary>
/// Hashes a grain's key as it is written. To the provider the keys <c>abc</c>, <c>ABC</c> and <c>0abc</c> are the same hexadecimal
/// number, but they are different grains, and clients choose keys.
/// </summary>
internal sealed class WholeKeyHasherPicker : IStorageHasherPicker
{
    public ICollection<IHasher> HashProviders { get; } = [];

    public IHasher PickHasher<T>(string serviceId, string storageProviderInstanceName, string grainType, GrainId grainId, IGrainState<T> grainState, string? tag = null) =>
        new WholeKeyHasher(grainId);

    private sealed class WholeKeyHasher(GrainId grainId) : IHasher
    {
        public string Description => "XxHash32 of the whole key";

        public int Hash(byte[] data) => (int)XxHash32.HashToUInt32(grainId.Key.AsSpan());
    }
}
