using System.Net;
using System.Text.Json.Nodes;
using DroneDelivery.Gateway.Tests.Fakes;
using DroneDelivery.Shipping;

namespace DroneDelivery.Gateway.Tests;

public class DeliveriesTests(GatewayFixture gateway)
{
    private const string Body = """{"owner":{"userId":"u","accountId":"a"},"pickup":{"latitude":47.6,"longitude":-122.1,"altitude":0},"dropoff":{"latitude":47.61,"longitude":-122.11},"deadline":"x","expedited":true,"confirmationRequired":3}""";

    private readonly HttpClient _http = gateway.Http;

    [Fact]
    public async Task Delivery_answers_from_its_request_until_it_exists()
    {
        var id = await _http.Order(b => b["confirmationRequired"] = "Voice");
        var pickup = gateway.World.Requests[id].Order.Pickup.Location;

        foreach (var path in new[] { $"/api/deliveries/{id}", $"/api/deliveries/public/{id}" })
        {
            var (_, delivery, _) = await _http.Call("GET", path);
            Assert.Equal("myowner", (string?)delivery!["owner"]!["accountId"]);
            Assert.Equal("myowner", (string?)delivery["owner"]!["userId"]);
            Assert.Equal(pickup.Latitude, (double)delivery["pickup"]!["latitude"]!);
            Assert.Equal(2, (int)delivery["confirmationRequired"]!);
            Assert.True((bool)delivery["expedited"]!);
            Assert.Equal("", (string?)delivery["deadline"]);
            Assert.True(delivery.AsObject().ContainsKey("droneId"));
        }

        var (_, status, _) = await _http.Call("GET", $"/api/deliveries/{id}/status");
        Assert.Equal(["deliveryETA", "lastKnownLocation", "pickupETA", "stage"], status!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.Equal(0, (int)status["stage"]!);
        Assert.Equal(pickup.Longitude, (double)status["lastKnownLocation"]!["longitude"]!);

        var (_, owner, _) = await _http.Call("GET", $"/api/deliveries/{id}/owner");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"userId":"myowner","accountId":"myowner"}"""), owner));

        var (_, history, _) = await _http.Call("GET", $"/api/deliveries/{id}/history");
        Assert.Equal("Created", (string?)Assert.Single(history!.AsArray())!["stage"]);
    }

    [Theory]
    [InlineData(DeliveryStage.HeadedToDropoff, null, true)]
    [InlineData(DeliveryStage.HeadedToDropoff, "drone", null)]
    [InlineData(DeliveryStage.Rescheduled, null, null)]
    [InlineData(DeliveryStage.Completed, null, null)]
    public async Task Delivery_says_that_it_is_lost_only_when_its_parcel_was_given_up_after_the_pickup(DeliveryStage stage, string? droneId, bool? lost)
    {
        var id = await _http.Order();
        var order = gateway.World.Requests[id].Order;
        var plan = new DeliveryPlan(order.OwnerId, order.PackageId, order.Pickup, order.Dropoff, order.DeadlineText, order.Expedited, order.Confirmation);
        gateway.World.Deliveries[id] = new DeliverySnapshot(id, plan, new DeliveryStatus(stage, order.Pickup.Location, null, null), droneId, 1, null);

        var (_, delivery, _) = await _http.Call("GET", $"/api/deliveries/{id}");
        Assert.Equal(lost, (bool?)delivery!["lost"]);
        Assert.Equal(lost is not null, delivery.AsObject().ContainsKey("lost"));
    }

    [Fact]
    public async Task Put_makes_a_delivery_once()
    {
        var id = $"mine-{Guid.NewGuid()}";

        var (first, body, response) = await _http.Call("PUT", $"/v1/api/deliveries/{id}", Body);
        var (second, _, _) = await _http.Call("PUT", $"/api/deliveries/{id}", Body);

        Assert.Equal(HttpStatusCode.Created, first);
        Assert.Equal($"/v1/api/deliveries/{id}", response.Headers.Location?.ToString());
        Assert.Equal("a", (string?)body!["owner"]!["accountId"]);
        Assert.Equal(HttpStatusCode.NoContent, second);
        await _http.ExpectFault("dropoff.latitude", "PUT", $"/api/deliveries/{id}", """{"pickup":"a","dropoff":{"longitude":1}}""");
        await _http.ExpectFault("pickup", "PUT", $"/api/deliveries/{id}", """{"dropoff":"b"}""");
    }

    [Fact]
    public async Task Changes_go_through_the_request()
    {
        var id = await _http.Order();

        var (status, body, _) = await _http.Call("PATCH", $"/api/deliveries/{id}", """{"dropoff":"3,47.65,-122.15","deadline":"later"}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(47.65, (double)body!["dropoff"]!["latitude"]!);
        Assert.Equal("later", (string?)body["deadline"]);

        var (confirmed, _, _) = await _http.Call(
            "POST",
            $"/api/deliveries/{id}/confirmations",
            """{"dateTime":{"dateTimeValue":"2030-01-01T00:00:00Z"},"geoCoordinates":{"latitude":1,"longitude":2,"altitude":3},"confirmationType":"Picture","confirmationBlob":"aGk="}""");
        Assert.Equal(HttpStatusCode.OK, confirmed);
        await _http.ExpectFault("confirmationType", "POST", $"/api/deliveries/{id}/confirmations", "{}");
        await _http.ExpectFault("confirmationType", "POST", $"/api/deliveries/{id}/confirmations", """{"confirmationType":9}""");

        var (cancelled, _, _) = await _http.Call("DELETE", $"/api/deliveries/{id}");
        Assert.Equal(HttpStatusCode.OK, cancelled);
        var (_, history, _) = await _http.Call("GET", $"/api/deliveries/{id}/history");
        Assert.Equal(["Created", "Cancelled"], history!.AsArray().Select(e => (string?)e!["stage"]));
    }

    [Fact]
    public async Task Nothing_changes_after_pickup()
    {
        var drone = await _http.NewDrone();
        var id = await _http.Order(b => b["packageInfo"]!["tag"] = World.DroneTag + drone);
        var (picked, _, _) = await _http.Call("POST", $"/api/drones/{drone}/pickup", $$"""{"deliveryId":"{{id}}","attempt":1}""");
        Assert.Equal(HttpStatusCode.NoContent, picked);

        foreach (var (method, path, json) in new[]
        {
            ("DELETE", $"/api/deliveries/{id}", null), ("DELETE", $"/api/deliveryrequests/{id}", null), ("DELETE", $"/api/dronedeliveries/{id}", null),
            ("PATCH", $"/api/deliveries/{id}", """{"deadline":"x"}"""), ("PATCH", $"/api/deliveryrequests/{id}", """{"deadline":"x"}"""),
        })
        {
            var problem = await _http.ExpectProblem(409, "conflict", method, path, json);
            Assert.Equal("The parcel was picked up.", (string?)problem["detail"]);
        }

        var (_, status, _) = await _http.Call("GET", $"/api/deliveries/{id}/status");
        Assert.Equal(3, (int)status!["stage"]!);
    }

    [Fact]
    public async Task Notification_needs_an_address_and_a_delivery()
    {
        var waiting = await _http.Order();
        var shipped = await _http.Order(b => b["packageInfo"]!["tag"] = World.DroneTag + "d1");

        var (status, _, _) = await _http.Call("POST", $"/api/deliveries/{shipped}/notifymerequests", """{"emailAddress":"a@example.com","sms":"+1 555 0100"}""");
        Assert.Equal(HttpStatusCode.NoContent, status);
        await _http.ExpectProblem(409, "conflict", "POST", $"/api/deliveries/{waiting}/notifymerequests", """{"sms":"5550100"}""");
        await _http.ExpectFault("body", "POST", $"/api/deliveries/{shipped}/notifymerequests", "{}");
        await _http.ExpectFault("emailAddress", "POST", $"/api/deliveries/{shipped}/notifymerequests", """{"emailAddress":"nobody"}""");
        await _http.ExpectFault("sms", "POST", $"/api/deliveries/{shipped}/notifymerequests", """{"sms":"call me"}""");
    }

    [Fact]
    public async Task Drone_delivery_answers_the_drone_as_text_each_time()
    {
        var drone = await _http.NewDrone();
        var id = $"dd-{Guid.NewGuid():N}";
        var json = $$"""{"deliveryId":"{{id}}","pickup":{"latitude":47.6,"longitude":-122.1},"dropoff":"b","packageDetail":{"id":"p","size":"small","weight":"2","tag":"{{World.DroneTag}}{{drone}}"},"expedited":"false"}""";

        for (var i = 0; i < 2; i++)
        {
            var (status, body, response) = await _http.Call("PUT", $"/api/dronedeliveries/{id}", json);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal(drone, (string?)body);
        }

        var (cancelled, _, _) = await _http.Call("DELETE", $"/api/dronedeliveries/{id}");
        Assert.Equal(HttpStatusCode.OK, cancelled);
        await _http.ExpectFault("packageDetail.weight", "PUT", $"/api/dronedeliveries/{id}", """{"pickup":"a","dropoff":"b","packageDetail":{"size":"small"}}""");
    }

    [Fact]
    public async Task Drone_delivery_without_a_drone_is_put_off()
    {
        var (host, http) = await gateway.Open(new() { ["DroneDeliveries:Wait"] = "00:00:00.100", ["DroneDeliveries:Pause"] = "00:00:00.020" });
        await using var _ = host;

        var (status, body, response) = await http.Call("PUT", $"/api/dronedeliveries/dd-{Guid.NewGuid():N}", """{"pickup":"a","dropoff":"b"}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("No drone is free.", (string?)body!["detail"]);
        Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task Earlier_simulator_flies_a_delivery()
    {
        var drone = await _http.NewDrone();
        var id = await _http.Order(b => b["packageInfo"]!["tag"] = World.DroneTag + drone);

        foreach (var (stage, number) in new[] { ("HeadedToPickup", 2), ("HeadedToDropoff", 3), ("4", 4) })
        {
            var (status, body, _) = await _http.Call("PUT", $"/api/drone/{id}", $$"""{"deliveryId":"{{id}}","stage":"{{stage}}","location":{"latitude":47.6{{number}},"longitude":-122.1} }""");
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Equal(number, (int)body!["stage"]!);
        }

        var (_, flight, _) = await _http.Call("GET", $"/api/drone/{id}");
        Assert.Equal(id, (string?)flight!["deliveryId"]);
        Assert.Equal(47.64, (double)flight["location"]!["latitude"]!);
        await _http.ExpectFault("stage", "PUT", $"/api/drone/{id}", """{"stage":5,"location":{"latitude":1,"longitude":1}}""");
        await _http.ExpectFault("location", "PUT", $"/api/drone/{id}", """{"stage":2}""");
    }

    [Fact]
    public async Task Earlier_simulator_does_not_overrule_a_drone_that_reports_for_itself()
    {
        var drone = await _http.NewDrone();
        await _http.Call("POST", $"/api/drones/{drone}/telemetry", Http.Report());
        var id = await _http.Order(b => b["packageInfo"]!["tag"] = World.DroneTag + drone);

        await _http.ExpectProblem(409, "conflict", "PUT", $"/api/drone/{id}", """{"stage":2,"location":{"latitude":47.6,"longitude":-122.1}}""");
    }

    [Fact]
    public async Task Report_that_is_not_believed_says_so()
    {
        var drone = await _http.NewDrone();
        var id = await _http.Order(b => b["packageInfo"]!["tag"] = World.DroneTag + drone);
        gateway.World.Doubts[drone] = "It is 10000 m from the dropoff.";

        var (status, body, _) = await _http.Call("PUT", $"/api/drone/{id}", """{"stage":2,"location":{"latitude":47.6,"longitude":-122.1}}""");
        Assert.Equal((HttpStatusCode.Conflict, $"The drone '{drone}' cannot be believed. It is 10000 m from the dropoff."), (status, (string?)body!["detail"]));
        var (_, answer, _) = await _http.Call("POST", $"/api/drones/{drone}/telemetry", Http.Report());
        Assert.Equal(("Accepted", "It is 10000 m from the dropoff."), ((string?)answer!["outcome"], (string?)answer["doubt"]));
    }
}
