using System.Net;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Cosmos.Simulator;

public sealed class ItemTests(SimulatorHost host) : IClassFixture<SimulatorHost>
{
    private static readonly PartitionKey Key = new("a");

    [Fact]
    public async Task Created_item_is_read_back_with_its_etag()
    {
        var container = await host.CreateContainerAsync();
        var created = await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a", Name = "Müller & <Söhne>" }, Key, cancellationToken: Cancelled);

        var read = await container.ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("Müller & <Söhne>", read.Resource.Name);
        Assert.Equal(created.ETag, read.ETag);
        Assert.Equal(read.ETag, read.Resource.ETag);
    }

    [Fact]
    public async Task Missing_item_is_404_without_the_sub_status_of_a_missing_container()
    {
        var container = await host.CreateContainerAsync();
        var missingItem = await Refused(container.ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled));
        var missingContainer = await Refused(container.Database.GetContainer("none").ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled));

        Assert.Equal((HttpStatusCode.NotFound, 0), (missingItem.StatusCode, missingItem.SubStatusCode));
        Assert.Equal((HttpStatusCode.NotFound, 1003), (missingContainer.StatusCode, missingContainer.SubStatusCode));
    }

    [Fact]
    public async Task Second_creation_conflicts_within_a_partition_key_only()
    {
        var container = await host.CreateContainerAsync();
        await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a" }, Key, cancellationToken: Cancelled);
        await container.CreateItemAsync(new Parcel { Id = "1", Pk = "b" }, new PartitionKey("b"), cancellationToken: Cancelled);

        var refused = await Refused(container.CreateItemAsync(new Parcel { Id = "1", Pk = "a" }, Key, cancellationToken: Cancelled));

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
    }

    [Fact]
    public async Task Replace_with_an_old_etag_is_412_and_changes_nothing()
    {
        var container = await host.CreateContainerAsync();
        var first = await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a", Weight = 1 }, Key, cancellationToken: Cancelled);
        var second = await container.ReplaceItemAsync(new Parcel { Id = "1", Pk = "a", Weight = 2 }, "1", Key, IfMatch(first.ETag), Cancelled);

        var refused = await Refused(container.ReplaceItemAsync(new Parcel { Id = "1", Pk = "a", Weight = 3 }, "1", Key, IfMatch(first.ETag), Cancelled));

        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.StatusCode);
        var read = await container.ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled);
        Assert.Equal((2, second.ETag), (read.Resource.Weight, read.ETag));
    }

    [Fact]
    public async Task Replace_with_any_etag_needs_an_item()
    {
        var container = await host.CreateContainerAsync();
        var missing = await Refused(container.ReplaceItemAsync(new Parcel { Id = "1", Pk = "a" }, "1", Key, IfMatch("*"), Cancelled));
        await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a" }, Key, cancellationToken: Cancelled);

        var replaced = await container.ReplaceItemAsync(new Parcel { Id = "1", Pk = "a", Weight = 2 }, "1", Key, IfMatch("*"), Cancelled);

        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal(HttpStatusCode.OK, replaced.StatusCode);
    }

    [Fact]
    public async Task Upsert_creates_then_replaces_and_minds_the_etag_of_what_is_there()
    {
        var container = await host.CreateContainerAsync();
        var created = await container.UpsertItemAsync(new Parcel { Id = "1", Pk = "a" }, Key, IfMatch("\"of nothing\""), Cancelled);
        var replaced = await container.UpsertItemAsync(new Parcel { Id = "1", Pk = "a", Weight = 2 }, Key, IfMatch(created.ETag), Cancelled);

        var refused = await Refused(container.UpsertItemAsync(new Parcel { Id = "1", Pk = "a", Weight = 3 }, Key, IfMatch(created.ETag), Cancelled));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (created.StatusCode, replaced.StatusCode));
        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.StatusCode);
    }

    [Fact]
    public async Task Upsert_that_wants_no_item_is_412_when_there_is_one()
    {
        var container = await host.CreateContainerAsync();
        var options = new ItemRequestOptions { IfNoneMatchEtag = "*" };
        await container.UpsertItemAsync(new Parcel { Id = "1", Pk = "a" }, Key, options, Cancelled);

        var refused = await Refused(container.UpsertItemAsync(new Parcel { Id = "1", Pk = "a", Weight = 3 }, Key, options, Cancelled));

        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.StatusCode);
    }

    [Fact]
    public async Task Read_of_a_known_etag_is_304()
    {
        var container = await host.CreateContainerAsync();
        var created = await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a" }, Key, cancellationToken: Cancelled);

        using var read = await container.ReadItemStreamAsync("1", Key, new ItemRequestOptions { IfNoneMatchEtag = created.ETag }, Cancelled);

        Assert.Equal(HttpStatusCode.NotModified, read.StatusCode);
        Assert.Equal(created.ETag, read.Headers.ETag);
    }

    [Fact]
    public async Task Delete_minds_the_etag_and_happens_once()
    {
        var container = await host.CreateContainerAsync();
        var created = await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a" }, Key, cancellationToken: Cancelled);

        var refused = await Refused(container.DeleteItemAsync<Parcel>("1", Key, IfMatch("\"another\""), Cancelled));
        var deleted = await container.DeleteItemAsync<Parcel>("1", Key, IfMatch(created.ETag), Cancelled);
        var again = await Refused(container.DeleteItemAsync<Parcel>("1", Key, cancellationToken: Cancelled));

        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Fact]
    public async Task Write_that_wants_no_content_gets_the_etag_alone()
    {
        var container = await host.CreateContainerAsync();
        var options = new ItemRequestOptions { EnableContentResponseOnWrite = false };

        var created = await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a" }, Key, options, Cancelled);

        Assert.Null(created.Resource);
        Assert.Equal((await container.ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled)).ETag, created.ETag);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("with space & % + = é 日本")]
    [InlineData("grain~0type_key__san")]
    public async Task Ids_of_all_allowed_characters_work(string id)
    {
        var container = await host.CreateContainerAsync();
        await container.CreateItemAsync(new Parcel { Id = id, Pk = "a" }, Key, cancellationToken: Cancelled);

        var read = await container.ReadItemAsync<Parcel>(id, Key, cancellationToken: Cancelled);
        await container.ReplaceItemAsync(read.Resource with { Weight = 2 }, id, Key, IfMatch(read.ETag), Cancelled);
        var deleted = await container.DeleteItemAsync<Parcel>(id, Key, cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task Key_that_is_not_the_documents_is_400_with_sub_status_1001()
    {
        var container = await host.CreateContainerAsync();
        var refused = await Refused(container.CreateItemAsync(new Parcel { Id = "1", Pk = "a" }, new PartitionKey("b"), cancellationToken: Cancelled));
        Assert.Equal((HttpStatusCode.BadRequest, 1001), (refused.StatusCode, refused.SubStatusCode));
    }

    [Fact]
    public async Task Item_over_two_megabytes_is_413()
    {
        var container = await host.CreateContainerAsync();
        var allowed = await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a", Name = new string('x', 2_000_000) }, Key, cancellationToken: Cancelled);
        var refused = await Refused(container.CreateItemAsync(new Parcel { Id = "2", Pk = "a", Name = new string('x', 2_100_000) }, Key, cancellationToken: Cancelled));

        Assert.Equal(HttpStatusCode.Created, allowed.StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task Fifty_writers_with_one_etag_have_one_winner()
    {
        var container = await host.CreateContainerAsync();
        var created = await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a" }, Key, cancellationToken: Cancelled);

        var statuses = await Task.WhenAll(Enumerable.Range(1, 50).Select(async weight =>
        {
            try
            {
                return (await container.ReplaceItemAsync(new Parcel { Id = "1", Pk = "a", Weight = weight }, "1", Key, IfMatch(created.ETag), Cancelled)).StatusCode;
            }
            catch (CosmosException refusal)
            {
                return refusal.StatusCode;
            }
        }));

        Assert.Equal(1, statuses.Count(status => status == HttpStatusCode.OK));
        Assert.Equal(49, statuses.Count(status => status == HttpStatusCode.PreconditionFailed));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static ItemRequestOptions IfMatch(string etag) => new() { IfMatchEtag = etag };

    private static Task<CosmosException> Refused(Task operation) => Assert.ThrowsAsync<CosmosException>(() => operation);
}
