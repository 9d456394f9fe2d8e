using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Cosmos.Simulator;

public sealed class AdministrationTests
{
    [Fact]
    public async Task Faults_are_asked_for_over_http()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.Endpoint };
        var container = await host.CreateContainerAsync();

        using var put = await http.PutAsync("_simulator/faults", Body("""[{"status":500,"operation":"ReadItem","container":"items"}]"""), Cancelled);
        using var first = await container.ReadItemStreamAsync("1", new PartitionKey("a"), cancellationToken: Cancelled);
        using var second = await container.ReadItemStreamAsync("1", new PartitionKey("a"), cancellationToken: Cancelled);

        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal((HttpStatusCode.InternalServerError, HttpStatusCode.NotFound), (first.StatusCode, second.StatusCode));
        Assert.Equal("[]", await http.GetStringAsync("_simulator/faults", Cancelled));
    }

    [Theory]
    [InlineData("""[{"status":200}]""", "no error")]
    [InlineData("""[{}]""", "needs a status")]
    [InlineData("""[{"status":503,"reset":true}]""", "not both")]
    [InlineData("""[{"statsu":503}]""", "statsu")]
    [InlineData("nonsense", "invalid")]
    public async Task Wrong_fault_is_400_with_a_sentence(string body, string expected)
    {
        await using var host = await SimulatorHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.Endpoint };

        using var put = await http.PutAsync("_simulator/faults", Body(body), Cancelled);

        Assert.Equal(HttpStatusCode.BadRequest, put.StatusCode);
        Assert.Contains(expected, await put.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_are_counted_by_container_and_operation_until_reset()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.Endpoint };
        var container = await host.CreateContainerAsync();
        using (await http.PostAsync("_simulator/reset", null, Cancelled))
        {
            await container.CreateItemAsync(new Parcel { Id = "1", Pk = "a" }, new PartitionKey("a"), cancellationToken: Cancelled);
        }

        var totals = await http.GetFromJsonAsync<JsonElement>("_simulator/requests", Cancelled);
        var created = Assert.Single(totals.GetProperty("counts").EnumerateArray(), count => count.GetProperty("operation").GetString() == "CreateItem");

        Assert.Equal("items", created.GetProperty("container").GetString());
        Assert.Equal(1, created.GetProperty("requests").GetInt32());
        Assert.True(created.GetProperty("charge").GetDouble() >= 5);
    }

    [Fact]
    public async Task Settings_are_changed_while_it_runs()
    {
        await using var host = await SimulatorHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.Endpoint };

        using var put = await http.PutAsync("_simulator/settings", Body("""{"latencyMilliseconds":1.5,"throughput":400,"replicaLagMilliseconds":250}"""), Cancelled);

        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal((1.5, 400.0, 250.0), (host.Server.Latency.TotalMilliseconds, host.Server.Throughput, host.Server.ReplicaLag.TotalMilliseconds));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static StringContent Body(string json) => new(json, System.Text.Encoding.UTF8, "application/json");
}
