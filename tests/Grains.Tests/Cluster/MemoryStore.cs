using DroneDelivery.Storage;
using Orleans.Storage;

namespace DroneDelivery.Cluster;

/// <summary>A grain store in the memory of the test, so that it outlives every silo; states pass through the real serializer, etags are checked.</summary>
internal sealed class MemoryStore : IGrainStorage
{
    private readonly GrainStateSerializer _serializer = new();
    private readonly Dictionary<(string State, GrainId Grain), (string ETag, BinaryData Document)> _documents = [];
    private readonly Lock _lock = new();
    private int _lastETag;

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Task.Yield(); // As a store that is elsewhere, never at once.
        lock (_lock)
        {
            (grainState.RecordExists, grainState.ETag) = (false, null!);
            if (!_documents.TryGetValue((stateName, grainId), out var stored)) return;
            (grainState.RecordExists, grainState.ETag) = (true, stored.ETag);
            grainState.State = _serializer.Deserialize<T>(stored.Document);
        }
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Task.Yield();
        var document = _serializer.Serialize(grainState.State);
        lock (_lock)
        {
            RefuseStale(stateName, grainId, grainState);
            var etag = $"{++_lastETag}";
            _documents[(stateName, grainId)] = (etag, document);
            (grainState.RecordExists, grainState.ETag) = (true, etag);
        }
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await Task.Yield();
        lock (_lock)
        {
            RefuseStale(stateName, grainId, grainState);
            _documents.Remove((stateName, grainId));
            (grainState.RecordExists, grainState.ETag) = (false, null!);
        }
    }

    private void RefuseStale<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var stored = _documents.GetValueOrDefault((stateName, grainId)).ETag;
        if (stored != grainState.ETag) throw new InconsistentStateException($"{grainId} was written by another.", stored, grainState.ETag);
    }
}
