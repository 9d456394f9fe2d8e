using System.Net;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Cosmos.Simulator;

public sealed class BatchTests(SimulatorHost host) : IClassFixture<SimulatorHost>
{
    private static readonly PartitionKey Key = new("a");

    [Fact]
    public async Task Batch_runs_every_kind_of_operation()
    {
        var container = await host.CreateContainerAsync();
        await container.CreateItemAsync(new Parcel { Id = "old", Pk = "a" }, Key, cancellationToken: Cancelled);
        await container.CreateItemAsync(new Parcel { Id = "gone", Pk = "a" }, Key, cancellationToken: Cancelled);

        using var response = await container.CreateTransactionalBatch(Key)
            .CreateItem(new Parcel { Id = "new", Pk = "a", Weight = 1 })
            .UpsertItem(new Parcel { Id = "either", Pk = "a" })
            .ReplaceItem("old", new Parcel { Id = "old", Pk = "a", Weight = 2 })
            .PatchItem("new", [PatchOperation.Increment("/weight", 4)])
            .ReadItem("new")
            .DeleteItem("gone")
            .ExecuteAsync(Cancelled);

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(
            [HttpStatusCode.Created, HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NoContent],
            response.Select(result => result.StatusCode));
        Assert.Equal(5, response.GetOperationResultAtIndex<Parcel>(4).Resource.Weight);
        Assert.Equal((await container.ReadItemAsync<Parcel>("new", Key, cancellationToken: Cancelled)).ETag, response[3].ETag);
        Assert.True(response.RequestCharge > 10);
    }

    [Fact]
    public async Task Failed_operation_undoes_the_batch_and_the_others_answer_424()
    {
        var container = await host.CreateContainerAsync();
        await container.CreateItemAsync(new Parcel { Id = "there", Pk = "a" }, Key, cancellationToken: Cancelled);

        using var response = await container.CreateTransactionalBatch(Key)
            .CreateItem(new Parcel { Id = "first", Pk = "a" })
            .CreateItem(new Parcel { Id = "there", Pk = "a" })
            .CreateItem(new Parcel { Id = "last", Pk = "a" })
            .ExecuteAsync(Cancelled);

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal([HttpStatusCode.FailedDependency, HttpStatusCode.Conflict, HttpStatusCode.FailedDependency], response.Select(result => result.StatusCode));
        using var first = await container.ReadItemStreamAsync("first", Key, cancellationToken: Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, first.StatusCode);
    }

    [Theory]
    [InlineData("\"another\"", HttpStatusCode.PreconditionFailed)]
    [InlineData("*", HttpStatusCode.OK)]
    public async Task If_match_holds_inside_a_batch(string etag, HttpStatusCode expected)
    {
        var container = await host.CreateContainerAsync();
        await container.CreateItemAsync(new Parcel { Id = "version", Pk = "a" }, Key, cancellationToken: Cancelled);

        using var response = await container.CreateTransactionalBatch(Key)
            .ReplaceItem("version", new Parcel { Id = "version", Pk = "a", Weight = 1 }, new TransactionalBatchItemRequestOptions { IfMatchEtag = etag })
            .UpsertItem(new Parcel { Id = "row", Pk = "a" }, new TransactionalBatchItemRequestOptions { EnableContentResponseOnWrite = false })
            .ExecuteAsync(Cancelled);

        Assert.Equal(expected, response.StatusCode);
        using var row = await container.ReadItemStreamAsync("row", Key, cancellationToken: Cancelled);
        Assert.Equal(expected == HttpStatusCode.OK, row.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Missing_item_in_a_batch_is_404()
    {
        var container = await host.CreateContainerAsync();
        using var response = await container.CreateTransactionalBatch(Key).DeleteItem("none").ExecuteAsync(Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Batch_of_a_hundred_operations_works_and_one_more_is_refused()
    {
        var container = await host.CreateContainerAsync();
        TransactionalBatch Batch(int first, int count)
        {
            var batch = container.CreateTransactionalBatch(Key);
            foreach (var i in Enumerable.Range(first, count)) batch.CreateItem(new Parcel { Id = $"{i}", Pk = "a" });
            return batch;
        }

        using var response = await Batch(0, 100).ExecuteAsync(Cancelled);
        using var tooMany = await Batch(100, 101).ExecuteAsync(Cancelled);

        Assert.Equal((HttpStatusCode.OK, 100), (response.StatusCode, response.Count));
        Assert.Equal(HttpStatusCode.BadRequest, tooMany.StatusCode);
    }

    [Fact]
    public async Task Fifty_batches_on_one_version_have_one_winner()
    {
        var container = await host.CreateContainerAsync();
        var version = await container.CreateItemAsync(new Parcel { Id = "version", Pk = "a" }, Key, cancellationToken: Cancelled);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            using var response = await container.CreateTransactionalBatch(Key)
                .ReplaceItem("version", new Parcel { Id = "version", Pk = "a", Weight = i }, new TransactionalBatchItemRequestOptions { IfMatchEtag = version.ETag })
                .CreateItem(new Parcel { Id = $"row-{i}", Pk = "a" })
                .ExecuteAsync(Cancelled);
            return response.StatusCode;
        }));

        Assert.Equal(1, statuses.Count(status => status == HttpStatusCode.OK));
        Assert.Equal(49, statuses.Count(status => status == HttpStatusCode.PreconditionFailed));
        Assert.Equal(2, (await container.GetItemQueryIterator<Parcel>(requestOptions: new QueryRequestOptions { PartitionKey = Key }).ReadNextAsync(Cancelled)).Count);
    }

    [Fact]
    public async Task Bulk_operations_stand_for_themselves()
    {
        var container = await host.CreateContainerAsync();
        using var client = host.CreateClient(options => options.AllowBulkExecution = true);
        var bulk = client.GetContainer(container.Database.Id, container.Id);
        await container.CreateItemAsync(new Parcel { Id = "5", Pk = "a" }, Key, cancellationToken: Cancelled);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            using var response = await bulk.CreateItemStreamAsync(Body($$"""{"id":"{{i}}","pk":"a"}"""), Key, cancellationToken: Cancelled);
            return response.StatusCode;
        }));

        Assert.Equal(9, statuses.Count(status => status == HttpStatusCode.Created));
        Assert.Equal(HttpStatusCode.Conflict, statuses[5]);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static MemoryStream Body(string json) => new(System.Text.Encoding.UTF8.GetBytes(json));
}
