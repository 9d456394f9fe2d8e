using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers.Cosmos;

namespace Orleans.Reminders.Cosmos;

/// <summary>Reminders, each a document.</summary>
/// <remarks>
/// An upsert may be repeated: it writes the same document again. A removal that the client repeated by itself and that finds nothing left has done what it was asked for;
/// that it was the first attempt which did it makes no difference to the caller.
/// </remarks>
internal sealed class CosmosReminderTable(
    CosmosContainers containers, IOptions<CosmosReminderTableOptions> options, IOptions<ClusterOptions> cluster) : IReminderTable
{
    private const int ConcurrentDeletes = 16;
    private readonly string _serviceId = cluster.Value.ServiceId;
    private CosmosContainer? _container;

    private CosmosContainer Container => _container ?? throw new InvalidOperationException("The reminder table has not been started.");

    public async Task StartAsync(CancellationToken cancellationToken = default) =>
        _container = await containers.OpenAsync(options.Value, ReminderDocument.Container, "reminders", cancellationToken);

    public async Task<ReminderTableData> ReadRows(GrainId grainId, CancellationToken cancellationToken)
    {
        // Grains with the same hash share a partition.
        var query = new QueryDefinition("SELECT * FROM c WHERE c.GrainId = @grain").WithParameter("@grain", grainId.ToString());
        return new(await Container.QueryAsync(query, ReminderDocument.Partition(_serviceId, grainId), Read, cancellationToken));
    }

    public async Task<ReminderTableData> ReadRows(uint begin, uint end, CancellationToken cancellationToken)
    {
        // The hashes form a ring: a range that does not ascend runs over its end, and one that ends where it begins is all of it.
        var range = begin < end ? "c.GrainHash > @begin AND c.GrainHash <= @end" : "(c.GrainHash > @begin OR c.GrainHash <= @end)";
        var query = new QueryDefinition($"SELECT * FROM c WHERE c.ServiceId = @service AND {range}")
            .WithParameter("@service", _serviceId)
            .WithParameter("@begin", begin)
            .WithParameter("@end", end);
        return new(await Container.QueryAsync(query, null, Read, cancellationToken));
    }

    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName, CancellationToken cancellationToken)
    {
        var document = await Container.ReadAsync(ReminderDocument.Id(grainId, reminderName), ReminderDocument.Partition(_serviceId, grainId), cancellationToken);
        if (!document.IsSuccess) return null;
        using var json = JsonDocument.Parse(document.Content);
        return ReminderDocument.Read(json.RootElement, document.ETag);
    }

    public async Task<string?> UpsertRow(ReminderEntry entry, CancellationToken cancellationToken)
    {
        var result = await Container.UpsertAsync(ReminderDocument.Write(_serviceId, entry), ReminderDocument.Partition(_serviceId, entry.GrainId), cancellationToken);
        return result.IsSuccess
            ? result.ETag
            : throw new CosmosRequestException("upsert_item", Container.Name, result.Status, 0, $"reminder '{entry.ReminderName}' of grain {entry.GrainId} was not written");
    }

    public async Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag, CancellationToken cancellationToken)
    {
        var result = await Container.DeleteAsync(ReminderDocument.Id(grainId, reminderName), ReminderDocument.Partition(_serviceId, grainId), eTag, cancellationToken);
        return result.IsSuccess || result is { Status: HttpStatusCode.NotFound, Repeated: true };
    }

    public async Task TestOnlyClearTable(CancellationToken cancellationToken)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.ServiceId = @service").WithParameter("@service", _serviceId);
        var documents = await Container.QueryAsync(
            query, null, json => (Id: json.GetProperty("id").GetString()!, Partition: json.GetProperty("PartitionKey").GetString()!), cancellationToken);
        var limit = new ParallelOptions { MaxDegreeOfParallelism = ConcurrentDeletes, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(documents, limit, async (document, token) => await Container.DeleteAsync(document.Id, document.Partition, null, token));
    }

    private static ReminderEntry Read(JsonElement json) => ReminderDocument.Read(json);

    Task IReminderTable.Init() => StartAsync();

    Task<ReminderTableData> IReminderTable.ReadRows(GrainId grainId) => ReadRows(grainId, CancellationToken.None);

    Task<ReminderTableData> IReminderTable.ReadRows(uint begin, uint end) => ReadRows(begin, end, CancellationToken.None);

    Task<ReminderEntry?> IReminderTable.ReadRow(GrainId grainId, string reminderName) => ReadRow(grainId, reminderName, CancellationToken.None);

    Task<string?> IReminderTable.UpsertRow(ReminderEntry entry) => UpsertRow(entry, CancellationToken.None);

    Task<bool> IReminderTable.RemoveRow(GrainId grainId, string reminderName, string eTag) => RemoveRow(grainId, reminderName, eTag, CancellationToken.None);

    Task IReminderTable.TestOnlyClearTable() => TestOnlyClearTable(CancellationToken.None);
}
