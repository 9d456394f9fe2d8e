using DroneDelivery.Cosmos.Account;
using DroneDelivery.CosmosSimulator;
using DroneDelivery.CosmosSimulator.Protocol;
using DroneDelivery.Queries;
using DroneDelivery.Storage.Cosmos;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Providers.Cosmos;

namespace DroneDelivery.Cosmos.Index;

/// <summary>The delivery index on an account, each opening with a client of its own, as processes have.</summary>
public class CosmosDeliveryIndexTests : DeliveryIndexConformance, IAsyncLifetime
{
    private readonly List<ServiceProvider> _processes = [];
    private TestAccount _account = null!;

    public async ValueTask InitializeAsync() => _account = await TestAccount.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
        await _account.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override IDeliveryIndex Open() => Open(_account, _processes);

    internal static IDeliveryIndex Open(TestAccount account, List<ServiceProvider> processes, bool create = true)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddCosmosDeliveryIndex(new CosmosStoreOptions
        {
            ConnectionString = account.ConnectionString,
            DatabaseName = account.Database,
            CreateResources = create,
            ConnectionMode = ConnectionMode.Gateway,
            LimitToEndpoint = true,
        });
        processes.Add(services.BuildServiceProvider());
        return processes[^1].GetRequiredService<IDeliveryIndex>();
    }
}

/// <summary>What only a simulator can show: the number of requests, faults, several partitions.</summary>
public sealed class SimulatedDeliveryIndexTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly List<ServiceProvider> _processes = [];
    private TestAccount _account = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _account = await TestAccount.SimulatedAsync(new SimulatorOptions { Partitions = 4 });

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
        await _account.DisposeAsync();
    }

    [Fact]
    public async Task Row_costs_one_request_each_time_in_the_usual_order()
    {
        var index = await Opened();
        await index.Upsert(Row(DeliveryIndexVersions.Accepted) with { IsNew = true }, Cancellation);
        Assert.Equal(1, Requests());

        for (var sequence = 2; sequence <= 4; sequence++) await index.Upsert(Row(DeliveryIndexVersions.OfTracking(sequence)), Cancellation);
        Assert.Equal(4, Requests());

        // Late and repeated ones cost no more.
        await index.Upsert(Row(DeliveryIndexVersions.Accepted), Cancellation);
        await index.Upsert(Row(DeliveryIndexVersions.OfTracking(3)), Cancellation);
        Assert.Equal(6, Requests());
        TestContext.Current.TestOutputHelper?.WriteLine($"Request units of four rows and two repetitions: {_account.Simulator.Requests.Charge(container: "index"):F1}");
    }

    [Fact]
    public async Task Row_of_a_delivery_that_comes_before_its_requests_is_made_by_the_second_request()
    {
        var index = await Opened();
        await index.Upsert(Row(5), Cancellation);

        Assert.Equal(2, Requests());
        Assert.Equal(5, Assert.Single((await index.Query(new("owner"), Cancellation)).Deliveries).Version);
    }

    [Fact]
    public async Task Page_of_one_owner_costs_one_request()
    {
        var index = await Opened();
        for (var number = 0; number < 30; number++) await index.Upsert(Row(1, $"d{number}"), Cancellation);
        _account.Simulator.Requests.Reset();

        Assert.Equal(10, (await index.Query(new("owner", DeliveryStage.Created, Noon, Limit: 10), Cancellation)).Deliveries.Count);
        Assert.Equal(1, _account.Simulator.Requests.Requests(RequestKind.QueryItems, "index"));
    }

    [Fact]
    public async Task All_owners_in_several_partitions_are_read_in_order()
    {
        var index = await Opened();
        for (var number = 0; number < 40; number++) await index.Upsert(Row(1, $"d{number:00}", Noon.AddSeconds(number)) with { OwnerId = $"owner-{number % 13}" }, Cancellation);

        var ids = new List<string>();
        var query = new DeliveryIndexQuery(Limit: 7);
        for (DeliveryIndexPage? page = null; page is null || page.Next is not null; query = query with { After = page.Next })
        {
            page = await index.Query(query, Cancellation);
            ids.AddRange(page.Deliveries.Select(row => row.DeliveryId));
        }

        Assert.Equal(Enumerable.Range(0, 40).Reverse().Select(number => $"d{number:00}"), ids);
    }

    [Theory]
    [InlineData("408")]
    [InlineData("410")]
    [InlineData("429")]
    [InlineData("449")]
    [InlineData("500")]
    [InlineData("503")]
    [InlineData("reset")]
    [InlineData("answer lost after the effect")]
    [InlineData("408 after the effect")]
    [InlineData("503 after the effect")]
    public async Task Upsert_repeated_until_it_is_answered_has_the_effect_of_once(string fault)
    {
        var index = await Opened();
        foreach (var version in new[] { 1L, 4, 5 })
        {
            _account.Faults.Add(FaultCases.Named(fault, lasting: false).On(version == 1 ? RequestKind.CreateItem : RequestKind.PatchItem).In("index"));
            await Persist(() => index.Upsert(Row(version), Cancellation));
            _account.Faults.Clear();
            Assert.Equal(Row(version), Assert.Single((await index.Query(new("owner"), Cancellation)).Deliveries));
        }
    }

    [Fact]
    public async Task Container_that_is_missing_is_named_at_start()
    {
        var index = (CosmosDeliveryIndex)CosmosDeliveryIndexTests.Open(_account, _processes, create: false);
        var refused = await Assert.ThrowsAsync<OrleansConfigurationException>(async () => await index.OpenAsync(Cancellation));
        Assert.Contains("delivery index", refused.Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", refused.Message, StringComparison.Ordinal);
    }

    private async Task<IDeliveryIndex> Opened()
    {
        var index = (CosmosDeliveryIndex)CosmosDeliveryIndexTests.Open(_account, _processes);
        await index.OpenAsync(Cancellation);
        _account.Simulator.Requests.Reset();
        return index;
    }

    private long Requests() => _account.Simulator.Requests.Requests(RequestKind.CreateItem, "index") + _account.Simulator.Requests.Requests(RequestKind.PatchItem, "index");

    private static DeliveryIndexEntry Row(long version, string id = "d", DateTimeOffset? changed = null) =>
        new(id, "owner", version, DeliveryStage.Created, Noon, changed ?? Noon.AddMinutes(version));

    /// <summary>As the outbox does.</summary>
    private static async Task Persist(Func<Task> upsert)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await upsert();
                return;
            }
            catch (CosmosRequestException) when (attempt < 10)
            {
                // Told again.
            }
        }
    }
}
