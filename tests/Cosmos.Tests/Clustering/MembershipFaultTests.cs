using DroneDelivery.Cosmos.Account;
using DroneDelivery.CosmosSimulator.Faults;
using DroneDelivery.CosmosSimulator.Protocol;
using Orleans.Providers.Cosmos;

namespace DroneDelivery.Cosmos.Clustering;

/// <summary>The membership table when requests fail: a change is reported made, or it fails loudly; it is never called refused.</summary>
[Trait("Needs", "Simulator")]
[Trait("Category", "Slow")]
public sealed class MembershipFaultTests : IAsyncLifetime
{
    private TestAccount _account = null!;
    private ProviderHost _providers = null!;
    private ProviderHost _other = null!;

    public static TheoryData<string, bool, bool> Faults => FaultCases.All();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IMembershipTable Table => _providers.Membership;

    public async ValueTask InitializeAsync() => _account = await TestAccount.SimulatedAsync();

    public async ValueTask DisposeAsync()
    {
        if (_providers is not null) await _providers.DisposeAsync();
        if (_other is not null) await _other.DisposeAsync();
        await _account.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Insert_is_made_once_or_fails(string fault, bool lasting, bool repeats)
    {
        await StartAsync(repeats, lasting);
        var entry = Silos.Entry();
        var next = (await Table.ReadAllAsync(Cancellation)).Version.Next();
        _account.Faults.Add(FaultCases.Named(fault, lasting).On(RequestKind.Batch));

        var outcome = await OutcomeAsync(() => Table.InsertRowAsync(entry, next, Cancellation));

        _account.Faults.Clear();
        Assert.NotEqual("False", outcome);
        var data = await Table.ReadAllAsync(Cancellation);
        if (outcome is "True") Assert.Single(data.Members);
        Assert.Equal(data.Members.Count, data.Version.Version);
        // As Orleans does it: read again and go on from there.
        if (data.Members is []) Assert.True(await Table.InsertRowAsync(entry, data.Version.Next(), Cancellation));
        Assert.Equal(entry.ToFullString(), Assert.Single((await Table.ReadAllAsync(Cancellation)).Members).Item1.ToFullString());
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Update_is_made_once_or_fails(string fault, bool lasting, bool repeats)
    {
        await StartAsync(repeats, lasting);
        var entry = await InsertAsync();
        var before = await Table.ReadAllAsync(Cancellation);
        entry.Status = SiloStatus.Active;
        _account.Faults.Add(FaultCases.Named(fault, lasting).On(RequestKind.Batch));

        var outcome = await OutcomeAsync(() => Table.UpdateRowAsync(entry, before.Version.VersionEtag, before.Version.Next(), Cancellation));

        _account.Faults.Clear();
        Assert.NotEqual("False", outcome);
        var data = await Table.ReadAllAsync(Cancellation);
        var made = data.Version.Version == before.Version.Version + 1;
        if (outcome is "True") Assert.True(made);
        Assert.Equal(made ? SiloStatus.Active : SiloStatus.Joining, Assert.Single(data.Members).Item1.Status);
        if (!made) Assert.True(await Table.UpdateRowAsync(entry, data.Version.VersionEtag, data.Version.Next(), Cancellation));
        Assert.Equal(SiloStatus.Active, (await Table.ReadAllAsync(Cancellation)).Members[0].Item1.Status);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Heartbeat_arrives_or_fails(string fault, bool lasting, bool repeats)
    {
        await StartAsync(repeats, lasting);
        var entry = await InsertAsync();
        var before = await Table.ReadAllAsync(Cancellation);
        var alive = entry.IAmAliveTime.AddSeconds(5);
        _account.Faults.Add(FaultCases.Named(fault, lasting).On(RequestKind.PatchItem));

        var outcome = await OutcomeAsync(async () =>
        {
            await Table.UpdateIAmAliveAsync(new() { SiloAddress = entry.SiloAddress, IAmAliveTime = alive }, Cancellation);
            return true;
        });

        _account.Faults.Clear();
        var after = await Table.ReadAllAsync(Cancellation);
        Assert.Equal(before.Version, after.Version);
        if (outcome is "True") entry.IAmAliveTime = alive;
        else entry.IAmAliveTime = after.Members[0].Item1.IAmAliveTime == alive ? alive : entry.IAmAliveTime;
        Assert.Equal(entry.ToFullString(), after.Members[0].Item1.ToFullString());
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Reading_is_complete_or_fails(string fault, bool lasting, bool repeats)
    {
        await StartAsync(repeats, lasting);
        var entry = await InsertAsync(SiloStatus.Active);
        foreach (var operation in new[] { RequestKind.ReadItem, RequestKind.QueryItems })
        {
            _account.Faults.Replace([FaultCases.Named(fault, lasting).On(operation)]);
            var all = await OutcomeAsync(async () => (await Table.ReadAllAsync(Cancellation)).Members.Count is 1);
            _account.Faults.Replace([FaultCases.Named(fault, lasting).On(operation)]);
            var row = await OutcomeAsync(async () => (await Table.ReadRowAsync(entry.SiloAddress, Cancellation)).Members.Count is 1);
            _account.Faults.Replace([FaultCases.Named(fault, lasting).On(operation)]);
            var gateways = await OutcomeAsync(async () => (await _providers.Gateways.GetGatewaysAsync(Cancellation)).Count is 1);

            Assert.NotEqual("False", all);
            Assert.NotEqual("False", row);
            Assert.NotEqual("False", gateways);
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Cleanup_removes_no_others_and_initializing_makes_no_second_version(string fault, bool lasting, bool repeats)
    {
        await StartAsync(repeats, lasting);
        var entry = await InsertAsync();
        var dead = Silos.Entry(SiloStatus.Dead, age: 10);
        Assert.True(await Table.InsertRowAsync(dead, (await Table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation));
        _account.Faults.Add(FaultCases.Named(fault, lasting).On(RequestKind.Batch));

        var cleanup = await OutcomeAsync(async () =>
        {
            await Table.CleanupDefunctSiloEntriesAsync(DateTimeOffset.UtcNow.AddDays(-1), Cancellation);
            return true;
        });
        _account.Faults.Clear();
        var left = (await Table.ReadAllAsync(Cancellation)).Members.Select(member => member.Item1.SiloAddress).ToList();
        Assert.Contains(entry.SiloAddress, left);
        if (cleanup is "True") Assert.Single(left);

        await Table.DeleteMembershipTableEntriesAsync("cluster", Cancellation);
        _account.Faults.Add(FaultCases.Named(fault, lasting).On(RequestKind.CreateItem));
        await OutcomeAsync(async () =>
        {
            await Table.InitializeMembershipTableAsync(true, Cancellation);
            return true;
        });
        _account.Faults.Clear();
        await Table.InitializeMembershipTableAsync(true, Cancellation);
        Assert.Equal(0, (await Table.ReadAllAsync(Cancellation)).Version.Version);
    }

    [Fact]
    public async Task Throttling_beyond_the_budget_is_reported_as_throttling()
    {
        await StartAsync(repeats: false);
        _account.Faults.Add(Fault.Throttled(TimeSpan.FromMilliseconds(1)).Times(null).On(RequestKind.Batch));

        var fault = await Assert.ThrowsAsync<CosmosRequestException>(() => InsertAsync());

        Assert.Equal(429, (int)fault.StatusCode);
        Assert.True(fault.IsTransient);
        // The first attempt and as many repetitions as the options allow.
        Assert.Equal(4, _account.Simulator.Requests.Requests(RequestKind.Batch));
    }

    [Fact]
    public async Task Refusal_is_reported_as_refusal()
    {
        await StartAsync(repeats: false);
        _account.Faults.Add(Fault.Answer(403).Times(null));

        var write = await Assert.ThrowsAsync<CosmosRequestException>(async () => await Table.InsertRowAsync(Silos.Entry(), new(1, "\"etag\""), Cancellation));
        var read = await Assert.ThrowsAsync<CosmosRequestException>(() => Table.ReadAllAsync(Cancellation));

        Assert.All([write, read], fault => Assert.Equal(403, (int)fault.StatusCode));
        Assert.All([write, read], fault => Assert.False(fault.IsTransient));
    }

    [Fact]
    public async Task Container_that_is_gone_is_not_taken_for_an_empty_one()
    {
        await StartAsync(repeats: false);
        var version = (await Table.ReadAllAsync(Cancellation)).Version;
        await _account.Container("OrleansCluster").DeleteContainerAsync(cancellationToken: Cancellation);

        await Assert.ThrowsAsync<CosmosRequestException>(() => Table.ReadAllAsync(Cancellation));
        await Assert.ThrowsAsync<CosmosRequestException>(async () => await Table.InsertRowAsync(Silos.Entry(), version.Next(), Cancellation));
    }

    [Fact]
    public async Task Write_whose_answer_is_lost_and_that_others_overwrite_is_not_called_refused()
    {
        await StartAsync(repeats: true);
        _other = ProviderHost.ForClustering(_account, "cluster");
        await _other.Membership.InitializeMembershipTableAsync(true, Cancellation);
        var entry = await InsertAsync();
        var before = await Table.ReadAllAsync(Cancellation);
        // The first attempt takes effect and its answer is lost; before the client repeats it, another silo replaces the row.
        _account.Faults.Add(Fault.LostAnswer().On(RequestKind.Batch), Fault.Delayed(TimeSpan.FromSeconds(2)).On(RequestKind.Batch));

        entry.Status = SiloStatus.Active;
        var update = Table.UpdateRowAsync(entry, before.Version.VersionEtag, before.Version.Next(), Cancellation);
        MembershipTableData data;
        do data = await _other.Membership.ReadAllAsync(Cancellation);
        while (data.Version == before.Version || _account.Faults.Pending.Count > 0);
        var theirs = Silos.Entry(SiloStatus.Dead);
        theirs.SiloAddress = entry.SiloAddress;
        Assert.True(await _other.Membership.UpdateRowAsync(theirs, data.Version.VersionEtag, data.Version.Next(), Cancellation));

        Assert.Contains("unknown", await OutcomeAsync(() => update), StringComparison.Ordinal);
        Assert.Equal(SiloStatus.Dead, (await Table.ReadAllAsync(Cancellation)).Members[0].Item1.Status);
    }

    [Fact]
    public async Task Race_that_is_lost_while_the_client_repeats_is_called_lost()
    {
        await StartAsync(repeats: true);
        _other = ProviderHost.ForClustering(_account, "cluster");
        await _other.Membership.InitializeMembershipTableAsync(true, Cancellation);
        var before = await Table.ReadAllAsync(Cancellation);
        // The first attempt is cut off without effect, and the repetition comes after another's write.
        _account.Faults.Add(Fault.Reset().On(RequestKind.Batch), Fault.Delayed(TimeSpan.FromSeconds(2)).On(RequestKind.Batch));

        var insert = Table.InsertRowAsync(Silos.Entry(), before.Version.Next(), Cancellation);
        while (_account.Faults.Pending.Count > 0) await Task.Delay(5, Cancellation);
        Assert.True(await _other.Membership.InsertRowAsync(Silos.Entry(), before.Version.Next(), Cancellation));

        Assert.False(await insert);
        Assert.Single((await Table.ReadAllAsync(Cancellation)).Members);
    }

    private async Task StartAsync(bool repeats, bool lasting = false)
    {
        _providers = ProviderHost.ForClustering(_account, "cluster", options =>
        {
            options.LimitToEndpoint = !repeats;
            options.MaxThrottlingRetries = 3;
            options.OperationTimeout = TimeSpan.FromSeconds(lasting ? 5 : 30);
        });
        await Table.InitializeMembershipTableAsync(true, Cancellation);
        await _providers.Gateways.InitializeGatewayListProviderAsync(Cancellation);
    }

    private async Task<MembershipEntry> InsertAsync(SiloStatus status = SiloStatus.Joining)
    {
        var entry = Silos.Entry(status);
        Assert.True(await Table.InsertRowAsync(entry, (await Table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation));
        return entry;
    }

    private static async Task<string> OutcomeAsync(Func<Task<bool>> call)
    {
        try
        {
            return $"{await call()}";
        }
        catch (OrleansException fault)
        {
            return fault.Message;
        }
    }
}
