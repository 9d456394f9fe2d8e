#pragma warning disable CS1591
using System.Text.Json;
using Orleans.Storage;

namespace DroneDelivery.Storage
{
    public sealed class GrainStateSerializer : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input));

        public T Deserialize<T>(BinaryData input) => JsonSerializer.Deserialize<T>(input)!;
    }

    public static class GrainStores
    {
        public static IReadOnlyList<string> All { get; } = ["requests", "supervision", "deliveries", "packages", "drones", "accounts"];
    }
}

namespace DroneDelivery
{
    public static class GrainsExtensions
    {
        public static ISiloBuilder AddDroneDeliveryGrains(this ISiloBuilder silo) => silo;
    }
}
