using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DroneDelivery.Processes;

/// <summary>The documented call through real processes: silo, gateway and fleet.</summary>
[Collection(nameof(Processes))]
public sealed class DeliveryLifeTests : IDisposable
{
    private const string Order = """
        {"confirmationRequired":"None","deadline":"","dropOffLocation":"drop off","expedited":true,"ownerId":"myowner",
         "packageInfo":{"packageId":"mypackage","size":"Small","tag":"mytag","weight":10},"pickupLocation":"my pickup","pickupTime":"2019-05-08T20:00:00.000Z"}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Delivery_whose_silo_is_killed_in_mid_flight_completes_once()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var silo = new SiloProcess(_folder.Store);
        await using var gateway = new GatewayProcess(_folder.Store);
        silo.Start();
        gateway.Start();
        await silo.WaitUntilReadyAsync(stop);
        await gateway.WaitUntilReadyAsync(stop);
        var http = gateway.Http;
        await using var fleet = new FleetProcess(http.BaseAddress!, "--drones", "3", "--interval", "1", "--state", _folder.File("fleet.json"));
        fleet.Start();

        using var body = new StringContent(Order, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        using var accepted = await http.PostAsync("/v0.1.0/api/deliveryrequests", body, stop);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var id = (string)(await accepted.Content.ReadFromJsonAsync<JsonNode>(stop))!["deliveryId"]!;
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"/v0.1.0/api/deliveries/{id}", stop)).StatusCode);

        await Eventually.HoldsAsync("the drone is on its way", async () => await Stage() is 2 or 3, TimeSpan.FromSeconds(60), stop);
        await silo.KillAsync();
        silo.Start();
        await silo.WaitUntilReadyAsync(stop);
        await Eventually.HoldsAsync("the delivery is completed", async () => await Stage() == 4, TimeSpan.FromSeconds(90), stop);

        var history = (await http.GetFromJsonAsync<JsonArray>($"/api/deliveries/{id}/history", stop))!;
        Assert.Equal(["Created", "Created", "HeadedToPickup", "HeadedToDropoff", "Completed"], history.Select(entry => (string)entry!["stage"]!));

        async Task<int?> Stage()
        {
            using var answer = await http.GetAsync($"/api/deliveries/{id}/status", stop);
            return answer.IsSuccessStatusCode ? (int?)(await answer.Content.ReadFromJsonAsync<JsonNode>(stop))!["stage"] : null;
        }
    }
}
