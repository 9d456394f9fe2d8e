using DroneDelivery.Cosmos.Account;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Messaging;

namespace DroneDelivery.Cosmos.Setup;

/// <summary>Real silos and a real client on the providers.</summary>
public sealed class ClusterTests(AccountFixture fixture) : IClassFixture<AccountFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_silos_and_a_client_form_a_cluster_and_keep_it_while_every_silo_is_replaced()
    {
        const int Grains = 30;
        await using var cluster = new Cluster(fixture.Account);
        // Together, on an empty account: both create what is missing.
        var silos = (await Task.WhenAll(cluster.StartSiloAsync(Cancellation), cluster.StartSiloAsync(Cancellation))).ToList();
        var client = await cluster.StartClientAsync(Cancellation);
        await ActiveAsync(client, 2);

        for (var grain = 0; grain < Grains; grain++) Assert.Equal(1, await Counter(client, grain).IncrementAsync());
        await Counter(client, 0).RemindAsync("kept");
        await Counter(client, 0).RemindAsync("removed");
        await Counter(client, 0).ForgetAsync("removed");

        var expected = 1;
        foreach (var old in silos.ToList())
        {
            silos.Add(await cluster.StartSiloAsync(Cancellation));
            await ActiveAsync(client, 3);
            await cluster.StopAsync(old);
            silos.Remove(old);
            await ActiveAsync(client, 2);
            expected++;
            for (var grain = 0; grain < Grains; grain++) await EventuallyCountsAsync(client, grain, expected);
        }

        for (var grain = 0; grain < Grains; grain++) Assert.Equal(expected, await Counter(client, grain).GetAsync());
        Assert.True(await Counter(client, 0).IsRemindedAsync("kept"));
        Assert.False(await Counter(client, 0).IsRemindedAsync("removed"));
        var table = silos[0].Services.GetRequiredService<IMembershipTable>();
        var members = (await table.ReadAllAsync(Cancellation)).Members.Select(member => member.Item1.Status).Order().ToList();
        Assert.Equal([SiloStatus.Active, SiloStatus.Active, SiloStatus.Dead, SiloStatus.Dead], members);
    }

    private static ICounterGrain Counter(IClusterClient client, int grain) => client.GetGrain<ICounterGrain>($"grain/{grain}");

    private static Task ActiveAsync(IClusterClient client, int count) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                return (await client.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)).Count == count;
            }
            catch (Exception fault) when (IsOfASiloThatGoes(fault))
            {
                return false;
            }
        },
        $"{count} silos are active");

    // A call may fail once while its silo goes; whether it counted is looked up before it is repeated.
    private static Task EventuallyCountsAsync(IClusterClient client, int grain, int expected) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                return await Counter(client, grain).GetAsync() == expected || await Counter(client, grain).IncrementAsync() == expected;
            }
            catch (Exception fault) when (IsOfASiloThatGoes(fault))
            {
                return false;
            }
        },
        $"grain {grain} has counted to {expected}");

    // The client learns of a silo that is gone a little later, and calls it until then.
    private static bool IsOfASiloThatGoes(Exception fault) =>
        fault is SiloUnavailableException or OrleansMessageRejectionException or ConnectionFailedException;
}
