using System.Collections.Concurrent;
using Orleans.Storage;

namespace DroneDelivery.Cluster;

/// <summary>Wraps grain stores: counts writes by store and grain, and fails the writes a test names, before or after they took effect.</summary>
internal sealed class FaultyStores
{
    private readonly ConcurrentDictionary<(string Store, string Key), int> _writes = new();
    private readonly ConcurrentDictionary<string, int> _reads = new();
    private readonly ConcurrentDictionary<(string Store, string Key), Fault> _faults = new();

    internal enum Fault
    {
        BeforeWrite,
        AfterWrite,
    }

    public int Writes(string store, string key) => _writes.GetValueOrDefault((store, key));

    /// <summary>Reads and writes of a grain, in every store.</summary>
    public int Requests(string key) => Writes(key) + _reads.GetValueOrDefault(key);

    public int Writes(string key) => _writes.Where(entry => entry.Key.Key == key).Sum(entry => entry.Value);

    /// <summary>Lets the next write of one grain fail.</summary>
    public void FailNext(string store, string key, Fault fault) => _faults[(store, key)] = fault;

    public IGrainStorage Wrap(string store, IGrainStorage inner) => new FaultyStore(this, store, inner);

    private sealed class FaultyStore(FaultyStores owner, string store, IGrainStorage inner) : IGrainStorage
    {
        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            owner._reads.AddOrUpdate(grainId.Key.ToString()!, 1, (_, count) => count + 1);
            return inner.ReadStateAsync(stateName, grainId, grainState);
        }

        public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            var key = (store, grainId.Key.ToString()!);
            var faulty = owner._faults.TryRemove(key, out var fault);
            if (faulty && fault == Fault.BeforeWrite) throw new IOException("The store is away.");
            await inner.WriteStateAsync(stateName, grainId, grainState);
            owner._writes.AddOrUpdate(key, 1, (_, count) => count + 1);
            if (faulty) throw new IOException("The answer of the store was lost.");
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            inner.ClearStateAsync(stateName, grainId, grainState);
    }
}
