using System.Collections.Concurrent;
using System.Text.Json;
using DroneDelivery.CosmosSimulator.Journal;
using DroneDelivery.CosmosSimulator.Protocol;

namespace DroneDelivery.CosmosSimulator.Store;

/// <summary>Everything that is stored.</summary>
/// <param name="partitions">How many physical partitions a container gets.</param>
/// <param name="unitsPerSecond">Throughput of each physical partition; null for no limit.</param>
/// <param name="journal">Where changes are written down.</param>
/// <param name="lag">How far replicas lag.</param>
/// <param name="clock">The time.</param>
internal sealed class SimulatedAccount(int partitions, double? unitsPerSecond, StoreJournal journal, ReplicaLag lag, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, SimulatedDatabase> _databases = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private double? _unitsPerSecond = unitsPerSecond;
    private uint _lastNumber;

    /// <summary>The databases.</summary>
    public IEnumerable<SimulatedDatabase> Databases => _databases.Values.OrderBy(database => database.Name, StringComparer.Ordinal);

    /// <summary>Changes the throughput of every physical partition; null for no limit.</summary>
    public void SetThroughput(double? limit)
    {
        lock (_gate)
        {
            _unitsPerSecond = limit;
            foreach (var partition in _databases.Values.SelectMany(database => database.Containers.Values).SelectMany(container => container.Partitions))
                partition.Budget.Set(limit);
        }
    }

    /// <summary>Creates a database.</summary>
    /// <exception cref="RefusedException">There is one of that name.</exception>
    public SimulatedDatabase CreateDatabase(string name)
    {
        lock (_gate)
        {
            if (_databases.ContainsKey(name)) throw RefusedException.Conflict($"database {name}");
            var database = new SimulatedDatabase(name, ++_lastNumber, clock.GetUtcNow().ToUnixTimeSeconds());
            journal.DatabaseCreated(database);
            return _databases[name] = database;
        }
    }

    /// <summary>Creates a container.</summary>
    /// <exception cref="RefusedException">There is one of that name, or its properties make no sense.</exception>
    public SimulatedContainer CreateContainer(SimulatedDatabase database, string name, JsonElement properties)
    {
        lock (_gate)
        {
            if (database.Containers.ContainsKey(name)) throw RefusedException.Conflict($"container {name}");
            var container = new SimulatedContainer(
                name, ++_lastNumber, database.Rid, properties, isRestored: false, partitions, _unitsPerSecond, journal, lag, clock);
            journal.ContainerCreated(database, container);
            return database.Containers[name] = container;
        }
    }

    /// <summary>Deletes a database with everything in it.</summary>
    public void DeleteDatabase(SimulatedDatabase database)
    {
        lock (_gate)
        {
            journal.DatabaseDeleted(database);
            Forget(database);
        }
    }

    /// <summary>Deletes a container with everything in it.</summary>
    public void DeleteContainer(SimulatedContainer container)
    {
        lock (_gate)
        {
            journal.ContainerDeleted(container);
            Forget(container);
        }
    }

    /// <summary>Takes a database from before a restart.</summary>
    public void Restore(SimulatedDatabase database)
    {
        _databases[database.Name] = database;
        _lastNumber = Math.Max(_lastNumber, database.Number);
    }

    /// <summary>Takes a container from before a restart.</summary>
    public void RestoreContainer(SimulatedDatabase database, uint number, int count, ContainerProperties properties)
    {
        var name = properties.Json.GetProperty("id").GetString()!;
        database.Containers[name] = new SimulatedContainer(
            name, number, database.Rid, properties.Json, isRestored: true, count, _unitsPerSecond, journal, lag, clock);
        _lastNumber = Math.Max(_lastNumber, number);
    }

    /// <summary>A database is gone.</summary>
    public void Forget(SimulatedDatabase database) => _databases.TryRemove(database.Name, out _);

    /// <summary>A container is gone.</summary>
    public void Forget(SimulatedContainer container)
    {
        foreach (var database in _databases.Values) database.Containers.TryRemove(KeyValuePair.Create(container.Name, container));
    }

    /// <summary>Finds a container by its resource id; null when there is none.</summary>
    public SimulatedContainer? ContainerByRid(string rid) =>
        _databases.Values.SelectMany(database => database.Containers.Values).FirstOrDefault(container => container.Rid == rid);

    /// <summary>Finds a database by its name or resource id.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public SimulatedDatabase Database(string name, int subStatusWhenMissing = SubStatus.None) =>
        _databases.TryGetValue(name, out var database) ? database
        : _databases.Values.FirstOrDefault(candidate => candidate.Rid == name)
        ?? throw RefusedException.NotFound($"There is no database {name}.", subStatusWhenMissing);

    /// <summary>Finds a container by names or resource ids.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public SimulatedContainer Container(ResourceAddress address, int subStatusWhenMissing = SubStatus.None)
    {
        var database = Database(address.Database!, SubStatus.OwnerNotFound);
        return database.Containers.TryGetValue(address.Container!, out var container) ? container
            : database.Containers.Values.FirstOrDefault(candidate => candidate.Rid == address.Container)
            ?? throw RefusedException.NotFound($"There is no container {address.Container} in database {database.Name}.", subStatusWhenMissing);
    }
}
