using System.Text.Json;
using System.Text.Json.Nodes;
using DroneDelivery.Storage;
using Orleans.Storage;

namespace DroneDelivery.Simulation;

/// <summary>
/// Stores of a simulated cluster. A write is two events: it takes effect, and its answer arrives; an activation can be gone in between,
/// and a write can take effect long after the activation that made it. So is a read, whose answer can be overtaken.
/// </summary>
internal sealed class SimulatedStores(SimulatedCluster cluster)
{
    private static readonly GrainStateSerializer Serializer = new();

    private readonly Dictionary<GrainId, Document> _documents = [];
    private int _lastVersion;

    /// <summary>Writes under way.</summary>
    public List<PendingWrite> Pending { get; } = [];

    /// <summary>Called with the state before and after every write that took effect.</summary>
    public Action<GrainId, object?, object>? Written { get; set; }

    /// <summary>Changes what is written; a test of the tests.</summary>
    public Func<object, object>? Corrupt { get; set; }

    /// <summary>Whether a write is compared with what is stored; a test of the tests turns it off.</summary>
    public bool ChecksEtags { get; set; } = true;

    /// <summary>Whether a first write fails when something is stored; a test of the tests turns it off.</summary>
    public bool ChecksFirst { get; set; } = true;

    /// <summary>How writes fail that do.</summary>
    public Func<Exception> Fault { get; set; } = () => new IOException("The store is away.");

    /// <summary>Grains whose writes fail.</summary>
    public Dictionary<GrainId, int> Broken { get; } = [];

    /// <summary>Grains whose documents can't be stored, whenever that is tried.</summary>
    public HashSet<GrainId> Poisoned { get; } = [];

    /// <summary>Stores that can't be reached at all, by their names.</summary>
    public HashSet<string> Away { get; } = [];

    public IReadOnlyDictionary<GrainId, Document> Documents => _documents;

    public T? Find<T>(GrainId id) where T : class => _documents.TryGetValue(id, out var document) ? (T)document.State : null;

    public IEnumerable<(GrainId Id, T State)> All<T>() where T : class =>
        _documents.Where(entry => entry.Value.State is T).Select(entry => (entry.Key, (T)entry.Value.State));

    /// <summary>Somebody deletes a document by hand.</summary>
    public void Delete(GrainId id) => _documents.Remove(id);

    /// <summary>Another build writes a document.</summary>
    public void Rewrite(GrainId id, Action<JsonObject> change)
    {
        var document = _documents[id];
        var json = JsonNode.Parse(document.Json)!.AsObject();
        change(json);
        _documents[id] = document with { Json = JsonSerializer.SerializeToUtf8Bytes(json) };
    }

    public object Open(Type state, PersistentStateAttribute attribute, SimulatedCluster.Activation owner) =>
        Activator.CreateInstance(typeof(Stored<>).MakeGenericType(state), this, cluster, owner, attribute.StorageName, attribute is LazyStateAttribute)!;

    /// <summary>What is stored.</summary>
    internal sealed record Document(byte[] Json, object State, int Version);

    /// <summary>A write under way: it fails before it takes effect, or after, or not.</summary>
    internal sealed class PendingWrite
    {
        public bool FailsBefore { get; set; }

        public bool FailsAfter { get; set; }
    }

    private sealed class Stored<T>(SimulatedStores stores, SimulatedCluster cluster, SimulatedCluster.Activation owner, string store, bool unread)
        : IPersistentState<T> where T : class, new()
    {
        private int _version = unread ? 0 : stores._documents.GetValueOrDefault(owner.Id)?.Version ?? 0;

        public T State { get; set; } = Read(unread ? null : stores._documents.GetValueOrDefault(owner.Id));

        T Orleans.Core.IStorage<T>.State
        {
            get => State;
            set => State = value;
        }

        public string Etag => $"{store}/{_version}";

        public bool RecordExists => _version > 0;

        public Task ReadStateAsync()
        {
            var done = new TaskCompletionSource();
            cluster.Events.Add(new($"read of {owner.Id}", owner, () =>
            {
                if (stores.Away.Contains(store))
                {
                    done.SetException(new IOException("The store is away."));
                    return;
                }

                var known = stores._documents.GetValueOrDefault(owner.Id);
                cluster.Events.Add(new($"answer to the read of {owner.Id}", owner, () =>
                {
                    try
                    {
                        (State, _version) = (Read(known), known?.Version ?? 0);
                        done.SetResult();
                    }
                    catch (Exception failure)
                    {
                        done.SetException(failure);
                    }
                }));
            }));
            return done.Task;
        }

        public async Task ClearStateAsync()
        {
            await Change(null);
            State = new T();
        }

        private static T Read(Document? document) => document is null ? new T() : Serializer.Deserialize<T>(BinaryData.FromBytes(document.Json));

        public Task WriteStateAsync() => Change(Serializer.Serialize(stores.Corrupt is { } corrupt ? (T)corrupt(State) : State).ToArray());

        /// <summary>Writes, or deletes with null.</summary>
        private async Task Change(byte[]? json) => _version = await Send(json);

        /// <summary>Gives the version that is stored then; 0: none.</summary>
        private Task<int> Send(byte[]? json)
        {
            var expected = _version;
            var version = 0;
            var pending = new PendingWrite();
            var done = new TaskCompletionSource<int>();
            if (stores.Broken.TryGetValue(owner.Id, out var times) && times > 0)
            {
                stores.Broken[owner.Id] = times - 1;
                pending.FailsBefore = true;
            }

            stores.Pending.Add(pending);
            cluster.Events.Add(new($"write of {owner.Id}", null, () =>
            {
                stores.Pending.Remove(pending);
                var failure = pending.FailsBefore ? stores.Fault()
                    : stores.Away.Contains(store) ? new IOException("The store is away.")
                    : stores.Poisoned.Contains(owner.Id) ? new InvalidOperationException("The document is poison.") : null;
                if (failure is null)
                {
                    var known = stores._documents.GetValueOrDefault(owner.Id);
                    if (stores.ChecksEtags && (stores.ChecksFirst || expected > 0) && (known?.Version ?? 0) != expected)
                    {
                        failure = new InconsistentStateException("Another activation has written.");
                    }
                    else
                    {
                        if ((known?.Version ?? 0) != expected) throw new InvariantException($"7: a stale activation of {owner.Id} has written over what it had not read.");
                        if (json is null)
                        {
                            stores._documents.Remove(owner.Id);
                        }
                        else
                        {
                            var written = Serializer.Deserialize<T>(BinaryData.FromBytes(json));
                            stores._documents[owner.Id] = new Document(json, written, version = ++stores._lastVersion);
                            stores.Written?.Invoke(owner.Id, known?.State, written);
                        }

                        if (pending.FailsAfter) failure = new IOException("The answer of the store was lost.");
                    }
                }

                cluster.Events.Add(new($"stored {owner.Id}", owner, () =>
                {
                    if (failure is not null)
                    {
                        done.SetException(failure);
                        return;
                    }

                    done.SetResult(version);
                }));
            }));
            return done.Task;
        }
    }
}

/// <summary>A failure that says nothing of its cause.</summary>
internal sealed class UnexplainedException() : Exception("Nobody knows why.");

/// <summary>Something happened that must never happen.</summary>
internal sealed class InvariantException(string message) : Exception(message);
