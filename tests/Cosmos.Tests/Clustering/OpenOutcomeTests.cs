using System.Net;
using DroneDelivery.Cosmos.Account;
using DroneDelivery.CosmosSimulator.Faults;
using DroneDelivery.CosmosSimulator.Protocol;
using Orleans.Providers.Cosmos;

namespace DroneDelivery.Cosmos.Clustering;

/// <summary>One case of each kind of <see cref="MembershipFaultTests"/>, with a client that does not wait.</summary>
[Trait("Needs", "Simulator")]
public sealed class OpenOutcomeTests : IAsyncLifetime
{
    private TestAccount _account = null!;
    private ProviderHost _providers = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IMembershipTable Table => _providers.Membership;

    public async ValueTask InitializeAsync()
    {
        _account = await TestAccount.SimulatedAsync();
        _providers = ProviderHost.ForClustering(_account, "cluster");
        await Table.InitializeMembershipTableAsync(true, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _providers.DisposeAsync();
        await _account.DisposeAsync();
    }

    [Fact]
    public async Task Update_that_was_not_made_is_not_taken_for_ours_because_the_row_is_there()
    {
        var (entry, version) = await InsertAsync();
        entry.Status = SiloStatus.Active;
        _account.Faults.Add(Fault.Answer(408).On(RequestKind.Batch).Times(null));

        await Assert.ThrowsAsync<CosmosRequestException>(() => Table.UpdateRowAsync(entry, version.VersionEtag, version.Next(), Cancellation));

        _account.Faults.Clear();
        var table = await Table.ReadAllAsync(Cancellation);
        Assert.Equal((version, SiloStatus.Joining), (table.Version, Assert.Single(table.Members).Item1.Status));
    }

    [Fact]
    public async Task Update_whose_answer_was_lost_is_made()
    {
        var (entry, version) = await InsertAsync();
        entry.Status = SiloStatus.Active;
        _account.Faults.Add(Fault.AnswerAfterEffect(408).On(RequestKind.Batch).Times(null));

        Assert.True(await Table.UpdateRowAsync(entry, version.VersionEtag, version.Next(), Cancellation));

        var table = await Table.ReadAllAsync(Cancellation);
        Assert.Equal((version.Version + 1, SiloStatus.Active), (table.Version.Version, Assert.Single(table.Members).Item1.Status));
    }

    [Fact]
    public async Task Batch_that_is_refused_as_a_whole_is_no_lost_race()
    {
        var (entry, version) = await InsertAsync();
        _account.Faults.Add(Fault.Answer(412).On(RequestKind.Batch).Times(null));

        var fault = await Assert.ThrowsAsync<CosmosRequestException>(() => Table.UpdateRowAsync(entry, version.VersionEtag, version.Next(), Cancellation));

        Assert.Equal(HttpStatusCode.PreconditionFailed, fault.StatusCode);
    }

    [Fact]
    public async Task Heartbeat_of_a_silo_without_a_row_says_so()
    {
        var fault = await Assert.ThrowsAsync<CosmosRequestException>(() => Table.UpdateIAmAliveAsync(Silos.Entry(), Cancellation));

        Assert.StartsWith("patch_item in container 'OrleansCluster' failed with 404 NotFound: silo ", fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, fault.SubStatusCode);
    }

    private async Task<(MembershipEntry Entry, TableVersion Version)> InsertAsync()
    {
        var entry = Silos.Entry();
        Assert.True(await Table.InsertRowAsync(entry, (await Table.ReadAllAsync(Cancellation)).Version.Next(), Cancellation));
        return (entry, (await Table.ReadAllAsync(Cancellation)).Version);
    }
}
