using System.Net;
using System.Text.Json;
using Azure.Identity;
using Microsoft.Azure.Cosmos;

namespace Orleans.Providers.Cosmos;

/// <summary>
/// A container as the providers use it: documents as bytes, etags from headers, nothing sent back on a write, every operation measured and
/// bounded in time. Three answers are results: no such document (404), a conflict (409), a failed condition (412). All others are thrown as <see cref="CosmosRequestException"/>.
/// </summary>
internal sealed class CosmosContainer(Container container, TimeSpan operationTimeout)
{
    // Not found because of the session or of the container, not because of the document.
    private const string SubStatusHeader = "x-ms-substatus";

    public string Name => container.Id;

    public Task<ItemResult> ReadAsync(string id, string partitionKey, CancellationToken cancellationToken) => ItemAsync(
        "read_item", token => container.ReadItemStreamAsync(id, new(partitionKey), null, token), cancellationToken);

    public Task<ItemResult> CreateAsync(ReadOnlyMemory<byte> document, string partitionKey, CancellationToken cancellationToken) => ItemAsync(
        "create_item", token => container.CreateItemStreamAsync(document.AsStream(), new(partitionKey), Write(), token), cancellationToken);

    public Task<ItemResult> ReplaceAsync(string id, ReadOnlyMemory<byte> document, string partitionKey, string etag, CancellationToken cancellationToken) => ItemAsync(
        "replace_item", token => container.ReplaceItemStreamAsync(document.AsStream(), id, new(partitionKey), Write(etag), token), cancellationToken);

    public Task<ItemResult> UpsertAsync(ReadOnlyMemory<byte> document, string partitionKey, CancellationToken cancellationToken) => ItemAsync(
        "upsert_item", token => container.UpsertItemStreamAsync(document.AsStream(), new(partitionKey), Write(), token), cancellationToken);

    /// <param name="id">The document.</param>
    /// <param name="partitionKey">Its partition.</param>
    /// <param name="etag">The version to delete; null for any.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<ItemResult> DeleteAsync(string id, string partitionKey, string? etag, CancellationToken cancellationToken) => ItemAsync(
        "delete_item", token => container.DeleteItemStreamAsync(id, new(partitionKey), Write(etag), token), cancellationToken);

    /// <param name="id">The document.</param>
    /// <param name="partitionKey">Its partition.</param>
    /// <param name="operations">The changes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="condition">What the document has to fulfil, as in <c>FROM c WHERE c.a = 1</c>; 412 when it does not.</param>
    public Task<ItemResult> PatchAsync(
        string id, string partitionKey, IReadOnlyList<PatchOperation> operations, CancellationToken cancellationToken, string? condition = null) => ItemAsync(
        "patch_item",
        token => container.PatchItemStreamAsync(
            id, new(partitionKey), operations, new PatchItemRequestOptions { EnableContentResponseOnWrite = false, FilterPredicate = condition }, token),
        cancellationToken);

    public TransactionalBatch Batch(string partitionKey) => container.CreateTransactionalBatch(new(partitionKey));

    /// <summary>Runs a batch. Where an operation of it got one of the three answers, nothing was written and that operation is named.</summary>
    public async Task<BatchResult> ExecuteAsync(TransactionalBatch batch, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken, out var token);
        var measurement = CosmosTelemetry.Start("execute_batch", container.Database.Id, container.Id);
        TransactionalBatchResponse response;
        try
        {
            response = await batch.ExecuteAsync(token);
        }
        catch (Exception exception)
        {
            measurement.Failed(exception);
            throw Translated("execute_batch", exception, cancellationToken);
        }

        using (response)
        {
            measurement.Answered((int)response.StatusCode, response.RequestCharge);
            if (response.IsSuccessStatusCode) return new(response.StatusCode, -1, false);
            var failed = Failed(response);
            if (failed >= 0 && response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed)
                return new(response.StatusCode, failed, Attempts.WereRepeated(response.Diagnostics));
            throw new CosmosRequestException("execute_batch", Name, response.StatusCode, SubStatus(response.Headers), response.ErrorMessage ?? "");
        }
    }

    /// <summary>Runs a query and hands over the documents of each page in turn, as long as the page is being looked at.</summary>
    /// <param name="query">The query.</param>
    /// <param name="partitionKey">The partition to search; null for all.</param>
    /// <param name="read">Reads one document.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<List<T>> QueryAsync<T>(QueryDefinition query, string? partitionKey, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        var options = new QueryRequestOptions { PartitionKey = partitionKey is null ? null : new PartitionKey(partitionKey), MaxItemCount = 1000 };
        var results = new List<T>();
        using var pages = container.GetItemQueryStreamIterator(query, null, options);
        while (pages.HasMoreResults)
        {
            // An empty page is not the last one.
            using var response = await SendAsync("query_items", pages.ReadNextAsync, cancellationToken);
            if (!response.IsSuccessStatusCode) throw Failure("query_items", response);
            using var page = await JsonDocument.ParseAsync(response.Content, default, cancellationToken);
            foreach (var document in page.RootElement.GetProperty("Documents").EnumerateArray()) results.Add(read(document));
        }

        return results;
    }

    private async Task<ItemResult> ItemAsync(string operation, Func<CancellationToken, Task<ResponseMessage>> send, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(operation, send, cancellationToken);
        var expected = response.StatusCode switch
        {
            HttpStatusCode.NotFound => SubStatus(response.Headers) is 0,
            HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed => true,
            _ => response.IsSuccessStatusCode,
        };
        if (!expected) throw Failure(operation, response);
        return new(
            response.StatusCode,
            response.Headers.ETag,
            response is { IsSuccessStatusCode: true, Content: { } content } ? await BytesAsync(content, cancellationToken) : default,
            !response.IsSuccessStatusCode && Attempts.WereRepeated(response.Diagnostics));
    }

    private async Task<ResponseMessage> SendAsync(string operation, Func<CancellationToken, Task<ResponseMessage>> send, CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken, out var token);
        var measurement = CosmosTelemetry.Start(operation, container.Database.Id, container.Id);
        try
        {
            var response = await send(token);
            measurement.Answered((int)response.StatusCode, response.Headers.RequestCharge);
            return response;
        }
        catch (Exception exception)
        {
            measurement.Failed(exception);
            throw Translated(operation, exception, cancellationToken);
        }
    }

    private CancellationTokenSource Limit(CancellationToken cancellationToken, out CancellationToken token)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(operationTimeout);
        token = limit.Token;
        return limit;
    }

    private Exception Translated(string operation, Exception exception, CancellationToken cancellationToken) => exception switch
    {
        OperationCanceledException when cancellationToken.IsCancellationRequested => new OperationCanceledException(exception.Message, exception, cancellationToken),
        OperationCanceledException => new CosmosRequestException(operation, Name, HttpStatusCode.RequestTimeout, 0, $"no answer within {operationTimeout}", exception),
        CosmosException answer => new CosmosRequestException(operation, Name, answer.StatusCode, answer.SubStatusCode, answer.ResponseBody ?? answer.Message, answer),
        HttpRequestException or IOException => new CosmosRequestException(operation, Name, HttpStatusCode.ServiceUnavailable, 0, exception.Message, exception),
        // The identity was accepted at start; now whoever makes tokens is away.
        AuthenticationFailedException => new CosmosRequestException(operation, Name, HttpStatusCode.ServiceUnavailable, 0, exception.Message, exception),
        _ => exception,
    };

    private CosmosRequestException Failure(string operation, ResponseMessage response) =>
        new(operation, Name, response.StatusCode, SubStatus(response.Headers), response.ErrorMessage ?? "");

    /// <summary>The operation that made a batch fail; -1 when it failed as a whole, which gives every operation the same status.</summary>
    private static int Failed(TransactionalBatchResponse response)
    {
        if (SubStatus(response.Headers) is not 0) return -1;
        var failed = -1;
        for (var i = 0; i < response.Count; i++)
        {
            // The others did not run because of this one.
            if (response[i].StatusCode is HttpStatusCode.FailedDependency) continue;
            if (failed >= 0) return -1;
            failed = i;
        }

        return failed;
    }

    private static int SubStatus(Headers headers) => int.TryParse(headers[SubStatusHeader], out var status) ? status : 0;

    private static ItemRequestOptions Write(string? etag = null) => new() { IfMatchEtag = etag, EnableContentResponseOnWrite = false };

    private static async ValueTask<ReadOnlyMemory<byte>> BytesAsync(Stream content, CancellationToken cancellationToken)
    {
        if (content is MemoryStream memory && memory.TryGetBuffer(out var buffer)) return buffer.AsMemory((int)memory.Position);
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, cancellationToken);
        return copy.GetBuffer().AsMemory(0, (int)copy.Length);
    }
}

/// <summary>The answer to an operation on one document.</summary>
/// <param name="Status">Success, or one of 404, 409, 412.</param>
/// <param name="ETag">Version of the document.</param>
/// <param name="Content">The document, when it was read.</param>
/// <param name="Repeated">Whether the refusal may answer a repetition, so that an earlier attempt may have taken effect.</param>
internal readonly record struct ItemResult(HttpStatusCode Status, string? ETag, ReadOnlyMemory<byte> Content, bool Repeated)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;
}

/// <summary>The answer to a batch.</summary>
/// <param name="Status">Success, or one of 404, 409, 412.</param>
/// <param name="FailedOperation">Which operation got that status; -1 for none.</param>
/// <param name="Repeated">Whether the refusal may answer a repetition, so that an earlier attempt may have taken effect.</param>
internal readonly record struct BatchResult(HttpStatusCode Status, int FailedOperation, bool Repeated)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;
}
