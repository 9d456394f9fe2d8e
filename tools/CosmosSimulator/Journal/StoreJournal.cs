using System.Text.Json;
using DroneDelivery.CosmosSimulator.Store;

namespace DroneDelivery.CosmosSimulator.Journal;

/// <summary>Writes down every change of what is stored, and does it again after a restart.</summary>
internal sealed class StoreJournal : IDisposable
{
    private JournalFile? _file;

    /// <summary>Reads what was written and goes on writing there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="account">Gets what was written.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="JournalException">The file cannot be used.</exception>
    public async Task OpenAsync(string path, SimulatedAccount account, CancellationToken cancellationToken) =>
        _file = await JournalFile.OpenAsync(path, record => Replay(record, account), cancellationToken);

    /// <summary>A database was created.</summary>
    public void DatabaseCreated(SimulatedDatabase database) => Append("createDatabase", writer =>
    {
        writer.WriteString("id", database.Name);
        writer.WriteNumber("number", database.Number);
        writer.WriteNumber("ts", database.Timestamp);
    });

    /// <summary>A database was deleted.</summary>
    public void DatabaseDeleted(SimulatedDatabase database) => Append("deleteDatabase", writer => writer.WriteString("id", database.Name));

    /// <summary>A container was created.</summary>
    public void ContainerCreated(SimulatedDatabase database, SimulatedContainer container) => Append("createContainer", writer =>
    {
        writer.WriteString("database", database.Name);
        writer.WriteNumber("number", container.Number);
        writer.WriteNumber("partitions", container.Partitions.Count);
        WriteProperties(writer, container.Properties);
    });

    /// <summary>A container's properties are replaced.</summary>
    public void ContainerReplaced(SimulatedContainer container, ContainerProperties replacement) => Append("replaceContainer", writer =>
    {
        writer.WriteString("container", container.Rid);
        WriteProperties(writer, replacement);
    });

    /// <summary>A container was deleted.</summary>
    public void ContainerDeleted(SimulatedContainer container) => Append("deleteContainer", writer => writer.WriteString("container", container.Rid));

    /// <summary>Items of one partition key change together.</summary>
    /// <param name="container">The container.</param>
    /// <param name="key">The partition key.</param>
    /// <param name="changes">The items by id; null for a deleted one.</param>
    public void ItemsChanged(SimulatedContainer container, LogicalKey key, IReadOnlyDictionary<string, StoredItem?> changes) => Append("items", writer =>
    {
        writer.WriteString("container", container.Rid);
        writer.WritePropertyName("key");
        writer.WriteRawValue(key.ToString());
        writer.WriteStartArray("put");
        foreach (var item in changes.Values.OfType<StoredItem>()) writer.WriteRawValue(item.Utf8, skipInputValidation: true);
        writer.WriteEndArray();
        writer.WriteStartArray("delete");
        foreach (var id in changes.Where(change => change.Value is null).Select(change => change.Key)) writer.WriteStringValue(id);
        writer.WriteEndArray();
    });

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private static void WriteProperties(Utf8JsonWriter writer, ContainerProperties properties)
    {
        writer.WritePropertyName("properties");
        properties.Json.WriteTo(writer);
    }

    private static void Replay(JsonElement record, SimulatedAccount account)
    {
        string Text(string name) => record.GetProperty(name).GetString()!;

        switch (Text("op"))
        {
            case "createDatabase":
                account.Restore(new SimulatedDatabase(Text("id"), record.GetProperty("number").GetUInt32(), record.GetProperty("ts").GetInt64()));
                break;
            case "deleteDatabase":
                account.Forget(account.Database(Text("id")));
                break;
            case "createContainer":
                account.RestoreContainer(
                    account.Database(Text("database")), record.GetProperty("number").GetUInt32(), record.GetProperty("partitions").GetInt32(),
                    ContainerProperties.Of(record.GetProperty("properties")));
                break;
            case "replaceContainer":
                account.ContainerByRid(Text("container"))?.Restore(ContainerProperties.Of(record.GetProperty("properties")));
                break;
            case "deleteContainer":
                if (account.ContainerByRid(Text("container")) is { } deleted) account.Forget(deleted);
                break;
            case "items":
                // A write may reach the file after the deletion of its container.
                if (account.ContainerByRid(Text("container")) is { } container) ReplayItems(record, container);
                break;
            case var operation:
                throw new JournalException($"The data file has a record '{operation}' that this version does not know.");
        }
    }

    private static void ReplayItems(JsonElement record, SimulatedContainer container)
    {
        var key = LogicalKey.FromArray(record.GetProperty("key"));
        var partition = container.PartitionOf(key);
        foreach (var document in record.GetProperty("put").EnumerateArray())
        {
            var number = ResourceIds.ItemNumber(document.GetProperty("_rid").GetString()!);
            container.SawItemNumber(number);
            partition.Put(new StoredItem(number, key, document.Clone()));
        }

        foreach (var id in record.GetProperty("delete").EnumerateArray()) partition.Remove(key, id.GetString()!);
    }

    private void Append(string operation, Action<Utf8JsonWriter> write) => _file?.Append(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("op", operation);
        write(writer);
        writer.WriteEndObject();
    });
}
