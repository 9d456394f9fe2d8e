using System.Net;
using System.Text.Json.Nodes;
using DroneDelivery.Gateway.Tests.Fakes;
using DroneDelivery.Invoicing;

namespace DroneDelivery.Gateway.Tests;

/// <summary>A client of the five earlier services, as it was but for a bearer token, at a gateway outside local mode: every call of theirs, and what it was answered.</summary>
public sealed class EarlierClientTests(OpenGateway gateway, GatewayFixture fixture) : IClassFixture<OpenGateway>, IDisposable
{
    private readonly HttpClient _http = gateway.ClientWith(gateway.Issuer.Token(["Deliveries.ReadWrite.All", "Drones.Report.All"]));
    private readonly string _owner = $"owner-{Guid.NewGuid():N}";
    private readonly string _package = $"package-{Guid.NewGuid():N}";

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("/v1")]
    [InlineData("/v0.1.0")]
    public async Task Delivery_request_is_made_followed_changed_and_called_off(string prefix)
    {
        await Expect(200, "GET", $"{prefix}/api/probe");
        var sent = Http.Request(body => (body["ownerId"], body["packageInfo"]!["packageId"]) = (_owner, _package));
        var (status, accepted, response) = await _http.Call("POST", $"{prefix}/api/deliveryrequests", sent);
        Assert.Equal(HttpStatusCode.Accepted, status);
        var id = (string)accepted!["deliveryId"]!;
        Assert.All(JsonNode.Parse(sent)!.AsObject().Where(field => field.Key is not "pickupTime"), field => Assert.True(JsonNode.DeepEquals(field.Value, accepted[field.Key]), $"{field.Key} is {accepted[field.Key]}"));
        await Expect(200, "GET", response.Headers.Location!.ToString());
        Assert.StartsWith(prefix, response.Headers.Location.ToString(), StringComparison.Ordinal);

        foreach (var path in new[] { $"{prefix}/api/deliveries/{id}", $"{prefix}/api/deliveries/public/{id}" })
            Has(await Expect(200, "GET", path), "id", "owner", "pickup", "dropoff", "deadline", "expedited", "confirmationRequired", "droneId");
        Has(await Expect(200, "GET", $"{prefix}/api/deliveries/{id}/owner"), "userId", "accountId");
        Has(await Expect(200, "GET", $"{prefix}/api/deliveries/{id}/status"), "stage", "lastKnownLocation", "pickupETA", "deliveryETA");

        // Once more with the same package, as clients do.
        await Expect(202, "POST", $"{prefix}/api/deliveryrequests", sent);
        await Expect(200, "PATCH", $"{prefix}/api/deliveryrequests/{id}", """{"pickupLocation":"here","dropOffLocation":"there","deadline":"soon","pickupTime":"2019-01-01T00:00:00+0000"}""");
        await Expect(204, "DELETE", $"{prefix}/api/deliveryrequests/{id}");
        await Expect(200, "GET", $"{prefix}/api/deliveries/{id}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/v0.1.0")]
    public async Task Delivery_is_put_told_of_confirmed_and_deleted(string prefix)
    {
        var id = $"delivery-{Guid.NewGuid():N}";
        var body = $$$"""
            {"id":"{{{id}}}","owner":{"userId":"u","accountId":"{{{_owner}}}"},"pickup":{"altitude":0,"latitude":47.6,"longitude":-122.1},"dropoff":{"altitude":0,"latitude":47.61,"longitude":-122.11},
             "deadline":"x","expedited":true,"confirmationRequired":3,"droneId":"any"}
            """;
        var (status, made, response) = await _http.Call("PUT", $"{prefix}/api/deliveries/{id}", body);
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(id, (string?)made!["id"]);
        await Expect(200, "GET", response.Headers.Location!.ToString());
        await Expect(204, "PUT", $"{prefix}/api/deliveries/{id}", body);
        await Expect(405, "PUT", $"{prefix}/api/deliveries/public/{id}", body);
        await Expect(200, "PATCH", $"{prefix}/api/deliveries/{id}", """{"pickup":{"latitude":47.6,"longitude":-122.1},"dropoff":{"latitude":47.62,"longitude":-122.11},"deadline":"y"}""");
        await Expect(200, "DELETE", $"{prefix}/api/deliveries/{id}");
        await Expect(200, "GET", $"{prefix}/api/deliveries/{id}");

        var flown = await _http.Order(order => (order["ownerId"], order["packageInfo"]!["packageId"], order["packageInfo"]!["tag"]) = (_owner, _package, World.DroneTag + "d1"));
        await Expect(204, "POST", $"{prefix}/api/deliveries/{flown}/notifymerequests", """{"emailAddress":"a@example.com","sms":"5550100"}""");
        await Expect(200, "POST", $"{prefix}/api/deliveries/{flown}/confirmations", """
            {"dateTime":{"dateTimeValue":"2030-01-01T00:00:00Z"},"geoCoordinates":{"altitude":0,"latitude":1,"longitude":2},"confirmationType":1,"confirmationBlob":"aGk="}
            """);
    }

    [Fact]
    public async Task Packages_drones_and_sums_answer_as_they_did()
    {
        var size = $$"""{"size":"small","weight":2,"tag":"t","ownerId":"{{_owner}}"}""";
        await Expect(201, "PUT", $"/api/packages/{_package}", size);
        await Expect(204, "PUT", $"/api/packages/{_package}", size);
        Has(await Expect(200, "GET", $"/api/packages/{_package}"), "id", "size", "weight", "tag");
        await Expect(204, "PATCH", $"/api/packages/{_package}", """{"weight":3}""");
        Has(await Expect(201, "PUT", "/api/packages", size), "id");

        var drone = await fixture.Http.NewDrone();
        var id = $"delivery-{Guid.NewGuid():N}";
        var flight = $$"""
            {"deliveryId":"{{id}}","ownerId":"{{_owner}}","pickup":{"latitude":47.6,"longitude":-122.1},"dropoff":{"latitude":47.61,"longitude":-122.11},
             "packageDetail":{"id":"{{_package}}","size":"small","weight":2,"tag":"{{World.DroneTag}}{{drone}}"},"expedited":false}
            """;
        Assert.Equal(drone, (string?)await Expect(200, "PUT", $"/api/dronedeliveries/{id}", flight));
        Assert.Equal(drone, (string?)await Expect(200, "PUT", $"/api/dronedeliveries/{id}", flight));
        await Expect(200, "PUT", $"/api/drone/{id}", $$"""{"deliveryId":"{{id}}","stage":2,"location":{"altitude":1,"latitude":47.6,"longitude":-122.1} }""");
        Has(await Expect(200, "GET", $"/api/drone/{id}"), "deliveryId", "stage", "location");
        await Expect(200, "DELETE", $"/api/dronedeliveries/{id}");

        fixture.World.Ledgers[$"{_owner}/2024-02-01"] = new LedgerTotals(1, 2, 3, 4);
        Has(await Expect(200, "GET", $"/api/deliveries/summary?ownerId={_owner}&year=2024&month=2"), "count");
        Has(await Expect(200, "GET", $"/api/packages/summary/{_owner}?year=2024&month=2"), "totalWeight");
        Has(await Expect(200, "GET", $"/api/dronedeliveries/utilization?ownerId={_owner}&year=2024&month=2"), "traveledMiles", "assignedHours");
        await Expect(404, "GET", $"/api/dronedeliveries/utilization?ownerId={_owner}&year=2023&month=2");
        await Expect(400, "GET", $"/api/dronedeliveries/utilization?ownerId={_owner}&year=2023&month=13");
    }

    [Theory]
    [InlineData("GET", "/api/deliveries/ID", null)]
    [InlineData("GET", "/api/deliveries/public/ID", null)]
    [InlineData("GET", "/api/deliveries/ID/owner", null)]
    [InlineData("GET", "/api/deliveries/ID/status", null)]
    [InlineData("PATCH", "/api/deliveries/ID", """{"deadline":"x"}""")]
    [InlineData("DELETE", "/api/deliveries/ID", null)]
    [InlineData("POST", "/api/deliveries/ID/notifymerequests", """{"sms":"5550100"}""")]
    [InlineData("POST", "/api/deliveries/ID/confirmations", """{"confirmationType":1,"confirmationBlob":"aGk="}""")]
    [InlineData("GET", "/api/packages/ID", null)]
    public async Task What_is_unknown_is_not_found(string method, string path, string? body) =>
        await Expect(404, method, path.Replace("ID", $"unknown-{Guid.NewGuid():N}", StringComparison.Ordinal), body);

    private static void Has(JsonNode? body, params string[] fields) => Assert.All(fields, field => Assert.True(body!.AsObject().ContainsKey(field), $"no {field} in {body.ToJsonString()}"));

    private async Task<JsonNode?> Expect(int expected, string method, string path, string? json = null)
    {
        var (status, body, _) = await _http.Call(method, path, json);
        Assert.True(expected == (int)status, $"{method} {path} answered {(int)status} instead of {expected}: {body?.ToJsonString()}");
        return body;
    }
}
