using System.Net;
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
