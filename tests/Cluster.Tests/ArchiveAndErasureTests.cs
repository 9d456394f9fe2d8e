using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace DroneDelivery.Processes;

/// <summary>A delivery through real processes on each store, to the archive and out of it for good, with the silo killed on the way.</summary>
[Collection(nameof(Processes))]
public sealed class ArchiveAndErasureTests
{
    private const string Owner = "erased-owner";
    private const string Marker = "marker-of-a-person";

    private static readonly string[] ArchivedOnly = ["archive", "packages"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Both at the same time: they mostly wait.
    [Fact]
    public async Task Completed_delivery_is_archived_and_erased_though_its_silo_is_killed()
    {
        await using var local = new LocalStore();
        await using var cosmos = await CosmosStore.StartAsync(Cancellation);
        await Task.WhenAll(ArchiveAndEraseAsync(local), ArchiveAndEraseAsync(cosmos));
    }

    private static async Task ArchiveAndEraseAsync(ClusterStore store)
    {
        using var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string>(store.Settings) { ["Archive:After"] = "00:00:10", ["Archive:Interval"] = "00:00:01", ["Hosting:Mode"] = "Local" };
        await using var silo = new SiloProcess(settings);
        await using var gateway = new GatewayProcess(settings);
        silo.Start();
        gateway.Start();
        await silo.WaitUntilReadyAsync(Cancellation);
        await gateway.WaitUntilReadyAsync(Cancellation);
        var http = gateway.Http;
        await using (var fleet = new FleetProcess(http.BaseAddress!, "--drones", "3", "--interval", "1", "--state", folder.File("fleet.json")))
        {
            fleet.Start();
            var id = await OrderAsync(http);
            await Eventually.HoldsAsync("somebody can be told", async () => await TellAsync(http, id), TimeSpan.FromSeconds(60), Cancellation);
            await Eventually.HoldsAsync("the delivery is completed", async () => (string?)(await GetAsync(http, $"/api/deliveryrequests/{id}"))?["status"] == "Completed", TimeSpan.FromSeconds(120), Cancellation);
            var before = await ReadAsync(http, id);

            await Eventually.HoldsAsync(
                "it is in the archive only", async () => (await store.FindAsync(Marker)).Distinct().Order().SequenceEqual(ArchivedOnly), TimeSpan.FromSeconds(90), Cancellation);
            await RestartAsync(silo, http);

            Assert.Equal(before, await ReadAsync(http, id));
            Assert.Equal(id, await OrderAsync(http)); // Its key means it still.
            using var changed = await http.PatchAsJsonAsync($"/api/deliveryrequests/{id}", new { dropOffLocation = "elsewhere" }, Cancellation);
            Assert.Equal(HttpStatusCode.Conflict, changed.StatusCode);
            Assert.Equal(1, (int?)(await GetAsync(http, Summary()))?["count"]);

            using var begun = await http.PutAsync($"/api/operations/erasures/{Owner}", null, Cancellation);
            Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
            await RestartAsync(silo, http);
            await Eventually.HoldsAsync(
                "all is erased", async () => (string?)(await GetAsync(http, $"/api/operations/erasures/{Owner}"))?["status"] == "Erased", TimeSpan.FromSeconds(180), Cancellation);

            Assert.Empty(await store.FindAsync(Marker));
            Assert.Null(await GetAsync(http, $"/api/deliveries/{id}"));
            Assert.Null(await GetAsync(http, $"/api/deliveryrequests/{id}"));
            Assert.Empty((JsonArray)(await GetAsync(http, $"/api/deliveries?ownerId={Owner}"))!["deliveries"]!);
            Assert.Equal(1, (int?)(await GetAsync(http, Summary()))?["count"]);
        }
    }

    private static string Summary() => $"/api/deliveries/summary?ownerId={Owner}&year={DateTime.UtcNow.Year}&month={DateTime.UtcNow.Month}";

    private static async Task<string> OrderAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/deliveryrequests")
        {
            Headers = { { "Idempotency-Key", "the-one" } },
            Content = JsonContent.Create(new
            {
                confirmationRequired = "None",
                deadline = "",
                dropOffLocation = $"dropoff {Marker}",
                expedited = true,
                ownerId = Owner,
                packageInfo = new { packageId = "erased-package", size = "Small", tag = Marker, weight = 1 },
                pickupLocation = $"pickup {Marker}",
                pickupTime = "2019-05-08T20:00:00.000Z",
            }),
        };
        using var accepted = await http.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        return (string)(await accepted.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["deliveryId"]!;
    }

    private static async Task<bool> TellAsync(HttpClient http, string id)
    {
        using var answer = await http.PostAsJsonAsync($"/api/deliveries/{id}/notifymerequests", new { emailAddress = $"{Marker}@example.org" }, Cancellation);
        return answer.StatusCode == HttpStatusCode.NoContent;
    }

    private static async Task<string> ReadAsync(HttpClient http, string id) => string.Join('\n', await Task.WhenAll(
        new[] { $"/api/deliveries/{id}", $"/api/deliveries/{id}/status", $"/api/deliveries/{id}/history", $"/api/deliveryrequests/{id}", $"/api/deliveries?ownerId={Owner}" }
            .Select(async path => (await GetAsync(http, path))?.ToJsonString())));

    private static async Task<JsonNode?> GetAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path, Cancellation);
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonNode>(Cancellation) : new JsonObject { ["failed"] = (int)answer.StatusCode };
    }

    private static async Task RestartAsync(SiloProcess silo, HttpClient http)
    {
        await silo.KillAsync();
        silo.Start();
        await silo.WaitUntilReadyAsync(Cancellation);
        await Eventually.HoldsAsync("the gateway has found it", async () => await GetAsync(http, "/api/operations/erasures/nobody") is null, TimeSpan.FromSeconds(60), Cancellation);
    }
}
