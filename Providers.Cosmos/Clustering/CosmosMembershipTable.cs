using System.Text.Json;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Providers.Cosmos;

namespace Orleans.Clustering.Cosmos;

/// <summary>
/// The membership table of a cluster in one logical partition. Every change is a batch that replaces the version if it is still the one that
/// the caller read, and writes one row. That condition alone orders all changes, so the token of a row is the version's etag, which heartbeats
/// leave as it is.
/// </summary>
/// <remarks>
/// False means that the change was not made and the caller has to read again; nothing else is told so. A fault leaves open whether the batch was applied, and so does
/// a refusal after the client repeated a request by itself: the version may have moved by our own first attempt. Each row carries the id of its last write,
/// so the row itself then tells. Where even that cannot (others have written since), the call fails, and Orleans reads the table again.
/// </remarks>
internal sealed partial class CosmosMembershipTable(
    CosmosContainers containers, IOptions<CosmosClusteringOptions> options, IOptions<ClusterOptions> cluster, ILogger<CosmosMembershipTable> logger) : IMembershipTable
{
    // Source: limit of a transactional batch, https://learn.microsoft.com/azure/cosmos-db/nosql/transactional-batch
    private const int BatchLimit = 100;
    private const int ReadAttempts = 20;
    private const int DeleteRounds = 5;
    private static readonly TransactionalBatchItemRequestOptions NoContent = new() { EnableContentResponseOnWrite = false };
    private readonly string _clusterId = cluster.Value.ClusterId;
    private CosmosContainer? _container;

    private CosmosContainer Container => _container ?? throw new InvalidOperationException("The membership table has not been initialized.");

    public async Task InitializeMembershipTableAsync(bool tryInitTableVersion, CancellationToken cancellationToken = default)
    {
        _container = await containers.OpenAsync(options.Value, ClusterDocuments.Container, "clustering", cancellationToken);
        if (!tryInitTableVersion) return;
        var version = await Container.ReadAsync(ClusterDocuments.VersionId, _clusterId, cancellationToken);
        if (version.IsSuccess) return;
        // A conflict means that another silo has just done the same.
        var created = await Container.CreateAsync(ClusterDocuments.Version(_clusterId, 0), _clusterId, cancellationToken);
        if (created.IsSuccess) LogInitialized(_clusterId);
    }

    public Task<MembershipTableData> ReadAllAsync(CancellationToken cancellationToken = default) => FencedAsync(
        async version => await QueryAsync(Rows(), (_, entry) => Tuple.Create(entry, version.VersionEtag), cancellationToken),
        cancellationToken);

    public Task<MembershipTableData> ReadRowAsync(SiloAddress key, CancellationToken cancellationToken = default) => FencedAsync(
        async version =>
        {
            var row = await Container.ReadAsync(ClusterDocuments.Id(key), _clusterId, cancellationToken);
            if (!row.IsSuccess) return [];
            using var json = JsonDocument.Parse(row.Content);
            return [Tuple.Create(ClusterDocuments.ReadSilo(json.RootElement), version.VersionEtag)];
        },
        cancellationToken);

    public Task<bool> InsertRowAsync(MembershipEntry entry, TableVersion tableVersion, CancellationToken cancellationToken = default) =>
        CommitAsync(entry, tableVersion, static (batch, _, row) => batch.CreateItemStream(row, NoContent), cancellationToken);

    public Task<bool> UpdateRowAsync(MembershipEntry entry, string etag, TableVersion tableVersion, CancellationToken cancellationToken = default) =>
        // A row read under one version and a version read later do not belong together: the row may have changed between.
        etag != tableVersion.VersionEtag
            ? Task.FromResult(false)
            : CommitAsync(entry, tableVersion, static (batch, id, row) => batch.ReplaceItemStream(id, row, NoContent), cancellationToken);

    public async Task UpdateIAmAliveAsync(MembershipEntry entry, CancellationToken cancellationToken = default)
    {
        var alive = PatchOperation.Set($"/{ClusterDocuments.AliveTime}", ClusterDocuments.TimeText(entry.IAmAliveTime));
        var result = await Container.PatchAsync(ClusterDocuments.Id(entry.SiloAddress), _clusterId, [alive], cancellationToken);
        if (!result.IsSuccess) throw new CosmosRequestException("patch_item", Container.Name, result.Status, 0, $"silo {entry.SiloAddress} has no row in the membership table");
    }

    public async Task CleanupDefunctSiloEntriesAsync(DateTimeOffset beforeDate, CancellationToken cancellationToken = default)
    {
        var dead = new QueryDefinition("SELECT * FROM c WHERE c.EntityType = @type AND c.Status = @status")
            .WithParameter("@type", ClusterDocuments.SiloType)
            .WithParameter("@status", (int)SiloStatus.Dead);
        for (var round = 0; round < DeleteRounds; round++)
        {
            var rows = await QueryAsync(dead, (json, entry) => (Id: Text(json, "id"), ETag: Text(json, "_etag"), LastUpdate: ClusterDocuments.LastUpdate(entry)), cancellationToken);
            var defunct = rows.Where(row => row.LastUpdate < beforeDate.UtcDateTime).ToList();
            // A refusal means that another silo is cleaning up as well: look again at what is left.
            if (await DeleteAsync(_clusterId, defunct.Select(row => (row.Id, (string?)row.ETag)), cancellationToken)) return;
        }

        LogCleanupContended(_clusterId);
    }

    public async Task DeleteMembershipTableEntriesAsync(string clusterId, CancellationToken cancellationToken = default)
    {
        var everything = new QueryDefinition("SELECT * FROM c WHERE c.ClusterId = @cluster").WithParameter("@cluster", clusterId);
        for (var round = 0; round < DeleteRounds; round++)
        {
            var ids = await Container.QueryAsync(everything, clusterId, json => Text(json, "id"), cancellationToken);
            // The version last: as long as it stands, the table is one.
            if (await DeleteAsync(clusterId, ids.OrderBy(id => id is ClusterDocuments.VersionId).Select(id => (id, (string?)null)), cancellationToken)) return;
        }

        throw new OrleansException($"The membership table of cluster '{clusterId}' is being written to and could not be deleted.");
    }

    /// <summary>Reads the version, then rows, then the version again, until it has not moved between: then the rows belong to it.</summary>
    private async Task<MembershipTableData> FencedAsync(Func<TableVersion, Task<List<Tuple<MembershipEntry, string>>>> readRows, CancellationToken cancellationToken)
    {
        var version = await ReadVersionAsync(cancellationToken);
        for (var attempt = 1; attempt <= ReadAttempts; attempt++)
        {
            var rows = await readRows(version);
            var after = await ReadVersionAsync(cancellationToken);
            if (after == version) return new(rows, version);
            version = after;
            await Task.Delay(Random.Shared.Next(1, 5 * attempt), cancellationToken);
        }

        throw new OrleansException($"The membership table of cluster '{_clusterId}' changed during each of {ReadAttempts} attempts to read it.");
    }

    private async Task<TableVersion> ReadVersionAsync(CancellationToken cancellationToken)
    {
        var version = await Container.ReadAsync(ClusterDocuments.VersionId, _clusterId, cancellationToken);
        return version.IsSuccess
            ? ClusterDocuments.ReadVersion(version)
            : throw new OrleansException($"The membership table of cluster '{_clusterId}' has no version: it was never initialized, or it was deleted.");
    }

    private async Task<bool> CommitAsync(
        MembershipEntry entry, TableVersion next, Func<TransactionalBatch, string, Stream, TransactionalBatch> write, CancellationToken cancellationToken)
    {
        var id = ClusterDocuments.Id(entry.SiloAddress);
        var writeId = Guid.NewGuid().ToString("N");
        var batch = Container.Batch(_clusterId).ReplaceItemStream(
            ClusterDocuments.VersionId,
            ClusterDocuments.Version(_clusterId, next.Version).AsStream(),
            new() { IfMatchEtag = next.VersionEtag, EnableContentResponseOnWrite = false });
        batch = write(batch, id, ClusterDocuments.Silo(_clusterId, entry, writeId).AsStream());
        try
        {
            var result = await Container.ExecuteAsync(batch, cancellationToken);
            if (result.IsSuccess) return true;
            // Refused because of the row, the version was still the caller's: no attempt has been applied.
            if (result.FailedOperation is not 0 || !result.Repeated) return false;
        }
        catch (CosmosRequestException fault) when (fault.LeavesOutcomeOpen)
        {
            LogOutcomeOpen(fault, id, next.Version);
            if (await IsOursAsync(id, writeId, cancellationToken)) return true;
            // Not applied yet is not the same as never: it may still be on its way.
            throw;
        }

        if (await IsOursAsync(id, writeId, cancellationToken)) return true;
        // Each number is given once. While the one we wanted stands, it is another's; once it is past, nobody can tell whose it was.
        var version = await ReadVersionAsync(cancellationToken);
        if (version.Version <= next.Version) return false;
        throw new OrleansException($"Whether silo {entry.SiloAddress} was written with version {next.Version} of the membership table is unknown; it is at version {version.Version} by now.");
    }

    private async Task<bool> IsOursAsync(string id, string writeId, CancellationToken cancellationToken) =>
        await Container.ReadAsync(id, _clusterId, cancellationToken) is { IsSuccess: true } row && ClusterDocuments.WasWrittenBy(row, writeId);

    /// <summary>Deletes in batches; false when one was refused.</summary>
    private async Task<bool> DeleteAsync(string clusterId, IEnumerable<(string Id, string? ETag)> documents, CancellationToken cancellationToken)
    {
        var complete = true;
        foreach (var chunk in documents.Chunk(BatchLimit))
        {
            var batch = Container.Batch(clusterId);
            foreach (var (id, etag) in chunk) batch = batch.DeleteItem(id, new() { IfMatchEtag = etag });
            complete &= (await Container.ExecuteAsync(batch, cancellationToken)).IsSuccess;
        }

        return complete;
    }

    private Task<List<T>> QueryAsync<T>(QueryDefinition query, Func<JsonElement, MembershipEntry, T> read, CancellationToken cancellationToken) =>
        Container.QueryAsync(query, _clusterId, json => read(json, ClusterDocuments.ReadSilo(json)), cancellationToken);

    private static QueryDefinition Rows() => new QueryDefinition("SELECT * FROM c WHERE c.EntityType = @type").WithParameter("@type", ClusterDocuments.SiloType);

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    Task IMembershipTable.InitializeMembershipTable(bool tryInitTableVersion) => InitializeMembershipTableAsync(tryInitTableVersion);

    Task IMembershipTable.DeleteMembershipTableEntries(string clusterId) => DeleteMembershipTableEntriesAsync(clusterId);

    Task IMembershipTable.CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => CleanupDefunctSiloEntriesAsync(beforeDate);

    Task<MembershipTableData> IMembershipTable.ReadRow(SiloAddress key) => ReadRowAsync(key);

    Task<MembershipTableData> IMembershipTable.ReadAll() => ReadAllAsync();

    Task<bool> IMembershipTable.InsertRow(MembershipEntry entry, TableVersion tableVersion) => InsertRowAsync(entry, tableVersion);

    Task<bool> IMembershipTable.UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => UpdateRowAsync(entry, etag, tableVersion);

    Task IMembershipTable.UpdateIAmAlive(MembershipEntry entry) => UpdateIAmAliveAsync(entry);

    [LoggerMessage(LogLevel.Information, "Initialized the membership table of cluster {ClusterId}")]
    private partial void LogInitialized(string clusterId);

    [LoggerMessage(LogLevel.Warning, "Whether row {Id} was written with version {Version} of the membership table is open; reading it back")]
    private partial void LogOutcomeOpen(Exception fault, string id, int version);

    [LoggerMessage(LogLevel.Information, "Left the rest of the defunct silos of cluster {ClusterId} to the others who are cleaning up")]
    private partial void LogCleanupContended(string clusterId);
}
