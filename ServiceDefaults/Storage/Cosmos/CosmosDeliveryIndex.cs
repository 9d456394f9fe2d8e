using System.Globalization;
using System.Net;
using System.Text.Json;
using DroneDelivery.Queries;
using Microsoft.Azure.Cosmos;
using Orleans.Providers.Cosmos;

namespace DroneDelivery.Storage.Cosmos;

/// <summary>
/// The delivery index as a container, partitioned by owner. A row costs one request: the first one, if it is said to be that, creates it, later ones patch it on the
/// condition that it is older. Pages of one owner are read from his partition.
/// </summary>
/// <remarks>
/// Rows are deleted only with all that they lead to, when an owner's data is erased. An upsert that the client repeats by itself meets its own first attempt
/// as a row of the same version, which is no failure.
/// </remarks>
internal sealed class CosmosDeliveryIndex(CosmosContainers containers, CosmosDeliveryIndexOptions options) : IDeliveryIndex, IDisposable
{
    /// <summary>What the container has to be.</summary>
    public static readonly ContainerShape Shape = new("/ownerId") { IndexedPaths = ["/sort/?", "/stage/?"] };

    private const string Name = "delivery index";

    // A row that was missing is made by somebody else at most once.
    private const int Attempts = 3;

    private readonly SemaphoreSlim _opening = new(1);
    private CosmosContainer? _container;

    /// <summary>Opens the container, and says what is wrong with it, if anything.</summary>
    /// <exception cref="OrleansConfigurationException">The account or the container is not as configured.</exception>
    public async ValueTask<CosmosContainer> OpenAsync(CancellationToken cancellationToken)
    {
        if (_container is { } open) return open;
        await _opening.WaitAsync(cancellationToken);
        try
        {
            new CosmosOptionsValidator<CosmosDeliveryIndexOptions>(options, Name).ValidateConfiguration();
            return _container ??= await containers.OpenAsync(options, Shape, Name, cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    public void Dispose() => _opening.Dispose();

    public async Task Upsert(DeliveryIndexEntry entry, CancellationToken cancellationToken = default)
    {
        var container = await OpenAsync(cancellationToken);
        var status = entry.IsNew ? HttpStatusCode.NotFound : HttpStatusCode.Conflict;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            // Not there: make it. There: replace it if it is older.
            status = status == HttpStatusCode.NotFound ? await CreateAsync() : await PatchAsync();
            if (status is not (HttpStatusCode.NotFound or HttpStatusCode.Conflict)) return;
            // Whatever row is there is of the lowest version or a higher one.
            if (status == HttpStatusCode.Conflict && entry.Version == DeliveryIndexVersions.Accepted) return;
        }

        throw new InvalidOperationException($"The row of delivery '{entry.DeliveryId}' in the index is there and is not; somebody deletes it again and again.");

        async Task<HttpStatusCode> CreateAsync() =>
            (await container.CreateAsync(JsonSerializer.SerializeToUtf8Bytes(IndexDocument.Of(entry), IndexDocument.Json), entry.OwnerId, cancellationToken)).Status;

        async Task<HttpStatusCode> PatchAsync() => (await container.PatchAsync(
            IndexDocument.IdOf(entry.DeliveryId),
            entry.OwnerId,
            IndexDocument.Of(entry).Patch(),
            cancellationToken,
            string.Create(CultureInfo.InvariantCulture, $"FROM c WHERE c.version < {entry.Version}"))).Status;
    }

    public async Task Delete(string ownerId, string deliveryId, CancellationToken cancellationToken = default)
    {
        var container = await OpenAsync(cancellationToken);
        await container.DeleteAsync(IndexDocument.IdOf(deliveryId), ownerId, null, cancellationToken); // 404: it is gone.
    }

    public async Task<DeliveryIndexPage> Query(DeliveryIndexQuery query, CancellationToken cancellationToken = default)
    {
        var container = await OpenAsync(cancellationToken);
        var rows = await container.QueryAsync(Definition(query), query.OwnerId, document => document.Deserialize<IndexDocument>(IndexDocument.Json)!.Row(), cancellationToken);
        return DeliveryIndexPage.Of(rows, query.Limit);
    }

    private static QueryDefinition Definition(DeliveryIndexQuery query)
    {
        // The sort key begins with the time, so that one range over it does for the times and for the position alike.
        var conditions = new List<string>();
        var parameters = new List<(string Name, object Value)> { ("@limit", query.Limit + 1) };
        Add("c.stage = @stage", "@stage", query.Stage?.ToString());
        Add("c.sort >= @from", "@from", query.From is { } from ? IndexDocument.SortOf(from) : null);
        Add("c.sort < @to", "@to", query.To is { } to ? IndexDocument.SortOf(to) : null);
        Add("c.sort < @after", "@after", query.After is { } after ? IndexDocument.SortOf(after.ChangedAt, after.DeliveryId) : null);
        var where = conditions.Count == 0 ? "" : $" WHERE {string.Join(" AND ", conditions)}";
        return parameters.Aggregate(
            new QueryDefinition($"SELECT TOP @limit * FROM c{where} ORDER BY c.sort DESC"),
            (definition, parameter) => definition.WithParameter(parameter.Name, parameter.Value));

        void Add(string condition, string name, string? value)
        {
            if (value is null) return;
            conditions.Add(condition);
            parameters.Add((name, value));
        }
    }
}
