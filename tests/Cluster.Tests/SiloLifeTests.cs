using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DroneDelivery.Processes;
using Microsoft.Data.Sqlite;

namespace DroneDelivery;

/// <summary>Real silo processes on a local store: they start, meet, die and come back.</summary>
[Collection(nameof(Processes))]
public sealed class SiloLifeTests(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _data = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Silo_on_a_new_store_becomes_ready_and_stops_when_told()
    {
        await using var silo = new SiloProcess(_data.File("new/folder/store.db"));

        silo.Start();
        output.WriteLine($"ready after {await silo.WaitUntilReadyAsync(Cancellation)}");

        await silo.StopAsync();
        Assert.Equal("", silo.Errors);
    }

    [Fact]
    public async Task Silo_told_to_stop_leaves_the_cluster_before_it_ends()
    {
        await using var other = new SiloProcess(_data.Store);
        await using var leaver = new SiloProcess(_data.Store);
        other.Start();
        leaver.Start();
        await Task.WhenAll(other.WaitUntilReadyAsync(Cancellation), leaver.WaitUntilReadyAsync(Cancellation));

        await leaver.StopAsync();

        Assert.Equal([other.SiloPort], ActiveSilos());
        Assert.True(await other.IsReadyAsync(Cancellation));
    }

    [Fact]
    public async Task Silo_told_to_stop_while_it_starts_ends_well()
    {
        await using var store = await CosmosStore.StartAsync(Cancellation);
        using var http = new HttpClient { BaseAddress = store.Endpoint };
        using var slow = await http.PutAsync("/_simulator/settings", new StringContent("""{"latencyMilliseconds":300}"""), Cancellation);
        slow.EnsureSuccessStatusCode();
        await using var silo = new SiloProcess(store.Settings);

        silo.Start();
        await Eventually.HoldsAsync("the silo begins to join", async () =>
        {
            var counts = (await http.GetFromJsonAsync<JsonNode>("/_simulator/requests", Cancellation))!["counts"]!.AsArray();
            return counts.Any(count => ((string?)count!["container"], (string?)count["operation"]) == ("OrleansCluster", "CreateItem"));
        }, ServiceProcess.ReadyDeadline, Cancellation);
        Assert.False(await silo.IsReadyAsync(Cancellation));

        await silo.StopAsync();
    }

    [Fact]
    public async Task Two_silos_started_at_once_on_a_new_store_form_one_cluster()
    {
        await using var first = new SiloProcess(_data.Store);
        await using var second = new SiloProcess(_data.Store);

        first.Start();
        second.Start();
        await Task.WhenAll(first.WaitUntilReadyAsync(Cancellation), second.WaitUntilReadyAsync(Cancellation));

        Assert.Equal(Sorted(first.SiloPort, second.SiloPort), ActiveSilos());
    }

    [Fact]
    public async Task Only_silo_killed_and_restarted_on_its_ports_is_ready_again()
    {
        await using var silo = new SiloProcess(_data.Store);
        silo.Start();
        await silo.WaitUntilReadyAsync(Cancellation);

        await silo.KillAsync();
        silo.Start();
        output.WriteLine($"ready again after {await silo.WaitUntilReadyAsync(Cancellation)}");

        Assert.Equal([silo.SiloPort], ActiveSilos());
    }

    [Fact]
    public async Task One_of_two_silos_killed_the_other_strikes_it_off_and_stays_ready()
    {
        await using var survivor = new SiloProcess(_data.Store);
        await using var victim = new SiloProcess(_data.Store);
        survivor.Start();
        victim.Start();
        await Task.WhenAll(survivor.WaitUntilReadyAsync(Cancellation), victim.WaitUntilReadyAsync(Cancellation));

        await victim.KillAsync();
        var noticed = await Eventually.HoldsAsync(
            "the survivor is the only active silo",
            () => Task.FromResult(ActiveSilos().SequenceEqual([survivor.SiloPort])),
            TimeSpan.FromSeconds(90),
            Cancellation);
        output.WriteLine($"noticed after {noticed}");

        Assert.True(await survivor.IsReadyAsync(Cancellation));
        victim.Start();
        await victim.WaitUntilReadyAsync(Cancellation);
        Assert.Equal(Sorted(survivor.SiloPort, victim.SiloPort), ActiveSilos());
    }

    [Fact]
    public async Task All_silos_killed_one_comes_back_without_waiting_for_the_other()
    {
        await using var first = new SiloProcess(_data.Store);
        await using var second = new SiloProcess(_data.Store);
        first.Start();
        second.Start();
        await Task.WhenAll(first.WaitUntilReadyAsync(Cancellation), second.WaitUntilReadyAsync(Cancellation));

        await Task.WhenAll(first.KillAsync(), second.KillAsync());
        first.Start();
        output.WriteLine($"ready again after {await first.WaitUntilReadyAsync(Cancellation)}");

        Assert.Equal([first.SiloPort], ActiveSilos());
    }

    private static int[] Sorted(params int[] ports) => [.. ports.Order()];

    /// <summary>Silo ports of the members that the cluster counts as active, in order.</summary>
    private int[] ActiveSilos()
    {
        using var connection = new SqliteConnection($"Data Source={_data.Store};Mode=ReadWrite;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT Port FROM OrleansMembershipTable WHERE Status = 3 ORDER BY Port";
        using var reader = command.ExecuteReader();
        var ports = new List<int>();
        while (reader.Read()) ports.Add(reader.GetInt32(0));
        return [.. ports];
    }
}
