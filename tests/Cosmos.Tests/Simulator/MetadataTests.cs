using System.Net;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Cosmos.Simulator;

public sealed class MetadataTests(SimulatorHost host) : IClassFixture<SimulatorHost>
{
    [Fact]
    public async Task Account_is_read()
    {
        var account = await host.Client.ReadAccountAsync();
        Assert.Equal(ConsistencyLevel.BoundedStaleness, account.Consistency.DefaultConsistencyLevel);
    }

    [Fact]
    public async Task Container_keeps_its_definition()
    {
        Database database = await host.Client.CreateDatabaseAsync($"db-{Guid.NewGuid():N}", cancellationToken: Cancelled);
        var wanted = new ContainerProperties("c", "/tenant/id") { PartitionKeyDefinitionVersion = PartitionKeyDefinitionVersion.V2, DefaultTimeToLive = 60 };
        wanted.IndexingPolicy.IndexingMode = IndexingMode.Consistent;
        wanted.IndexingPolicy.ExcludedPaths.Add(new ExcludedPath { Path = "/*" });
        await database.CreateContainerAsync(wanted, cancellationToken: Cancelled);

        var read = (await database.GetContainer("c").ReadContainerAsync(cancellationToken: Cancelled)).Resource;

        Assert.Equal(("/tenant/id", PartitionKeyDefinitionVersion.V2, 60), (read.PartitionKeyPath, read.PartitionKeyDefinitionVersion, read.DefaultTimeToLive));
        Assert.Equal("/*", Assert.Single(read.IndexingPolicy.ExcludedPaths).Path);
    }

    [Fact]
    public async Task Create_if_not_exists_creates_once_even_when_many_try()
    {
        var name = $"db-{Guid.NewGuid():N}";
        var databases = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => host.Client.CreateDatabaseIfNotExistsAsync(name, cancellationToken: Cancelled)));
        var containers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ =>
            host.Client.GetDatabase(name).CreateContainerIfNotExistsAsync("c", "/pk", cancellationToken: Cancelled)));

        Assert.Equal(1, databases.Count(response => response.StatusCode == HttpStatusCode.Created));
        Assert.Equal(1, containers.Count(response => response.StatusCode == HttpStatusCode.Created));
    }

    [Fact]
    public async Task Second_creation_conflicts()
    {
        Database database = await host.Client.CreateDatabaseAsync($"db-{Guid.NewGuid():N}", cancellationToken: Cancelled);
        await database.CreateContainerAsync("c", "/pk", cancellationToken: Cancelled);

        var again = await Assert.ThrowsAsync<CosmosException>(() => host.Client.CreateDatabaseAsync(database.Id, cancellationToken: Cancelled));
        var twice = await Assert.ThrowsAsync<CosmosException>(() => database.CreateContainerAsync("c", "/pk", cancellationToken: Cancelled));

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict), (again.StatusCode, twice.StatusCode));
    }

    [Fact]
    public async Task Container_changes_its_time_to_live_but_not_its_partition_key()
    {
        var container = await host.CreateContainerAsync();
        var properties = (await container.ReadContainerAsync(cancellationToken: Cancelled)).Resource;
        properties.DefaultTimeToLive = 5;

        var replaced = await container.ReplaceContainerAsync(properties, cancellationToken: Cancelled);
        var refused = await Assert.ThrowsAsync<CosmosException>(() => container.ReplaceContainerAsync(new ContainerProperties("items", "/other"), cancellationToken: Cancelled));

        Assert.Equal(5, replaced.Resource.DefaultTimeToLive);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task Lists_and_queries_know_databases_and_containers()
    {
        Database database = await host.Client.CreateDatabaseAsync($"db-{Guid.NewGuid():N}", cancellationToken: Cancelled);
        await database.CreateContainerAsync("a", "/pk", cancellationToken: Cancelled);
        await database.CreateContainerAsync("b", "/pk", cancellationToken: Cancelled);

        using var databases = host.Client.GetDatabaseQueryIterator<DatabaseProperties>();
        using var all = database.GetContainerQueryIterator<ContainerProperties>();
        using var one = database.GetContainerQueryIterator<ContainerProperties>(new QueryDefinition("SELECT * FROM c WHERE c.id = @id").WithParameter("@id", "b"));

        Assert.Contains(database.Id, (await databases.ReadNextAsync(Cancelled)).Select(found => found.Id));
        Assert.Equal(["a", "b"], (await all.ReadNextAsync(Cancelled)).Select(found => found.Id));
        Assert.Equal(["b"], (await one.ReadNextAsync(Cancelled)).Select(found => found.Id));
    }

    [Fact]
    public async Task Deleted_database_takes_its_containers_along()
    {
        var container = await host.CreateContainerAsync();
        await container.Database.DeleteAsync(cancellationToken: Cancelled);

        using var read = await container.ReadItemStreamAsync("1", new PartitionKey("a"), cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;
}
