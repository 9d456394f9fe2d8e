using System.Collections.Concurrent;
using DroneDelivery.CosmosSimulator;
using DroneDelivery.CosmosSimulator.Journal;
using DroneDelivery.Processes;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Cosmos.Simulator;

public sealed class JournalTests
{
    private static readonly PartitionKey Key = new("a");

    [Fact]
    public async Task Restart_keeps_databases_containers_and_items()
    {
        using var folder = new TemporaryFolder();
        var options = new SimulatorOptions { DataFile = folder.File("cosmos.journal"), Partitions = 3 };
        string database, etag;
        await using (var host = await SimulatorHost.StartAsync(options))
        {
            var container = await host.CreateContainerAsync(configure: properties => properties.DefaultTimeToLive = 1000);
            database = container.Database.Id;
            await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a", Name = "größer" }, Key, cancellationToken: Cancelled);
            await container.CreateItemAsync(new Parcel { Id = "2", Pk = "a" }, Key, cancellationToken: Cancelled);
            await container.CreateItemAsync(new Parcel { Id = "3", Pk = "b" }, new PartitionKey("b"), cancellationToken: Cancelled);
            await container.DeleteItemAsync<Parcel>("2", Key, cancellationToken: Cancelled);
            using var batch = await container.CreateTransactionalBatch(Key)
                .PatchItem("1", [PatchOperation.Increment("/weight", 5)]).CreateItem(new Parcel { Id = "4", Pk = "a" }).ExecuteAsync(Cancelled);
            etag = batch[0].ETag;
            await host.CreateContainerAsync();
            await host.Client.GetDatabase(database).CreateContainerAsync("gone", "/pk", cancellationToken: Cancelled);
            await host.Client.GetContainer(database, "gone").DeleteContainerAsync(cancellationToken: Cancelled);
        }

        // The number of partitions is a property of the container, not of the start.
        await using var again = await SimulatorHost.StartAsync(options with { Partitions = 1 });
        var restored = again.Client.GetContainer(database, "items");
        var read = await restored.ReadItemAsync<Parcel>("1", Key, cancellationToken: Cancelled);
        await restored.CreateItemAsync(new Parcel { Id = "5", Pk = "a" }, Key, cancellationToken: Cancelled);

        Assert.Equal(("größer", 5, etag), (read.Resource.Name, read.Resource.Weight, read.ETag));
        Assert.Equal(["1", "4", "5"], await IdsAsync(restored));
        Assert.Equal(1000, (await restored.ReadContainerAsync(cancellationToken: Cancelled)).Resource.DefaultTimeToLive);
        Assert.Equal(3, (await restored.GetFeedRangesAsync(Cancelled)).Count);
        using var gone = await again.Client.GetContainer(database, "gone").ReadContainerStreamAsync(cancellationToken: Cancelled);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    public async Task Torn_last_record_is_dropped_and_writing_goes_on(int cut)
    {
        using var folder = new TemporaryFolder();
        var options = new SimulatorOptions { DataFile = folder.File("cosmos.journal") };
        var database = await FillAsync(options);
        using (var file = File.OpenWrite(options.DataFile!)) file.SetLength(file.Length - cut);

        await using (var host = await SimulatorHost.StartAsync(options))
        {
            var container = host.Client.GetContainer(database, "items");
            Assert.Equal(["1", "2"], await IdsAsync(container));
            await container.CreateItemAsync(new Parcel { Id = "4", Pk = "a" }, Key, cancellationToken: Cancelled);
        }

        await using var again = await SimulatorHost.StartAsync(options);
        Assert.Equal(["1", "2", "4"], await IdsAsync(again.Client.GetContainer(database, "items")));
    }

    [Fact]
    public async Task Damage_in_the_middle_stops_the_start_with_a_sentence()
    {
        using var folder = new TemporaryFolder();
        var options = new SimulatorOptions { DataFile = folder.File("cosmos.journal") };
        await FillAsync(options);
        var bytes = await File.ReadAllBytesAsync(options.DataFile!, Cancelled);
        bytes[20] ^= 1;
        await File.WriteAllBytesAsync(options.DataFile!, bytes, Cancelled);

        var failure = await Assert.ThrowsAsync<JournalException>(() => SimulatorHost.StartAsync(options));

        Assert.Contains("is damaged at byte 0", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_simulators_do_not_share_a_file()
    {
        using var folder = new TemporaryFolder();
        var options = new SimulatorOptions { DataFile = folder.File("cosmos.journal") };
        await using var host = await SimulatorHost.StartAsync(options);

        await Assert.ThrowsAsync<JournalException>(() => SimulatorHost.StartAsync(options));
    }

    [Fact]
    public async Task Killed_executable_keeps_every_write_that_it_answered()
    {
        using var folder = new TemporaryFolder();
        await using var process = new SimulatorProcess(folder.File("cosmos.journal"));
        process.Start();
        await process.WaitUntilReadyAsync(Cancelled);
        var answered = new ConcurrentBag<string>();
        using (var client = process.CreateClient())
        {
            Database database = await client.CreateDatabaseAsync("db", cancellationToken: Cancelled);
            Container container = await database.CreateContainerAsync("items", "/pk", cancellationToken: Cancelled);
            using var stop = new CancellationTokenSource();
            var writers = Enumerable.Range(0, 4).Select(writer => WriteAsync(container, writer, answered, stop.Token)).ToArray();
            await Eventually.HoldsAsync("200 items are written", () => Task.FromResult(answered.Count >= 200), TimeSpan.FromSeconds(60), Cancelled);

            await process.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(writers);
        }

        process.Start();
        await process.WaitUntilReadyAsync(Cancelled);
        using var again = process.CreateClient();
        var kept = new HashSet<string>();
        using var iterator = again.GetContainer("db", "items").GetItemQueryIterator<Parcel>();
        while (iterator.HasMoreResults) kept.UnionWith((await iterator.ReadNextAsync(Cancelled)).Select(parcel => parcel.Id));

        Assert.Empty(answered.Except(kept));
        Assert.True(kept.Count <= answered.Count + 4, "More items than were asked for.");
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    // Until the simulator is gone.
    private static async Task WriteAsync(Container container, int writer, ConcurrentBag<string> answered, CancellationToken stop)
    {
        try
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var id = $"{writer}-{i}";
                await container.CreateItemAsync(new Parcel { Id = id, Pk = "a" }, Key, cancellationToken: stop);
                answered.Add(id);
            }
        }
        catch (Exception failure) when (failure is CosmosException or HttpRequestException or OperationCanceledException)
        {
            // The last write of this writer was not answered.
        }
    }

    private static async Task<string> FillAsync(SimulatorOptions options)
    {
        await using var host = await SimulatorHost.StartAsync(options);
        var container = await host.CreateContainerAsync();
        foreach (var id in new[] { "1", "2", "3" }) await container.CreateItemAsync(new Parcel { Id = id, Pk = "a" }, Key, cancellationToken: Cancelled);
        return container.Database.Id;
    }

    private static async Task<IEnumerable<string>> IdsAsync(Container container)
    {
        using var iterator = container.GetItemQueryIterator<Parcel>(requestOptions: new QueryRequestOptions { PartitionKey = Key });
        return [.. (await iterator.ReadNextAsync(Cancelled)).Select(parcel => parcel.Id)];
    }
}
