using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DroneDelivery.Cosmos.Account;
using DroneDelivery.Cosmos.Clustering;
using DroneDelivery.Cosmos.Persistence;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Persistence.Cosmos;
using Orleans.Storage;

namespace DroneDelivery.Cosmos.Setup;

/// <summary>What the providers store, seen from outside: the official packages' documents, in containers as infrastructure as code would make them.</summary>
public sealed class DocumentTests(AccountFixture fixture) : IClassFixture<AccountFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private TestAccount Account => fixture.Account;

    [Fact]
    public async Task Membership_documents_are_the_official_ones()
    {
        var clusterId = $"{Guid.NewGuid():N}";
        await using var providers = ProviderHost.ForClustering(Account, clusterId);
        await providers.Membership.InitializeMembershipTableAsync(true, Cancellation);
        var entry = Silos.Entry(SiloStatus.Active);
        entry.AddSuspector(Silos.Address(), new(2031, 2, 3, 4, 5, 6, 789, DateTimeKind.Utc));
        Assert.True(await providers.Membership.InsertRowAsync(entry, (await providers.Membership.ReadAllAsync(Cancellation)).Version.Next(), Cancellation));

        var version = await ReadAsync("OrleansCluster", "ClusterVersion", clusterId);
        var silo = await ReadAsync("OrleansCluster", $"127.0.0.1-12345-{entry.SiloAddress.Generation}", clusterId);

        AssertJson(new { id = "ClusterVersion", ClusterId = clusterId, EntityType = "ClusterVersionEntity", ClusterVersion = 1 }, version);
        Assert.NotEmpty(silo["WriteId"]!.GetValue<string>());
        silo.Remove("WriteId");
        AssertJson(
            new
            {
                id = $"127.0.0.1-12345-{entry.SiloAddress.Generation}",
                ClusterId = clusterId,
                EntityType = "SiloEntity",
                Address = "127.0.0.1",
                Port = 12345,
                entry.SiloAddress.Generation,
                Hostname = "host",
                Status = 3,
                ProxyPort = 12345,
                SiloName = "silo",
                SuspectingSilos = new[] { entry.SuspectTimes![0].Item1.ToParsableString() },
                SuspectingTimes = new[] { "2031-02-03 04:05:06.789 GMT" },
                StartTime = new DateTimeOffset(entry.StartTime),
                IAmAliveTime = new DateTimeOffset(entry.IAmAliveTime),
            },
            silo);
    }

    [Fact]
    public async Task State_documents_are_the_official_ones()
    {
        await using var providers = ProviderHost.ForStorage(Account, "things", "a/service");
        var storage = await providers.StorageAsync("things", Cancellation);
        var state = new GrainState<Thing>(new() { Text = "Привет", Number = 7, Tags = ["a"] });

        await storage.WriteStateAsync("a state", GrainId.Create("thing", "k/e_y"), state, Cancellation);

        AssertJson(
            new
            {
                id = "a~0service__thing_k~0e~4y",
                PartitionKey = "a state",
                GrainType = "a state",
                State = new { Text = "Привет", Number = 7, Big = 0, Tags = new[] { "a" } },
            },
            await ReadAsync("OrleansStorage", "a~0service__thing_k~0e~4y", "a state"));
    }

    [Fact]
    public async Task State_that_the_official_package_wrote_is_read_and_written()
    {
        await using var providers = ProviderHost.ForStorage(Account, "things", "official");
        var storage = await providers.StorageAsync("things", Cancellation);
        await Account.Container("OrleansStorage").UpsertItemStreamAsync(
            new MemoryStream(Encoding.UTF8.GetBytes("""{"id":"official__thing_one","_etag":null,"GrainType":"thing","State":{"text":"old","number":5,"Extra":{"a":[1,{"b":null}]}},"PartitionKey":"thing"}""")),
            new("thing"),
            cancellationToken: Cancellation);
        await Account.Container("OrleansStorage").UpsertItemStreamAsync(
            new MemoryStream(Encoding.UTF8.GetBytes("""{"id":"official__thing_two","_etag":null,"GrainType":"thing","State":null,"PartitionKey":"thing"}""")),
            new("thing"),
            cancellationToken: Cancellation);
        var (one, two) = (new GrainState<Thing>(), new GrainState<Thing>());

        await storage.ReadStateAsync("thing", GrainId.Create("thing", "one"), one, Cancellation);
        await storage.ReadStateAsync("thing", GrainId.Create("thing", "two"), two, Cancellation);

        Assert.Equal((true, "old", 5), (one.RecordExists, one.State!.Text, one.State.Number));
        Assert.False(two.RecordExists);
        Assert.NotNull(two.ETag);
        await storage.WriteStateAsync("thing", GrainId.Create("thing", "one"), one, Cancellation);
        two.State = new();
        await storage.WriteStateAsync("thing", GrainId.Create("thing", "two"), two, Cancellation);
    }

    [Fact]
    public async Task State_with_a_partition_of_its_own_lies_under_its_id_and_expires()
    {
        await using var providers = ProviderHost.ForStorage(Account, "things", configure: options =>
        {
            (options.ContainerName, options.Partitioning, options.StateTimeToLive) = ("expiring", CosmosPartitioning.Grain, TimeSpan.FromHours(1));
        });
        var storage = await providers.StorageAsync("things", Cancellation);

        await storage.WriteStateAsync("state", GrainId.Create("thing", "one"), new GrainState<Thing>(new()), Cancellation);

        const string Id = "service__thing_one__state";
        var document = await ReadAsync("expiring", Id, Id);
        Assert.Equal((Id, "state", 3600), (document["PartitionKey"]!.GetValue<string>(), document["GrainType"]!.GetValue<string>(), document["ttl"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData(new byte[] { 0, 1, 2, 255 })]
    [InlineData(new byte[] { (byte)'n', (byte)'o', (byte)'t' })]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { (byte)'1', (byte)' ', (byte)'2' })]
    public async Task State_that_is_no_JSON_is_kept_as_base64(byte[] bytes)
    {
        await using var providers = new ProviderHost("cluster", "service", services => services
            .AddKeyedSingleton<IGrainStorageSerializer>("things", (_, _) => new Raw())
            .AddCosmosGrainStorage("things", Account.Configure));
        var storage = await providers.StorageAsync("things", Cancellation);
        var id = GrainId.Create("thing", Guid.NewGuid().ToString("N"));

        await storage.WriteStateAsync("bytes", id, new GrainState<byte[]>(bytes), Cancellation);

        var read = new GrainState<byte[]>();
        await storage.ReadStateAsync("bytes", id, read, Cancellation);
        Assert.Equal(bytes, read.State);
        var document = await ReadAsync("OrleansStorage", $"service__thing_{id.Key}", "bytes");
        Assert.Equal(("base64", Convert.ToBase64String(bytes)), (document["StateEncoding"]!.GetValue<string>(), document["State"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Text_that_looks_like_base64_or_like_an_encoding_stays_text()
    {
        await using var providers = ProviderHost.ForStorage(Account, "things");
        var storage = await providers.StorageAsync("things", Cancellation);
        foreach (var text in new[] { "AAAA", "base64", "", "StateEncoding\":\"base64" })
        {
            var id = GrainId.Create("thing", Guid.NewGuid().ToString("N"));
            await storage.WriteStateAsync("text", id, new GrainState<Text>(new(text, "base64")), Cancellation);
            var read = new GrainState<Text>();
            await storage.ReadStateAsync("text", id, read, Cancellation);
            Assert.Equal(text, read.State!.State);
        }
    }

    [Fact]
    public async Task Id_beyond_the_limit_is_refused()
    {
        await using var providers = ProviderHost.ForStorage(Account, "things");
        var storage = await providers.StorageAsync("things", Cancellation);

        var fault = await Assert.ThrowsAsync<OrleansException>(
            () => storage.WriteStateAsync("state", GrainId.Create("thing", new string('ж', 520)), new GrainState<Thing>(new()), Cancellation));

        Assert.Contains("1023", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reminder_documents_are_the_official_ones()
    {
        var serviceId = $"{Guid.NewGuid():N}";
        await using var providers = ProviderHost.ForReminders(Account, serviceId);
        await providers.Reminders.StartAsync(Cancellation);
        var grain = GrainId.Create("thing", "one");
        var start = new DateTime(2031, 2, 3, 4, 5, 6, DateTimeKind.Utc);

        await providers.Reminders.UpsertRow(new() { GrainId = grain, ReminderName = "a name", StartAt = start, Period = TimeSpan.FromMinutes(90) }, Cancellation);

        var partition = $"{serviceId}_{grain.GetUniformHashCode():X}";
        AssertJson(
            new
            {
                id = "thing_one_a name",
                PartitionKey = partition,
                ServiceId = serviceId,
                GrainId = "thing/one",
                Name = "a name",
                StartAt = new DateTimeOffset(start),
                Period = "01:30:00",
                GrainHash = grain.GetUniformHashCode(),
            },
            await ReadAsync("OrleansReminders", "thing_one_a name", partition));
    }

    [Fact]
    public async Task Containers_come_out_as_specified()
    {
        await using var clustering = ProviderHost.ForClustering(Account, "cluster", options => options.ContainerName = "c1");
        await clustering.Membership.InitializeMembershipTableAsync(true, Cancellation);
        await using var storage = ProviderHost.ForStorage(Account, "things", configure: options => (options.ContainerName, options.StateFieldsToIndex, options.StateTimeToLive) = ("c2", ["Owner", "/Address/City"], TimeSpan.FromDays(1)));
        await storage.StorageAsync("things", Cancellation);
        await using var plain = ProviderHost.ForStorage(Account, "things", configure: options => options.ContainerName = "c3");
        await plain.StorageAsync("things", Cancellation);
        await using var reminders = ProviderHost.ForReminders(Account, "service", options => options.ContainerName = "c4");
        await reminders.Reminders.StartAsync(Cancellation);

        await AssertContainerAsync("c1", "/ClusterId", null, "/ClusterId/?", "/EntityType/?", "/Status/?");
        await AssertContainerAsync("c2", "/PartitionKey", -1, "/State/\"Owner\"/?", "/State/\"Address\"/\"City\"/?");
        await AssertContainerAsync("c3", "/PartitionKey", null);
        await AssertContainerAsync("c4", "/PartitionKey", null, "/PartitionKey/?", "/ServiceId/?", "/GrainHash/?");
    }

    [Fact]
    public async Task Container_that_exists_is_left_as_it_is()
    {
        Database database = await Account.Client.CreateDatabaseIfNotExistsAsync(Account.Database, cancellationToken: Cancellation);
        await database.CreateContainerIfNotExistsAsync(new("mine", "/PartitionKey") { DefaultTimeToLive = 60 }, cancellationToken: Cancellation);
        await using var storage = ProviderHost.ForStorage(Account, "things", configure: options => options.ContainerName = "mine");

        await storage.StorageAsync("things", Cancellation);

        ContainerProperties properties = await Account.Container("mine").ReadContainerAsync(cancellationToken: Cancellation);
        Assert.Equal(60, properties.DefaultTimeToLive);
    }

    private async Task AssertContainerAsync(string name, string partitionKeyPath, int? timeToLive, params string[] indexed)
    {
        ContainerProperties properties = await Account.Container(name).ReadContainerAsync(cancellationToken: Cancellation);
        Assert.Equal(partitionKeyPath, properties.PartitionKeyPath);
        Assert.Equal(PartitionKeyDefinitionVersion.V2, properties.PartitionKeyDefinitionVersion);
        Assert.Equal(timeToLive, properties.DefaultTimeToLive);
        Assert.Equal(indexed, properties.IndexingPolicy.IncludedPaths.Select(path => path.Path));
        Assert.Contains("/*", properties.IndexingPolicy.ExcludedPaths.Select(path => path.Path));
    }

    private async Task<JsonObject> ReadAsync(string container, string id, string partition)
    {
        using var response = await Account.Container(container).ReadItemStreamAsync(id, new(partition), cancellationToken: Cancellation);
        Assert.True(response.IsSuccessStatusCode, $"{id}: {response.StatusCode}");
        var document = JsonNode.Parse(response.Content)!.AsObject();
        foreach (var property in document.Select(property => property.Key).Where(key => key.StartsWith('_')).ToList()) document.Remove(property);
        return document;
    }

    private static void AssertJson(object expected, JsonObject actual)
    {
        var json = JsonSerializer.SerializeToNode(expected);
        Assert.True(JsonNode.DeepEquals(json, actual), $"Expected {json!.ToJsonString()}\nActual   {actual.ToJsonString()}");
    }

    private sealed record Text(string State, string StateEncoding);

    private sealed class Raw : IGrainStorageSerializer
    {
        public BinaryData Serialize<T>(T? input) => new((byte[])(object)input!);

        public T Deserialize<T>(BinaryData input) => (T)(object)input.ToArray();
    }
}
