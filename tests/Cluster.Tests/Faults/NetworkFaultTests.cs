using System.Globalization;
using DroneDelivery.Processes;

namespace DroneDelivery.Faults;

/// <summary>Apart from the other faults, whose cluster would take its share of the machine.</summary>
[CollectionDefinition(nameof(NetworkFaultTests), DisableParallelization = true)]
public sealed class NetworkFaultCollection;

/// <summary>Silos on hosts of their own, on Azure Cosmos DB as it is simulated, as in production but for the size.</summary>
[Collection(nameof(NetworkFaultTests))]
[Trait("Category", "Fault")]
public sealed class NetworkFaultTests(Published published, ITestOutputHelper output)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silo_cut_off_leaves_and_the_others_go_on()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Network namespaces need root.");
        await using var hosts = await NetworkHosts.CreateAsync(3);
        await using var store = await CosmosStore.StartAsync(Cancellation);
        var offered = CosmosStore.SettingsFor(hosts.Offer(store.Endpoint));
        await using var cluster = await RunningCluster.StartAsync(
            published, store, [.. Enumerable.Range(0, 3).Select(Silo)], output.WriteLine, Cancellation);

        await new FaultRun(cluster, output.WriteLine).RunAsync(NetworkFaults.SiloCutOff(hosts), Cancellation);

        // Outside local mode metrics are served on a port of their own only.
        SiloProcess Silo(int number)
        {
            var silo = new SiloProcess(offered, hosts.AddressOf(number), hosts.On(number));
            silo.Environment.Remove("ASPNETCORE_URLS");
            silo.Environment["Hosting__HealthPort"] = silo.HealthPort.ToString(CultureInfo.InvariantCulture);
            return silo;
        }
    }
}
