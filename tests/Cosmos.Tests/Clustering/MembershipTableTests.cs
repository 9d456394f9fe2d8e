using DroneDelivery.Cosmos.Account;
using Orleans.Providers.Cosmos;

namespace DroneDelivery.Cosmos.Clustering;

/// <summary>What Orleans expects of a membership table.</summary>
public sealed class MembershipTableTests(AccountFixture fixture) : IClassFixture<AccountFixture>, IAsyncLifetime
{
    private readonly string _clusterId = $"test-{Guid.NewGuid():N}";
    private ProviderHost _providers = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IMembershipTable Table => _providers.Membership;

    public async ValueTask InitializeAsync()
    {
        _providers = ProviderHost.ForClustering(fixture.Account, _clusterId);
        await Table.InitializeMembershipTableAsync(true, Cancellation);
    }

    public ValueTask DisposeAsync() => _providers.DisposeAsync();

    [Fact]
    public async Task Empty_table_has_version_zero()
    {
        var data = await Table.ReadAllAsync(Cancellation);

        Assert.Empty(data.Members);
        Assert.Equal(0, data.Version.Version);
        Assert.NotEmpty(data.Version.VersionEtag);
    }

    [Fact]
    public async Task Initializing_again_changes_nothing()
    {
        await InsertAsync(Silos.Entry());
        var before = await Table.ReadAllAsync(Cancellation);

        await Table.InitializeMembershipTableAsync(true, Cancellation);

        var after = await Table.ReadAllAsync(Cancellation);
        Assert.Equal(before.Version, after.Version);
        Assert.Single(after.Members);
    }

    [Fact]
    public async Task Insert_adds_the_row_and_counts_the_version()
    {
        var (entry, next) = (Silos.Entry(), await NextAsync());

        Assert.True(await Table.InsertRowAsync(entry, next, Cancellation));

        foreach (var data in new[] { await Table.ReadAllAsync(Cancellation), await Table.ReadRowAsync(entry.SiloAddress, Cancellation) })
        {
            Assert.Equal(next.Version, data.Version.Version);
            Assert.NotEqual(next.VersionEtag, data.Version.VersionEtag);
            var (stored, etag) = Assert.Single(data.Members);
            Assert.Equal(entry.ToFullString(), stored.ToFullString());
            Assert.NotEmpty(etag);
        }
    }

    [Fact]
    public async Task Insert_under_an_old_version_is_refused()
    {
        var (entry, old) = (Silos.Entry(), await NextAsync());
        Assert.True(await Table.InsertRowAsync(entry, old, Cancellation));

        Assert.False(await Table.InsertRowAsync(entry, old, Cancellation));
        Assert.False(await Table.InsertRowAsync(Silos.Entry(), old, Cancellation));

        Assert.Single((await Table.ReadAllAsync(Cancellation)).Members);
    }

    [Fact]
    public async Task Insert_of_a_row_that_exists_is_refused()
    {
        var entry = await InsertAsync(Silos.Entry());
        var before = (await Table.ReadAllAsync(Cancellation)).Version;

        Assert.False(await Table.InsertRowAsync(entry, before.Next(), Cancellation));

        Assert.Equal(before, (await Table.ReadAllAsync(Cancellation)).Version);
    }

    [Fact]
    public async Task Update_needs_the_current_version_and_replaces_the_row()
    {
        for (var count = 1; count < 10; count++)
        {
            var entry = Silos.Entry();
            entry.SuspectTimes = [Tuple.Create(Silos.Address(), entry.StartTime.AddSeconds(1)), Tuple.Create(Silos.Address(), entry.StartTime.AddSeconds(2))];
            var old = await NextAsync();
            Assert.True(await Table.InsertRowAsync(entry, old, Cancellation));
            var data = await Table.ReadAllAsync(Cancellation);
            var etag = data.TryGet(entry.SiloAddress)!.Item2;

            Assert.False(await Table.UpdateRowAsync(entry, etag, old, Cancellation));
            entry.Status = SiloStatus.Active;
            Assert.True(await Table.UpdateRowAsync(entry, etag, data.Version.Next(), Cancellation));
            Assert.False(await Table.UpdateRowAsync(entry, etag, data.Version.Next(), Cancellation));

            var after = await Table.ReadAllAsync(Cancellation);
            Assert.Equal(entry.ToFullString(), after.TryGet(entry.SiloAddress)!.Item1.ToFullString());
            Assert.Equal(data.Version.Version + 1, after.Version.Version);
            Assert.Equal(count, after.Members.Count);
        }
    }

    [Fact]
    public async Task Update_of_a_row_that_is_missing_is_refused()
    {
        var version = (await Table.ReadAllAsync(Cancellation)).Version;

        Assert.False(await Table.UpdateRowAsync(Silos.Entry(), version.VersionEtag, version.Next(), Cancellation));

        Assert.Equal(version, (await Table.ReadAllAsync(Cancellation)).Version);
    }

    [Fact]
    public async Task Update_with_a_row_of_an_earlier_reading_is_refused()
    {
        var entry = await InsertAsync(Silos.Entry());
        var row = (await Table.ReadAllAsync(Cancellation)).TryGet(entry.SiloAddress)!;
        await InsertAsync(Silos.Entry());

        Assert.False(await Table.UpdateRowAsync(row.Item1, row.Item2, await NextAsync(), Cancellation));
    }

    [Fact]
    public async Task Heartbeat_changes_the_time_alone()
    {
        var entry = await InsertAsync(Silos.Entry(SiloStatus.Active));
        var before = await Table.ReadAllAsync(Cancellation);
        var alive = entry.IAmAliveTime.AddSeconds(5);

        await Table.UpdateIAmAliveAsync(new() { SiloAddress = entry.SiloAddress, IAmAliveTime = alive }, Cancellation);

        var after = await Table.ReadAllAsync(Cancellation);
        Assert.Equal(before.Version, after.Version);
        Assert.Equal(before.Members[0].Item2, after.Members[0].Item2);
        entry.IAmAliveTime = alive;
        Assert.Equal(entry.ToFullString(), after.Members[0].Item1.ToFullString());
        Assert.True(await Table.UpdateRowAsync(entry, before.Members[0].Item2, before.Version.Next(), Cancellation));
    }

    [Fact]
    public async Task Heartbeat_of_a_silo_without_a_row_fails() =>
        await Assert.ThrowsAsync<CosmosRequestException>(() => Table.UpdateIAmAliveAsync(Silos.Entry(), Cancellation));

    [Fact]
    public async Task Row_that_is_missing_reads_as_none_with_the_version()
    {
        var data = await Table.ReadRowAsync(Silos.Address(), Cancellation);

        Assert.Empty(data.Members);
        Assert.Equal(0, data.Version.Version);
    }

    [Fact]
    public async Task Cleanup_removes_the_dead_of_whom_nothing_was_heard_since()
    {
        var kept = new List<MembershipEntry>();
        foreach (var status in Enum.GetValues<SiloStatus>().Where(status => status is not SiloStatus.Dead)) kept.Add(await InsertAsync(Silos.Entry(status, age: 10)));
        kept.Add(await InsertAsync(Silos.Entry(SiloStatus.Dead)));
        var votedOut = Silos.Entry(SiloStatus.Dead, age: 10);
        votedOut.AddSuspector(Silos.Address(), DateTime.UtcNow);
        kept.Add(await InsertAsync(votedOut));
        var startedLate = Silos.Entry(SiloStatus.Dead, age: 10);
        startedLate.StartTime = DateTime.UtcNow;
        kept.Add(await InsertAsync(startedLate));
        await InsertAsync(Silos.Entry(SiloStatus.Dead, age: 10));

        await Table.CleanupDefunctSiloEntriesAsync(DateTimeOffset.UtcNow.AddDays(-7), Cancellation);

        var left = (await Table.ReadAllAsync(Cancellation)).Members.Select(member => member.Item1.SiloAddress);
        Assert.Equivalent(kept.Select(entry => entry.SiloAddress), left, strict: true);
    }

    [Fact]
    public async Task Cleanup_and_deletion_take_more_rows_than_a_batch_holds()
    {
        await InsertAsync(Silos.Entry(SiloStatus.Active));
        for (var count = 0; count < 120; count++) await InsertAsync(Silos.Entry(SiloStatus.Dead, age: 10));

        await Table.CleanupDefunctSiloEntriesAsync(DateTimeOffset.UtcNow.AddDays(-7), Cancellation);
        Assert.Single((await Table.ReadAllAsync(Cancellation)).Members);

        for (var count = 0; count < 120; count++) await InsertAsync(Silos.Entry());
        await Table.DeleteMembershipTableEntriesAsync(_clusterId, Cancellation);
        await Assert.ThrowsAsync<OrleansException>(() => Table.ReadAllAsync(Cancellation));
        await Table.InitializeMembershipTableAsync(true, Cancellation);
        Assert.Equal(0, (await Table.ReadAllAsync(Cancellation)).Version.Version);
    }

    [Fact]
    public async Task Deletion_leaves_other_clusters_alone()
    {
        await using var other = ProviderHost.ForClustering(fixture.Account, $"{_clusterId}-other");
        await other.Membership.InitializeMembershipTableAsync(true, Cancellation);
        await InsertAsync(Silos.Entry());

        await other.Membership.DeleteMembershipTableEntriesAsync($"{_clusterId}-other", Cancellation);

        Assert.Single((await Table.ReadAllAsync(Cancellation)).Members);
    }

    [Fact]
    public async Task Gateways_are_the_active_silos_with_a_gateway_port()
    {
        var entries = Enumerable.Range(0, 10).Select(_ => Silos.Entry()).ToList();
        (entries[3].Status, entries[3].ProxyPort) = (SiloStatus.Active, 0);
        entries[5].Status = SiloStatus.Active;
        entries[9].Status = SiloStatus.Active;
        foreach (var entry in entries) await InsertAsync(entry);
        await _providers.Gateways.InitializeGatewayListProviderAsync(Cancellation);

        var gateways = await _providers.Gateways.GetGatewaysAsync(Cancellation);

        Assert.Equivalent(new[] { entries[5].SiloAddress.ToGatewayUri(), entries[9].SiloAddress.ToGatewayUri() }, gateways, strict: true);
    }

#pragma warning disable CS0618, xUnit1051 // The methods without a token are still part of the interface.
    [Fact]
    public async Task Methods_without_a_token_do_the_same()
    {
        await Table.InitializeMembershipTable(true);
        var entry = Silos.Entry(SiloStatus.Active);
        Assert.True(await Table.InsertRow(entry, (await Table.ReadAll()).Version.Next()));
        var data = await Table.ReadRow(entry.SiloAddress);
        Assert.True(await Table.UpdateRow(entry, data.Members[0].Item2, data.Version.Next()));
        await Table.UpdateIAmAlive(entry);
        await Table.CleanupDefunctSiloEntries(DateTimeOffset.UtcNow);
        Assert.Single((await Table.ReadAll()).Members);
        await _providers.Gateways.InitializeGatewayListProvider();
        Assert.Single(await _providers.Gateways.GetGateways());
        await Table.DeleteMembershipTableEntries(_clusterId);
        await Assert.ThrowsAsync<OrleansException>(Table.ReadAll);
    }
#pragma warning restore CS0618, xUnit1051

    [Fact]
    public async Task Twenty_inserts_of_one_row_succeed_once()
    {
        var (entry, next) = (Silos.Entry(), await NextAsync());

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Table.InsertRowAsync(entry, next, Cancellation)));

        Assert.Single(outcomes, inserted => inserted);
        Assert.Equal(1, (await Table.ReadAllAsync(Cancellation)).Version.Version);
    }

    [Fact]
    public async Task Fifty_writers_win_one_round_each()
    {
        const int Writers = 50;
        var entry = await InsertAsync(Silos.Entry());
        var tables = new List<ProviderHost>();
        for (var process = 0; process < 5; process++)
        {
            tables.Add(ProviderHost.ForClustering(fixture.Account, _clusterId));
            await tables[^1].Membership.InitializeMembershipTableAsync(true, Cancellation);
        }

        // In every round all that have not won yet write the same version; exactly one of them is told that it has.
        var left = Enumerable.Range(0, Writers).ToList();
        var won = new List<int>();
        while (left.Count > 0)
        {
            var data = await Table.ReadRowAsync(entry.SiloAddress, Cancellation);
            var (row, etag) = data.Members[0];
            var outcomes = await Task.WhenAll(left.Select(async writer =>
            {
                var mine = Silos.Entry();
                (mine.SiloAddress, mine.SiloName) = (row.SiloAddress, $"writer {writer}");
                return (Writer: writer, Won: await tables[writer % tables.Count].Membership.UpdateRowAsync(mine, etag, data.Version.Next(), Cancellation));
            }));
            var winner = Assert.Single(outcomes, outcome => outcome.Won).Writer;
            var after = await Table.ReadRowAsync(entry.SiloAddress, Cancellation);
            Assert.Equal($"writer {winner}", after.Members[0].Item1.SiloName);
            Assert.Equal(data.Version.Version + 1, after.Version.Version);
            left.Remove(winner);
            won.Add(winner);
        }

        Assert.Equal(Writers, won.Distinct().Count());
        foreach (var table in tables) await table.DisposeAsync();
    }

    [Fact]
    public async Task Readings_under_writes_are_never_torn()
    {
        // Every write gives both rows the version's number, so a reading whose rows differ from its version mixes two states.
        var silos = new[] { Silos.Address(), Silos.Address() };
        var entry = Silos.Entry();
        foreach (var silo in silos) await InsertAsync(Row(silo, 0));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        var writer = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var data = await Table.ReadAllAsync(Cancellation);
                var silo = silos[data.Version.Version % 2];
                await Table.UpdateRowAsync(Row(silo, data.Version.Version + 1), data.Version.VersionEtag, data.Version.Next(), Cancellation);
                await Task.Delay(20, Cancellation);
            }
        }, Cancellation);
        for (var reading = 0; reading < 100; reading++)
        {
            var data = await Table.ReadAllAsync(Cancellation);
            if (data.Version.Version <= 2) continue;
            Assert.Equal(data.Version.Version, data.Members.Max(member => member.Item1.ProxyPort));
        }

        await stop.CancelAsync();
        await writer;

        MembershipEntry Row(SiloAddress silo, int version)
        {
            var row = Silos.Entry();
            (row.SiloAddress, row.ProxyPort, row.StartTime, row.IAmAliveTime) = (silo, version, entry.StartTime, entry.IAmAliveTime);
            return row;
        }
    }

    [Fact]
    public async Task Silos_that_initialize_an_empty_container_together_all_succeed()
    {
        var clusterId = $"{_clusterId}-race";
        var silos = Enumerable.Range(0, 8).Select(_ => ProviderHost.ForClustering(fixture.Account, clusterId, options => options.ContainerName = $"race-{_clusterId}")).ToList();

        await Task.WhenAll(silos.Select(silo => silo.Membership.InitializeMembershipTableAsync(true, Cancellation)));

        var versions = await Task.WhenAll(silos.Select(async silo => (await silo.Membership.ReadAllAsync(Cancellation)).Version));
        Assert.All(versions, version => Assert.Equal(versions[0], version));
        foreach (var silo in silos) await silo.DisposeAsync();
    }

    private async Task<TableVersion> NextAsync() => (await Table.ReadAllAsync(Cancellation)).Version.Next();

    private async Task<MembershipEntry> InsertAsync(MembershipEntry entry)
    {
        Assert.True(await Table.InsertRowAsync(entry, await NextAsync(), Cancellation));
        return entry;
    }
}
