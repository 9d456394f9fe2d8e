using System.Net;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Cosmos.Simulator;

public sealed class PatchTests(SimulatorHost host) : IClassFixture<SimulatorHost>
{
    private static readonly PartitionKey Key = new("a");

    [Fact]
    public async Task Patch_changes_what_it_names_and_the_etag()
    {
        var container = await host.CreateContainerAsync();
        var created = await CreateAsync(container);

        var patched = await container.PatchItemAsync<Parcel>("1", Key,
        [
            PatchOperation.Set("/name", "new"), PatchOperation.Increment("/weight", 2), PatchOperation.Add("/tags/0", "first"),
            PatchOperation.Add("/tags/-", "last"), PatchOperation.Replace("/tags/1", "middle"),
        ], cancellationToken: Cancelled);

        Assert.Equal("new", patched.Resource.Name);
        Assert.Equal(3, patched.Resource.Weight);
        Assert.Equal(["first", "middle", "last"], patched.Resource.Tags!);
        Assert.NotEqual(created.ETag, patched.ETag);
    }

    [Fact]
    public async Task Patch_removes_and_moves()
    {
        var container = await host.CreateContainerAsync();
        await CreateAsync(container);

        var patched = await container.PatchItemAsync<Dictionary<string, object>>(
            "1", Key, [PatchOperation.Remove("/tags"), PatchOperation.Move("/name", "/title")], cancellationToken: Cancelled);

        Assert.False(patched.Resource.ContainsKey("tags"));
        Assert.False(patched.Resource.ContainsKey("name"));
        Assert.Equal("old", patched.Resource["title"].ToString());
    }

    [Fact]
    public async Task Patch_whose_condition_fails_is_412_and_changes_nothing()
    {
        var container = await host.CreateContainerAsync();
        await CreateAsync(container);
        PatchOperation[] patch = [PatchOperation.Set("/name", "new")];

        var refused = await Assert.ThrowsAsync<CosmosException>(() => container.PatchItemAsync<Parcel>(
            "1", Key, patch, new PatchItemRequestOptions { FilterPredicate = "FROM c WHERE c.weight > 1" }, Cancelled));
        var before = await container.ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled);
        var patched = await container.PatchItemAsync<Parcel>(
            "1", Key, patch, new PatchItemRequestOptions { FilterPredicate = "FROM c WHERE c.weight = 1 AND c.name = 'old'" }, Cancelled);

        Assert.Equal(HttpStatusCode.PreconditionFailed, refused.StatusCode);
        Assert.Equal("old", before.Resource.Name);
        Assert.Equal("new", patched.Resource.Name);
    }

    [Fact]
    public async Task Patch_minds_the_etag_and_a_missing_item()
    {
        var container = await host.CreateContainerAsync();
        var created = await CreateAsync(container);
        PatchOperation[] patch = [PatchOperation.Set("/name", "new")];

        var other = await Assert.ThrowsAsync<CosmosException>(() => container.PatchItemAsync<Parcel>(
            "1", Key, patch, new PatchItemRequestOptions { IfMatchEtag = "\"another\"" }, Cancelled));
        var missing = await Assert.ThrowsAsync<CosmosException>(() => container.PatchItemAsync<Parcel>("2", Key, patch, cancellationToken: Cancelled));
        var patched = await container.PatchItemAsync<Parcel>("1", Key, patch, new PatchItemRequestOptions { IfMatchEtag = created.ETag }, Cancelled);

        Assert.Equal(HttpStatusCode.PreconditionFailed, other.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal(HttpStatusCode.OK, patched.StatusCode);
    }

    [Fact]
    public async Task Patch_that_cannot_be_done_is_400_and_undoes_its_first_half()
    {
        var container = await host.CreateContainerAsync();
        await CreateAsync(container);

        var refused = await Assert.ThrowsAsync<CosmosException>(() => container.PatchItemAsync<Parcel>(
            "1", Key, [PatchOperation.Set("/name", "new"), PatchOperation.Replace("/none", 1)], cancellationToken: Cancelled));

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal("old", (await container.ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled)).Resource.Name);
    }

    [Fact]
    public async Task Fifty_concurrent_increments_all_count()
    {
        var container = await host.CreateContainerAsync();
        await CreateAsync(container);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => container.PatchItemAsync<Parcel>("1", Key, [PatchOperation.Increment("/weight", 1)], cancellationToken: Cancelled)));

        Assert.Equal(51, (await container.ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled)).Resource.Weight);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static Task<ItemResponse<Parcel>> CreateAsync(Container container) =>
        container.CreateItemAsync(new Parcel { Id = "1", Pk = "a", Name = "old", Weight = 1, Tags = ["one"] }, Key, cancellationToken: Cancelled);
}
