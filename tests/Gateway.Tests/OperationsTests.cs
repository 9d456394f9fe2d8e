using System.Net;
using DroneDelivery.Drones;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Gateway.Tests;

public class OperationsTests(GatewayFixture gateway)
{
    private readonly HttpClient _http = gateway.Http;

    private async Task<string> Stuck(RequestStatus status)
    {
        var (_, body, _) = await _http.Call("POST", "/api/deliveryrequests", Http.Request());
        var id = (string)body!["deliveryId"]!;
        gateway.World.Requests[id] = gateway.World.Requests[id] with { Status = status, Reason = "away", Failures = 8 };
        return id;
    }

    [Fact]
    public async Task Dead_letter_is_listed_inspected_and_replayed()
    {
        var id = await Stuck(RequestStatus.DeadLettered);

        var (_, list, _) = await _http.Call("GET", "/api/operations/deadletters");
        Assert.Contains(list!.AsArray(), entry => (string?)entry!["deliveryId"] == id && (string?)entry["reason"] == "away");
        var (_, inspected, _) = await _http.Call("GET", $"/api/operations/deadletters/{id}");
        Assert.Equal(("DeadLettered", 8), ((string?)inspected!["request"]!["status"], (int?)inspected["failures"]));
        Assert.Equal("Failed (8): away", (string?)Assert.Single(inspected["history"]!.AsArray())!["detail"]);

        var (status, _, _) = await _http.Call("POST", $"/api/operations/deadletters/{id}/replay", """{"note":"fixed"}""");
        Assert.Equal(HttpStatusCode.NoContent, status);
        (_, list, _) = await _http.Call("GET", "/api/operations/deadletters");
        Assert.DoesNotContain(list!.AsArray(), entry => (string?)entry!["deliveryId"] == id);
        await _http.ExpectProblem(409, "conflict", "POST", $"/api/operations/deadletters/{id}/replay", """{"note":"again"}""");
    }

    [Fact]
    public async Task Dead_letters_that_fit_are_replayed_together_once_for_a_key()
    {
        var (first, second, other) = (await Stuck(RequestStatus.DeadLettered), await Stuck(RequestStatus.DeadLettered), await Stuck(RequestStatus.DeadLettered));
        var mark = $"{Guid.NewGuid():N}";
        foreach (var id in (string[])[first, second]) gateway.World.Requests[id] = gateway.World.Requests[id] with { Reason = $"Package keeps failing: {mark}" };
        gateway.World.Requests[other] = gateway.World.Requests[other] with { Reason = $"Account keeps failing: {mark}" };
        var body = $$"""{"reason":"{{mark.ToUpperInvariant()}}","step":"package","limit":1,"note":"fixed"}""";

        var once = await Keyed(mark, body);
        Assert.Equal("200 {\"replayed\":1,\"failed\":0,\"failures\":[],\"more\":true}", once);
        Assert.Equal(once, await Keyed(mark, body));
        Assert.Single((string[])[first, second], id => gateway.World.Requests[id].Status == RequestStatus.DeadLettered);
        Assert.StartsWith("422 ", await Keyed(mark, "{}"), StringComparison.Ordinal);

        var (_, answer, _) = await _http.Call("POST", "/api/operations/deadletters/replay", body);
        Assert.Equal((1, false), ((int?)answer!["replayed"], (bool?)answer["more"]));
        Assert.Equal(RequestStatus.DeadLettered, gateway.World.Requests[other].Status);
        await _http.ExpectFault("limit", "POST", "/api/operations/deadletters/replay", """{"limit":501}""");
        await _http.ExpectFault("before", "POST", "/api/operations/deadletters/replay", """{"before":"yesterday"}""");
    }

    private async Task<string> Keyed(string key, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/operations/deadletters/replay") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("Idempotency-Key", key);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
    }

    [Fact]
    public async Task Dead_letter_is_abandoned()
    {
        var id = await Stuck(RequestStatus.DeadLettered);

        var (status, _, _) = await _http.Call("POST", $"/v1/api/operations/deadletters/{id}/abandon", "{}");
        Assert.Equal(HttpStatusCode.NoContent, status);
        var (_, request, _) = await _http.Call("GET", $"/api/deliveryrequests/{id}");
        Assert.Equal("Failed", (string?)request!["status"]);
    }

    [Theory]
    [InlineData("Continued", "Scheduled")]
    [InlineData("Completed", "Completed")]
    [InlineData("failed", "Failed")]
    public async Task Incident_is_listed_and_resolved(string resolution, string becomes)
    {
        var id = await Stuck(RequestStatus.Incident);
        var (_, list, _) = await _http.Call("GET", "/api/operations/incidents");
        Assert.Contains(list!.AsArray(), entry => (string?)entry!["deliveryId"] == id);
        await _http.ExpectFault("resolution", "POST", $"/api/operations/incidents/{id}/resolve", """{"resolution":"Forgotten"}""");

        var (status, _, _) = await _http.Call("POST", $"/api/operations/incidents/{id}/resolve", $$"""{"resolution":"{{resolution}}","note":"seen"}""");
        Assert.Equal(HttpStatusCode.NoContent, status);
        var (_, request, _) = await _http.Call("GET", $"/api/deliveryrequests/{id}");
        Assert.Equal(becomes, (string?)request!["status"]);
        await _http.ExpectProblem(409, "conflict", "POST", $"/api/operations/incidents/{id}/resolve", """{"resolution":"Continued"}""");
    }

    [Fact]
    public async Task Drone_goes_into_maintenance_and_back()
    {
        var id = $"drone-{Guid.NewGuid():N}";
        await _http.ExpectProblem(404, "not-found", "PUT", $"/api/operations/drones/{id}/maintenance", """{"inMaintenance":true}""");
        await _http.Call("PUT", $"/api/drones/{id}", Http.Drone());

        await _http.ExpectFault("inMaintenance", "PUT", $"/api/operations/drones/{id}/maintenance", """{"reason":"?"}""");
        var (status, _, _) = await _http.Call("PUT", $"/api/operations/drones/{id}/maintenance", """{"inMaintenance":true,"reason":"propeller"}""");
        Assert.Equal(HttpStatusCode.NoContent, status);
        var (_, drone, _) = await _http.Call("GET", $"/api/operations/drones/{id}");
        Assert.Equal(("propeller", id), ((string?)drone!["maintenance"], (string?)drone["drone"]!["droneId"]));
        await _http.Call("PUT", $"/api/operations/drones/{id}/maintenance", """{"inMaintenance":false}""");
        (_, drone, _) = await _http.Call("GET", $"/api/operations/drones/{id}");
        Assert.Null(drone!["maintenance"]);
    }

    [Fact]
    public async Task Drone_whose_reports_are_ignored_shows_so_and_is_reset()
    {
        var id = $"drone-{Guid.NewGuid():N}";
        await _http.ExpectProblem(404, "not-found", "POST", $"/api/operations/drones/{id}/reset");
        await _http.Call("PUT", $"/api/drones/{id}", Http.Drone());
        await _http.Call("POST", $"/api/drones/{id}/telemetry", Http.Report(sequence: 9));
        gateway.World.Drones[id] = gateway.World.Drones[id] with { Alarms = [new(DroneAlarmKind.ReportsIgnored, DateTimeOffset.UnixEpoch, "None is taken in.")] };

        var (_, drone, _) = await _http.Call("GET", $"/api/operations/drones/{id}");
        Assert.Equal(("ReportsIgnored", "None is taken in."), ((string?)drone!["alarms"]![0]!["kind"], (string?)drone["alarms"]![0]!["detail"]));
        var (status, _, _) = await _http.Call("POST", $"/api/operations/drones/{id}/reset");
        Assert.Equal(HttpStatusCode.NoContent, status);
        (_, drone, _) = await _http.Call("GET", $"/api/operations/drones/{id}");
        Assert.Empty(drone!["alarms"]!.AsArray());
        var (_, answer, _) = await _http.Call("POST", $"/api/drones/{id}/telemetry", Http.Report(sequence: 1));
        Assert.Equal("Accepted", (string?)answer!["outcome"]);
    }

    [Fact]
    public async Task Drones_are_listed_a_page_at_a_time()
    {
        foreach (var number in Enumerable.Range(0, 5)) await _http.Call("PUT", $"/api/drones/listed-{number}", Http.Drone());
        var seen = new List<string>();
        string? after = "listed-";
        do
        {
            var (status, page, _) = await _http.Call("GET", $"/api/operations/drones?limit=2&after={after}");
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.InRange(page!["drones"]!.AsArray().Count, 1, 2);
            seen.AddRange(page["drones"]!.AsArray().Select(drone => (string)drone!["drone"]!["droneId"]!));
            after = (string?)page["next"];
        }
        while (after is not null);

        Assert.Equal(Enumerable.Range(0, 5).Select(number => $"listed-{number}"), seen.Where(id => id.StartsWith("listed-", StringComparison.Ordinal)));
        Assert.Equal(seen.Order(StringComparer.Ordinal).Distinct(), seen);
        await _http.ExpectFault("limit", "GET", "/api/operations/drones?limit=0");
        await _http.ExpectFault("after", "GET", "/api/operations/drones?after=%2F");
    }

    [Fact]
    public async Task Weather_hold_is_set_listed_and_lifted()
    {
        var until = DateTimeOffset.UtcNow.AddHours(1);
        await _http.ExpectFault("until", "PUT", "/api/operations/weatherholds/gale", """{"reason":"gale"}""");
        await _http.ExpectFault("reason", "PUT", "/api/operations/weatherholds/gale", $$"""{"until":"{{until:O}}"}""");
        await _http.ExpectFault("until", "PUT", "/api/operations/weatherholds/gale", $$"""{"reason":"gale","until":"{{until.AddDays(8):O}}"}""");
        await _http.ExpectFault("radius", "PUT", "/api/operations/weatherholds/gale", $$$"""{"reason":"gale","until":"{{{until:O}}}","centre":{"latitude":47,"longitude":-122}}""");
        await _http.ExpectProblem(409, "conflict", "PUT", "/api/operations/weatherholds/gale", """{"reason":"gale","until":"2020-01-01T00:00:00Z"}""");

        var (status, _, _) = await _http.Call("PUT", "/api/operations/weatherholds/gale", $$$"""{"reason":"gale","until":"{{{until:O}}}","centre":{"latitude":47,"longitude":-122},"radius":5000}""");
        Assert.Equal(HttpStatusCode.NoContent, status);
        var (_, holds, _) = await _http.Call("GET", "/api/operations/weatherholds");
        var hold = Assert.Single(holds!.AsArray(), hold => (string?)hold!["holdId"] == "gale")!;
        Assert.Equal(("gale", 5000, 47), ((string?)hold["reason"], (double?)hold["radius"], (double?)hold["centre"]!["latitude"]));
        (status, _, _) = await _http.Call("DELETE", "/api/operations/weatherholds/gale");
        Assert.Equal(HttpStatusCode.NoContent, status);
        await _http.ExpectProblem(404, "not-found", "DELETE", "/api/operations/weatherholds/gale");
    }

    [Theory]
    [InlineData("GET", "deadletters/{0}", null)]
    [InlineData("GET", "incidents/{0}", null)]
    [InlineData("GET", "drones/{0}", null)]
    [InlineData("POST", "deadletters/{0}/replay", "{}")]
    [InlineData("POST", "deadletters/{0}/abandon", "{}")]
    [InlineData("POST", "incidents/{0}/resolve", """{"resolution":"Failed"}""")]
    public async Task Unknown_ones_are_not_found(string method, string path, string? body) =>
        await _http.ExpectProblem(404, "not-found", method, "/api/operations/" + path.Replace("{0}", "nobody", StringComparison.Ordinal), body);
}
