using System.Net;
using System.Text.Json.Nodes;
using DroneDelivery.Drones;
using DroneDelivery.Gateway.Tests.Fakes;

namespace DroneDelivery.Gateway.Tests;

public class ResourcesTests(GatewayFixture gateway)
{
    private readonly HttpClient _http = gateway.Http;

    [Fact]
    public async Task Package_is_made_replaced_changed_and_read()
    {
        var id = $"p-{Guid.NewGuid():N}";

        var (made, body, response) = await _http.Call("PUT", $"/api/packages/{id}", """{"size":"Medium","weight":"2.5","tag":"t"}""");
        Assert.Equal(HttpStatusCode.Created, made);
        Assert.Equal($"/api/packages/{id}", response.Headers.Location?.ToString());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($$"""{"id":"{{id}}","size":"medium","weight":2.5,"tag":"t"}"""), body), body?.ToJsonString());

        var (replaced, _, _) = await _http.Call("PUT", $"/api/packages/{id}", """{"size":"large","weight":3,"tag":"t"}""");
        Assert.Equal(HttpStatusCode.NoContent, replaced);
        var (changed, _, _) = await _http.Call("PATCH", $"/api/packages/{id}", """{"weight":4}""");
        Assert.Equal(HttpStatusCode.NoContent, changed);
        var (_, read, _) = await _http.Call("GET", $"/api/packages/{id}");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($$"""{"id":"{{id}}","size":"large","weight":4,"tag":"t"}"""), read), read?.ToJsonString());

        await _http.ExpectFault("size", "PUT", $"/api/packages/{id}", """{"size":"tiny","weight":1}""");
        await _http.ExpectFault("weight", "PATCH", $"/api/packages/{id}", """{"weight":0}""");
        await _http.ExpectFault("body", "PATCH", $"/api/packages/{id}", "{}");
    }

    [Fact]
    public async Task Package_without_id_gets_one()
    {
        var (status, body, response) = await _http.Call("PUT", "/v0.1.0/api/packages", """{"size":"small","weight":1}""");

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal($"/v0.1.0/api/packages/{body!["id"]}", response.Headers.Location?.ToString());
        var (read, _, _) = await _http.Call("GET", response.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.OK, read);
    }

    [Fact]
    public async Task Package_of_another_account_is_a_conflict()
    {
        var id = $"p-{Guid.NewGuid():N}";
        await _http.Call("PUT", $"/api/packages/{id}", """{"size":"small","weight":1,"ownerId":"one"}""");

        await _http.ExpectProblem(409, "conflict", "PUT", $"/api/packages/{id}", """{"size":"small","weight":1,"ownerId":"two"}""");

        var (sameOwner, _, _) = await _http.Call("PUT", $"/api/packages/{id}", """{"size":"small","weight":2}""");
        Assert.Equal(HttpStatusCode.NoContent, sameOwner);
    }

    [Fact]
    public async Task Account_is_active_until_suspended()
    {
        var id = $"a-{Guid.NewGuid():N}";

        var (_, fresh, _) = await _http.Call("GET", $"/api/accounts/{id}");
        Assert.Equal("Active", (string?)fresh!["standing"]);
        var (status, body, _) = await _http.Call("PUT", $"/api/accounts/{id}", """{"standing":"suspended","reason":"unpaid"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        var (_, read, _) = await _http.Call("GET", $"/api/accounts/{id}");
        Assert.True(JsonNode.DeepEquals(body, read));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($$"""{"accountId":"{{id}}","standing":"Suspended","reason":"unpaid","limits":null,"openRequests":0,"openWeight":0}"""), read), read?.ToJsonString());
        await _http.ExpectFault("standing", "PUT", $"/api/accounts/{id}", """{"standing":"Beloved"}""");
    }

    [Fact]
    public async Task Account_limits_are_set_kept_and_lifted()
    {
        var id = $"a-{Guid.NewGuid():N}";

        var (_, limited, _) = await _http.Call("PUT", $"/api/accounts/{id}", """{"standing":"Active","limits":{"openRequests":3,"weight":"12.5"}}""");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"openRequests":3,"weight":12.5}"""), limited!["limits"]), limited?.ToJsonString());
        var (_, kept, _) = await _http.Call("PUT", $"/api/accounts/{id}", """{"standing":"Active"}""");
        Assert.Equal(3, (int?)kept!["limits"]?["openRequests"]);
        var (_, lifted, _) = await _http.Call("PUT", $"/api/accounts/{id}", """{"standing":"Active","limits":{}}""");
        Assert.Null(lifted!["limits"]);
        await _http.ExpectFault("limits.openRequests", "PUT", $"/api/accounts/{id}", """{"standing":"Active","limits":{"openRequests":-1}}""");
    }

    [Fact]
    public async Task Drone_is_registered_and_read()
    {
        var id = $"drone-{Guid.NewGuid():N}";

        var (made, body, response) = await _http.Call("PUT", $"/api/drones/{id}", Http.Drone());
        Assert.Equal(HttpStatusCode.Created, made);
        Assert.Equal($"/api/drones/{id}", response.Headers.Location?.ToString());
        var (again, _, _) = await _http.Call("PUT", $"/api/drones/{id}", Http.Drone(b => b["model"] = "Quad 5"));
        Assert.Equal(HttpStatusCode.NoContent, again);
        var (_, read, _) = await _http.Call("GET", $"/api/drones/{id}");
        Assert.Equal("Quad 5", (string?)read!["model"]);
        Assert.Equal("Large", (string?)read["capabilities"]!["maxSize"]);
        Assert.Equal(47.6, (double)read["position"]!["latitude"]!);
        Assert.True(JsonNode.DeepEquals(body!["capabilities"], read["capabilities"]));
    }

    [Theory]
    [InlineData("home", """{"home":null}""")]
    [InlineData("home.latitude", """{"home":{"latitude":"north","longitude":0}}""")]
    [InlineData("capabilities", """{"capabilities":null}""")]
    [InlineData("capabilities.maxPayload", """{"maxPayload":0}""")]
    [InlineData("capabilities.cruiseSpeed", """{"cruiseSpeed":10001}""")]
    [InlineData("capabilities.climbSpeed", """{"climbSpeed":"Infinity"}""")]
    [InlineData("capabilities.cruiseAltitude", """{"cruiseAltitude":-5}""")]
    [InlineData("capabilities.mass", """{"mass":null}""")]
    [InlineData("capabilities.batteryCapacity", """{"batteryCapacity":1e300}""")]
    [InlineData("capabilities.cruisePower", """{"cruisePower":[]}""")]
    [InlineData("capabilities.handlingTime", """{"handlingTime":0}""")]
    [InlineData("capabilities.maxSize", """{"maxSize":"Vast"}""")]
    public async Task Drone_that_could_not_fly_is_refused(string field, string change)
    {
        var json = Http.Drone(b =>
        {
            foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
            {
                if (name is "home" or "capabilities") b[name] = value?.DeepClone();
                else b["capabilities"]![name] = value?.DeepClone();
            }
        });

        await _http.ExpectFault(field, "PUT", "/api/drones/unbuilt", json);
        await _http.ExpectProblem(404, "not-found", "GET", "/api/drones/unbuilt");
    }

    [Fact]
    public async Task Report_is_answered_with_its_outcome_and_the_mission()
    {
        var drone = await _http.NewDrone();
        var id = await _http.Order(b => b["packageInfo"]!["tag"] = World.DroneTag + drone);

        var (status, body, _) = await _http.Call(
            "POST", $"/api/drones/{drone}/telemetry", Http.Report(mission: $$"""{"deliveryId":"{{id}}","attempt":1,"phase":"HeadedToPickup"}"""));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("Accepted", (string?)body!["outcome"]);
        Assert.Equal(
            ["attempt", "deliveryId", "dropoff", "leaseUntil", "phase", "pickup", "weight"],
            body["mission"]!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.Equal("HeadedToPickup", (string?)body["mission"]!["phase"]);

        foreach (var (report, outcome) in new[]
        {
            (Http.Report(), "Superseded"),
            (Http.Report(sequence: 2, time: DateTimeOffset.UtcNow.AddMinutes(-6)), "TooLate"),
            (Http.Report(sequence: 2, time: DateTimeOffset.UtcNow.AddHours(1)), "TooEarly"),
            (Http.Report(sequence: null), "Accepted"),
        })
        {
            var (_, answer, _) = await _http.Call("POST", $"/api/drones/{drone}/telemetry", report);
            Assert.Equal(outcome, (string?)answer!["outcome"]);
        }

        var (_, read, _) = await _http.Call("GET", $"/api/drones/{drone}");
        Assert.Equal(0.9, (double)read!["battery"]!);
    }

    [Theory]
    [InlineData(TelemetryGaps.None, "{}")]
    [InlineData(TelemetryGaps.Position, "{\"position\":null}")]
    [InlineData(TelemetryGaps.Position, "{\"position\":{\"latitude\":null,\"longitude\":null}}")]
    [InlineData(TelemetryGaps.Position, "{\"position\":{\"latitude\":\"NaN\",\"longitude\":\"NaN\"}}")]
    [InlineData(TelemetryGaps.Position, "{\"position\":{\"latitude\":214.7483647,\"longitude\":214.7483647,\"altitude\":0}}")]
    [InlineData(TelemetryGaps.Altitude, "{\"position\":{\"latitude\":1,\"longitude\":1,\"altitude\":-1000}}")]
    [InlineData(TelemetryGaps.Altitude, "{\"position\":{\"latitude\":1,\"longitude\":1,\"altitude\":null}}")]
    [InlineData(TelemetryGaps.Battery, "{\"battery\":-1}")]
    [InlineData(TelemetryGaps.Battery, "{\"battery\":\"-1\"}")]
    [InlineData(TelemetryGaps.Battery, "{\"battery\":-0.01}")]
    [InlineData(TelemetryGaps.Battery, "{\"battery\":null}")]
    [InlineData(TelemetryGaps.Battery | TelemetryGaps.Altitude, "{\"battery\":-1,\"position\":{\"latitude\":1,\"longitude\":1,\"altitude\":-1000}}")]
    public async Task What_a_drone_does_not_know_is_no_reason_to_refuse_its_report(TelemetryGaps gaps, string change)
    {
        var drone = await _http.NewDrone();
        var (status, _, _) = await _http.Call("POST", $"/api/drones/{drone}/telemetry", Http.Report(change: b =>
        {
            foreach (var (name, value) in JsonNode.Parse(change)!.AsObject()) b[name] = value?.DeepClone();
        }));
        Assert.Equal((HttpStatusCode.OK, gaps), (status, gateway.World.Gaps[drone]));
    }

    [Theory]
    [InlineData("position")]
    [InlineData("battery")]
    public async Task What_a_report_leaves_out_is_missing(string field) =>
        await _http.ExpectFault(field, "POST", "/api/drones/any/telemetry", Http.Report(change: b => b.Remove(field)));

    [Theory]
    [InlineData("boot", "{\"boot\":null}")]
    [InlineData("boot", "{\"boot\":1.5}")]
    [InlineData("sequence", "{\"sequence\":-1}")]
    [InlineData("time", "{\"time\":\"now\"}")]
    [InlineData("position", "{\"position\":1}")]
    [InlineData("position.altitude", "{\"position\":{\"latitude\":1,\"longitude\":1,\"altitude\":-1001}}")]
    [InlineData("battery", "{\"battery\":-0.5}")]
    [InlineData("position.longitude", "{\"position\":{\"latitude\":1,\"longitude\":181}}")]
    [InlineData("battery", "{\"battery\":1.1}")]
    [InlineData("mission.phase", "{\"mission\":{\"deliveryId\":\"d\",\"attempt\":1,\"phase\":\"Lost\"}}")]
    [InlineData("mission.deliveryId", "{\"mission\":{\"attempt\":1,\"phase\":1}}")]
    [InlineData("mission.attempt", "{\"mission\":{\"deliveryId\":\"d\",\"phase\":1}}")]
    public async Task Bad_report_is_refused_by_field(string field, string change) =>
        await _http.ExpectFault(field, "POST", "/api/drones/any/telemetry", Http.Report(change: b =>
        {
            foreach (var (name, value) in JsonNode.Parse(change)!.AsObject()) b[name] = value?.DeepClone();
        }));

    [Fact]
    public async Task Pickup_needs_the_valid_mission()
    {
        var drone = await _http.NewDrone();
        var id = await _http.Order(b => b["packageInfo"]!["tag"] = World.DroneTag + drone);

        await _http.ExpectProblem(409, "conflict", "POST", $"/api/drones/{drone}/pickup", $$"""{"deliveryId":"{{id}}","attempt":2}""");
        await _http.ExpectFault("attempt", "POST", $"/api/drones/{drone}/pickup", $$"""{"deliveryId":"{{id}}"}""");
        var (status, _, _) = await _http.Call("POST", $"/api/drones/{drone}/pickup", $$"""{"deliveryId":"{{id}}","attempt":1}""");
        Assert.Equal(HttpStatusCode.NoContent, status);
    }

    [Theory]
    [InlineData("GET", "/api/deliveryrequests/{0}", null)]
    [InlineData("PATCH", "/api/deliveryrequests/{0}", """{"deadline":"x"}""")]
    [InlineData("DELETE", "/api/deliveryrequests/{0}", null)]
    [InlineData("GET", "/api/deliveries/{0}", null)]
    [InlineData("GET", "/api/deliveries/public/{0}", null)]
    [InlineData("GET", "/api/deliveries/{0}/owner", null)]
    [InlineData("GET", "/api/deliveries/{0}/status", null)]
    [InlineData("GET", "/api/deliveries/{0}/history", null)]
    [InlineData("PATCH", "/api/deliveries/{0}", """{"deadline":"x"}""")]
    [InlineData("DELETE", "/api/deliveries/{0}", null)]
    [InlineData("POST", "/api/deliveries/{0}/notifymerequests", """{"sms":"5550100"}""")]
    [InlineData("POST", "/api/deliveries/{0}/confirmations", """{"confirmationType":"None"}""")]
    [InlineData("GET", "/api/packages/{0}", null)]
    [InlineData("PATCH", "/api/packages/{0}", """{"weight":1}""")]
    [InlineData("DELETE", "/api/dronedeliveries/{0}", null)]
    [InlineData("GET", "/api/drone/{0}", null)]
    [InlineData("PUT", "/api/drone/{0}", """{"stage":2,"location":{"latitude":1,"longitude":1}}""")]
    [InlineData("GET", "/api/drones/{0}", null)]
    [InlineData("POST", "/api/drones/{0}/pickup", """{"deliveryId":"x","attempt":1}""")]
    [InlineData("POST", "/api/drones/{0}/telemetry", "report")]
    public async Task Unknown_id_is_not_found_and_a_bad_one_refused(string method, string path, string? json)
    {
        if (json == "report") json = Http.Report();
        foreach (var prefix in new[] { "", "/v1", "/v0.1.0" })
        {
            await _http.ExpectProblem(404, "not-found", method, prefix + string.Format(null, path, "unknown"), json);
            foreach (var bad in new[] { "a%20b", "%0a", "-", "%c3%a9", new string('x', 129), "a%2Fb", "%3Cscript%3E" })
                await _http.ExpectProblem(400, "validation", method, prefix + string.Format(null, path, bad), json);
        }
    }

    [Theory]
    [InlineData("mypackage")]
    [InlineData("0b1f3c1e-6f5d-4a0e-9d3c-0f6a1e2b3c4d")]
    [InlineData("a.b_c:d@e~f+g=h!i$j*k(l),m;n")]
    public async Task Ordinary_id_passes(string id) => await _http.ExpectProblem(404, "not-found", "GET", $"/api/packages/{id}");
}
