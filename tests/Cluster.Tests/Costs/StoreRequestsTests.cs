using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DroneDelivery.Processes;

namespace DroneDelivery.Costs;

/// <summary>
/// What a completed delivery asks of Cosmos DB, counted by its simulator while silo and gateway run as processes and drones report over HTTP.
/// Counted are all containers, reminders and index included, but for the table of members, whose heartbeats come with time and not with deliveries.
/// </summary>
/// <remarks>
/// Reports and rechecks are hurried as the flight is. <c>FLIGHT=00:10:00</c> flies for so long in real time, with reports every 5 s and the settings as delivered.
/// </remarks>
[Collection(nameof(Processes))]
public sealed class StoreRequestsTests(ITestOutputHelper output)
{
    private const int Deliveries = 24;

    /// <summary>Twice what changes wait to reach the index as one.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan? Flight = TimeSpan.TryParse(Environment.GetEnvironmentVariable("FLIGHT"), CultureInfo.InvariantCulture, out var flight) ? flight : null;

    [Theory]
    [InlineData(Deliveries, 17)] // 16 when no drone is late; one that is costs a request more.
    [InlineData(1, 15)]
    public async Task Completed_delivery_asks_the_store_no_more_than_planned(int owners, int most)
    {
        var stop = TestContext.Current.CancellationToken;
        var (flight, interval) = Flight is { } real ? (real, TimeSpan.FromSeconds(5)) : (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));
        await using var store = await CosmosStore.StartAsync(stop);
        await using var silo = new SiloProcess(store.Settings);
        await using var gateway = new GatewayProcess(store.Settings);
        gateway.Environment["Hosting__Mode"] = "Local"; // Asks for no token.
        if (Flight is null) silo.Environment["Scheduling__Recheck"] = "00:00:02";
        silo.Start();
        gateway.Start();
        await silo.WaitUntilReadyAsync(stop);
        await gateway.WaitUntilReadyAsync(stop);

        var fleet = Enumerable.Range(0, Deliveries + 1).Select(number => new ReportingDrone(gateway.Http, number, flight, interval)).ToList();
        foreach (var drone in fleet) await drone.RegisterAsync(stop);
        using var landing = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var flying = fleet.Select(drone => drone.FlyAsync(landing.Token)).ToList();

        // One delivery before: a process asks for the shape of each container once.
        var first = await OrderAsync(gateway.Http, Deliveries, "first-owner", stop);
        await Eventually.HoldsAsync("the first is completed", async () => await StatusAsync(gateway.Http, first, stop) == "Completed", flight + TimeSpan.FromMinutes(2), stop);
        await Eventually.HoldsAsync("all drones have reported", () => Task.FromResult(fleet.All(drone => drone.HasReported)), TimeSpan.FromMinutes(2), stop);

        var start = await CountAtRestAsync(store, stop);
        var ids = new List<string>();
        for (var number = 0; number < Deliveries; number++) ids.Add(await OrderAsync(gateway.Http, number, $"owner-{number % owners}", stop));
        await Eventually.HoldsAsync("all parcels are handed over", () => Task.FromResult(fleet.Sum(drone => drone.Delivered) == Deliveries + 1), flight + TimeSpan.FromMinutes(2), stop);
        await Eventually.HoldsAsync("all requests have ended", async () => (await Task.WhenAll(ids.Select(id => StatusAsync(gateway.Http, id, stop)))).All(status => status == "Completed"), TimeSpan.FromMinutes(1), stop);
        var cost = (await CountAtRestAsync(store, stop)).Since(start);
        await landing.CancelAsync();
        await Task.WhenAll(flying);

        output.WriteLine(cost.Describe($"{Deliveries} deliveries of {owners} owners, flights of {flight}", Deliveries));
        Assert.True(cost.Total <= most * Deliveries, cost.Describe("Too many", Deliveries));
        Assert.True(cost.Total >= 10 * Deliveries, cost.Describe("They cannot all have been stored", Deliveries));
    }

    private static async Task<string> OrderAsync(HttpClient http, int number, string owner, CancellationToken stop)
    {
        using var answer = await http.PostAsJsonAsync("/api/deliveryrequests", new JsonObject
        {
            ["confirmationRequired"] = "None",
            ["deadline"] = "",
            ["expedited"] = false,
            ["ownerId"] = owner,
            ["packageInfo"] = new JsonObject { ["packageId"] = $"package-{number}", ["size"] = "Small", ["tag"] = "t", ["weight"] = 1 },
            ["pickupLocation"] = ReportingDrone.Place(number, 100),
            ["dropOffLocation"] = ReportingDrone.Place(number, 200),
            ["pickupTime"] = DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture),
        }, stop);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(stop));
        return (string)(await answer.Content.ReadFromJsonAsync<JsonNode>(stop))!["deliveryId"]!;
    }

    private static async Task<string?> StatusAsync(HttpClient http, string id, CancellationToken stop) =>
        (string?)(await http.GetFromJsonAsync<JsonNode>($"/api/deliveryrequests/{id}", stop))!["status"];

    /// <summary>The count when nothing has come for a while; drones that only wait ask nothing of the store.</summary>
    private static async Task<Cost> CountAtRestAsync(CosmosStore store, CancellationToken stop)
    {
        var (count, since) = (await CountAsync(store, stop), Stopwatch.GetTimestamp());
        await Eventually.HoldsAsync("the store is at rest", async () =>
        {
            var now = await CountAsync(store, stop);
            if (now.Total != count.Total) (count, since) = (now, Stopwatch.GetTimestamp());
            return Stopwatch.GetElapsedTime(since) > Rest;
        }, TimeSpan.FromMinutes(2), stop);
        return count;
    }

    private static async Task<Cost> CountAsync(CosmosStore store, CancellationToken stop)
    {
        using var http = new HttpClient { BaseAddress = store.Endpoint };
        var counts = (await http.GetFromJsonAsync<JsonNode>("/_simulator/requests", stop))!["counts"]!.AsArray();
        return new Cost(counts
            .Where(count => (string)count!["container"]! is not ("" or "OrleansCluster"))
            .ToDictionary(count => $"{count!["container"]} {count["operation"]}", count => ((long)count!["requests"]!, (double)count["charge"]!)));
    }

    /// <summary>Requests and request units by container and operation.</summary>
    private sealed record Cost(IReadOnlyDictionary<string, (long Requests, double Charge)> Counts)
    {
        public long Total => Counts.Values.Sum(count => count.Requests);

        public Cost Since(Cost start) => new(Counts
            .ToDictionary(entry => entry.Key, entry => (entry.Value.Requests - start.Counts.GetValueOrDefault(entry.Key).Requests, entry.Value.Charge - start.Counts.GetValueOrDefault(entry.Key).Charge))
            .Where(entry => entry.Value.Item1 > 0).ToDictionary());

        public string Describe(string what, int deliveries) => string.Join('\n', Counts
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => Line(entry.Key, entry.Value.Requests, entry.Value.Charge, deliveries))
            .Prepend(Line($"{what}: for each", Total, Counts.Values.Sum(count => count.Charge), deliveries)));

        private static string Line(string what, long requests, double charge, int deliveries) =>
            string.Create(CultureInfo.InvariantCulture, $"{what}: {(double)requests / deliveries:0.00} requests, {charge / deliveries:0.0} RU");
    }
}

/// <summary>A drone that reports over HTTP at its interval and flies what it is told, half of the flight to the pickup and half to the dropoff.</summary>
file sealed class ReportingDrone(HttpClient http, int number, TimeSpan flight, TimeSpan interval)
{
    private readonly string _path = $"/api/drones/drone-{number}";
    private int _sequence;

    public bool HasReported => _sequence > 1;

    public int Delivered { get; private set; }

    /// <summary>Every drone and its order have a place of their own, some metres from the others'.</summary>
    public static JsonObject Place(int number, double metres) => new() { ["latitude"] = 47.6 + (number * 0.01), ["longitude"] = -122.1 + (metres / 75_000), ["altitude"] = 0 };

    public async Task RegisterAsync(CancellationToken stop)
    {
        using var answer = await http.PutAsJsonAsync(_path, new JsonObject
        {
            ["model"] = "test",
            ["home"] = Place(number, 0),
            ["capabilities"] = new JsonObject
            {
                ["maxPayload"] = 10,
                ["maxSize"] = "Large",
                ["cruiseSpeed"] = 20,
                ["climbSpeed"] = 5,
                ["cruiseAltitude"] = 50,
                ["mass"] = 20,
                ["batteryCapacity"] = 5_000,
                ["cruisePower"] = 1_000,
                ["handlingTime"] = 10,
            },
        }, stop);
        answer.EnsureSuccessStatusCode();
    }

    public async Task FlyAsync(CancellationToken landing)
    {
        using var beat = new PeriodicTimer(interval);
        JsonNode? mission = null;
        var phase = "";
        var since = DateTimeOffset.UtcNow;
        while (!landing.IsCancellationRequested)
        {
            var told = await ReportAsync(mission, phase);
            if (mission is null && told is not null) (mission, phase, since) = (told, "HeadedToPickup", DateTimeOffset.UtcNow);
            else if (mission is not null && phase == "Delivered" && told is null) (mission, Delivered) = (null, Delivered + 1);
            else if (phase == "HeadedToPickup" && DateTimeOffset.UtcNow - since > flight / 2 && await AskAsync(mission!)) phase = "HeadedToDropoff";
            else if (phase == "HeadedToDropoff" && DateTimeOffset.UtcNow - since > flight) phase = "Delivered";

            try
            {
                await beat.WaitForNextTickAsync(landing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<JsonNode?> ReportAsync(JsonNode? mission, string phase)
    {
        var report = new JsonObject { ["boot"] = 1, ["sequence"] = ++_sequence, ["time"] = DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture), ["position"] = Place(number, 0), ["battery"] = 1 };
        if (mission is not null) report["mission"] = new JsonObject { ["deliveryId"] = (string)mission["deliveryId"]!, ["attempt"] = (int)mission["attempt"]!, ["phase"] = phase };
        using var answer = await http.PostAsJsonAsync($"{_path}/telemetry", report);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!["mission"];
    }

    private async Task<bool> AskAsync(JsonNode mission)
    {
        using var answer = await http.PostAsJsonAsync($"{_path}/pickup", new JsonObject { ["deliveryId"] = (string)mission["deliveryId"]!, ["attempt"] = (int)mission["attempt"]! });
        return answer.IsSuccessStatusCode;
    }
}
