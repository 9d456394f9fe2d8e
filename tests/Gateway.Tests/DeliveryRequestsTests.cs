using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace DroneDelivery.Gateway.Tests;

public class DeliveryRequestsTests(GatewayFixture gateway)
{
    private readonly HttpClient _http = gateway.Http;

    [Theory]
    [InlineData("")]
    [InlineData("/v1")]
    [InlineData("/v0.1.0")]
    public async Task Documented_call_is_accepted_and_its_location_can_be_followed(string prefix)
    {
        var (status, body, response) = await _http.Call("POST", $"{prefix}/api/deliveryrequests", Http.Request());

        Assert.Equal(HttpStatusCode.Accepted, status);
        var id = (string)body!["deliveryId"]!;
        var expected = JsonNode.Parse(Http.Request(b => (b["deliveryId"], b["deadlineUnderstood"]) = (id, true)));
        Assert.True(JsonNode.DeepEquals(expected, body), body.ToJsonString());

        var location = response.Headers.Location!.ToString();
        Assert.StartsWith($"{prefix}/api/", location, StringComparison.Ordinal);
        var (followed, request, _) = await _http.Call("GET", location);
        Assert.Equal(HttpStatusCode.OK, followed);
        Assert.Equal("Waiting", (string?)request!["status"]);
        Assert.Equal("No drone is free.", (string?)request["reason"]);
        Assert.Equal("Transport", (string?)request["step"]);

        var (read, delivery, _) = await _http.Call("GET", $"{prefix}/api/deliveries/{id}");
        Assert.Equal(HttpStatusCode.OK, read);
        Assert.Equal(id, (string?)delivery!["id"]);
    }

    public static TheoryData<string, string> LooseBodies => new()
    {
        { "numbers as text", Http.Request(b => b["packageInfo"]!["weight"] = "10.5") },
        { "dropoffLocation", Http.Request(b => { b.Remove("dropOffLocation"); b["dropoffLocation"] = "drop off"; }) },
        { "names in capitals", Http.Request().Replace("ownerId", "OWNERID", StringComparison.Ordinal).Replace("packageInfo", "PackageInfo", StringComparison.Ordinal) },
        { "a delivery id", Http.Request(b => b["deliveryId"] = "mine") },
        { "time +0000", Http.Request(b => b["pickupTime"] = "2019-05-08T20:00:00.000+0000") },
        { "time +00:00", Http.Request(b => b["pickupTime"] = "2019-05-08T20:00:00+00:00") },
        { "time without zone", Http.Request(b => b["pickupTime"] = "2019-05-08T20:00:00") },
        { "no time", Http.Request(b => b.Remove("pickupTime")) },
        { "deadline that is no time", Http.Request(b => b["deadline"] = "as soon as you can") },
        { "enum in lower case", Http.Request(b => b["confirmationRequired"] = "fingerprint") },
        { "enum as number", Http.Request(b => b["confirmationRequired"] = 1) },
        { "enum as number in text", Http.Request(b => b["packageInfo"]!["size"] = "2") },
        { "flag as text", Http.Request(b => b["expedited"] = "True") },
        { "place as numbers", Http.Request(b => b["pickupLocation"] = "12.5,47.61,-122.12") },
        { "place as object", Http.Request(b => b["pickupLocation"] = new JsonObject { ["latitude"] = "47.61", ["longitude"] = -122.12 }) },
        { "no package id", Http.Request(b => b["packageInfo"]!.AsObject().Remove("packageId")) },
        { "no tag, deadline, flag", Http.Request(b => { b["packageInfo"]!.AsObject().Remove("tag"); b.Remove("deadline"); b.Remove("expedited"); b.Remove("confirmationRequired"); }) },
        { "nulls", Http.Request(b => { b["deadline"] = null; b["pickupTime"] = null; b["packageInfo"]!["tag"] = null; }) },
        { "a byte order mark", "\uFEFF" + Http.Request() },
    };

    [Theory]
    [MemberData(nameof(LooseBodies))]
    public async Task Loose_body_is_accepted(string what, string json)
    {
        var (status, body, _) = await _http.Call("POST", "/api/deliveryrequests", json);

        Assert.True(status == HttpStatusCode.Accepted, $"{what}: {body?.ToJsonString()}");
        Assert.NotEqual("mine", (string?)body!["deliveryId"]);
    }

    [Theory]
    [InlineData("2030-01-31T12:00:00Z", "2030-01-31T12:00:00Z")]
    [InlineData("2030-01-31T12:00:00+0200", "2030-01-31T10:00:00Z")]
    [InlineData("2030-01-31T12:00:00.123+00:00", "2030-01-31T12:00:00.123Z")]
    [InlineData("2030-01-31T12:00", "2030-01-31T12:00:00Z")]
    [InlineData("2030-01-31", "2030-01-31T00:00:00Z")]
    [InlineData("tomorrow", null)]
    [InlineData("5", null)]
    [InlineData("", null)]
    public async Task Deadline_is_kept_as_written_and_counts_when_it_is_a_time(string text, string? deadline)
    {
        var id = await _http.Order(b => b["deadline"] = text);

        var order = gateway.World.Requests[id].Order;
        Assert.Equal(text, order.DeadlineText);
        Assert.Equal(deadline is null ? null : DateTimeOffset.Parse(deadline, CultureInfo.InvariantCulture), order.Deadline);
    }

    [Fact]
    public async Task Place_as_numbers_reads_altitude_latitude_longitude_and_is_echoed_as_text()
    {
        var (_, body, _) = await _http.Call("POST", "/api/deliveryrequests", Http.Request(b => b["pickupLocation"] = "12.5,47.61,-122.12"));

        Assert.Equal("12.5,47.61,-122.12", (string?)body!["pickupLocation"]);
        Assert.Equal(new GeoPoint(47.61, -122.12, 12.5), gateway.World.Requests[(string)body["deliveryId"]!].Order.Pickup.Location);
    }

    [Fact]
    public async Task Place_as_object_is_echoed_as_object()
    {
        var (_, body, _) = await _http.Call(
            "POST", "/api/deliveryrequests", Http.Request(b => b["dropOffLocation"] = JsonNode.Parse("""{"Latitude":47.6,"longitude":"-122.1","altitude":3}""")));

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"latitude":47.6,"longitude":-122.1,"altitude":3}"""), body!["dropOffLocation"]), body.ToJsonString());
    }

    [Fact]
    public async Task Text_place_lies_in_the_service_area_and_is_the_same_each_time()
    {
        var first = gateway.World.Requests[await _http.Order(b => b["pickupLocation"] = "Main Street 1")].Order.Pickup;
        var second = gateway.World.Requests[await _http.Order(b => b["pickupLocation"] = " main  STREET 1 ")].Order.Pickup;

        Assert.Equal(first.Location, second.Location);
        Assert.InRange(first.Location.DistanceTo(new GeoPoint(47.64, -122.14)), 0, 8_000);
    }

    [Theory]
    [InlineData("ownerId", """{"ownerId":null}""")]
    [InlineData("ownerId", """{"ownerId":"a\u0000b"}""")]
    [InlineData("ownerId", """{"ownerId":"a b"}""")]
    [InlineData("ownerId", """{"ownerId":".."}""")]
    [InlineData("ownerId", """{"ownerId":{}}""")]
    [InlineData("packageInfo", """{"packageInfo":null}""")]
    [InlineData("packageInfo", """{"packageInfo":"Small"}""")]
    [InlineData("packageInfo.size", """{"packageInfo":{"weight":1}}""")]
    [InlineData("packageInfo.size", """{"packageInfo":{"size":"Huge","weight":1}}""")]
    [InlineData("packageInfo.size", """{"packageInfo":{"size":7,"weight":1}}""")]
    [InlineData("packageInfo.size", """{"packageInfo":{"size":"Small,Medium","weight":1}}""")]
    [InlineData("packageInfo.weight", """{"packageInfo":{"size":"Small"}}""")]
    [InlineData("packageInfo.weight", """{"packageInfo":{"size":"Small","weight":0}}""")]
    [InlineData("packageInfo.weight", """{"packageInfo":{"size":"Small","weight":-1}}""")]
    [InlineData("packageInfo.weight", """{"packageInfo":{"size":"Small","weight":1000.1}}""")]
    [InlineData("packageInfo.weight", """{"packageInfo":{"size":"Small","weight":"heavy"}}""")]
    [InlineData("packageInfo.weight", """{"packageInfo":{"size":"Small","weight":"NaN"}}""")]
    [InlineData("packageInfo.weight", """{"packageInfo":{"size":"Small","weight":1e999}}""")]
    [InlineData("packageInfo.packageId", """{"packageInfo":{"size":"Small","weight":1,"packageId":"a/b"}}""")]
    [InlineData("pickupLocation", """{"pickupLocation":null}""")]
    [InlineData("pickupLocation", """{"pickupLocation":" "}""")]
    [InlineData("pickupLocation", """{"pickupLocation":true}""")]
    [InlineData("pickupLocation", """{"pickupLocation":"0,91,0"}""")]
    [InlineData("pickupLocation", """{"pickupLocation":"100000,47,-122"}""")]
    [InlineData("pickupLocation.latitude", """{"pickupLocation":{"latitude":91,"longitude":0}}""")]
    [InlineData("pickupLocation.longitude", """{"pickupLocation":{"latitude":1}}""")]
    [InlineData("dropOffLocation.altitude", """{"dropOffLocation":{"latitude":1,"longitude":1,"altitude":1e6}}""")]
    [InlineData("pickupTime", """{"pickupTime":"soon"}""")]
    [InlineData("pickupTime", """{"pickupTime":"0001-01-01T00:00:00Z"}""")]
    [InlineData("pickupTime", """{"pickupTime":{}}""")]
    [InlineData("confirmationRequired", """{"confirmationRequired":"Handshake"}""")]
    [InlineData("expedited", """{"expedited":"maybe"}""")]
    [InlineData("deadline", """{"deadline":[]}""")]
    public async Task Bad_field_is_named_and_nothing_is_left_behind(string field, string change)
    {
        var mark = Guid.NewGuid().ToString();
        var json = Http.Request(b =>
        {
            b["deadline"] = mark;
            foreach (var (name, value) in JsonNode.Parse(change)!.AsObject()) b[name] = value?.DeepClone();
        });

        await _http.ExpectFault(field, "POST", "/api/deliveryrequests", json);

        Assert.DoesNotContain(gateway.World.Requests.Values, request => request.Order.DeadlineText == mark);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{\"ownerId\":\"\\ud800\"}")]
    [InlineData("{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"f\":{\"g\":{\"h\":{\"i\":{\"j\":{\"k\":{\"l\":{\"m\":{\"n\":{\"o\":{\"p\":{\"q\":1}}}}}}}}}}}}}}}}}")]
    public async Task Malformed_body_is_a_fault_of_the_body(string json) => await _http.ExpectFault("body", "POST", "/api/deliveryrequests", json);

    [Fact]
    public async Task Every_fault_is_named_at_once()
    {
        var problem = await _http.ExpectProblem(400, "validation", "POST", "/api/deliveryrequests", """{"packageInfo":{"size":"Huge"}}""");

        Assert.Equal(
            ["dropOffLocation", "ownerId", "packageInfo.size", "packageInfo.weight", "pickupLocation"],
            problem["errors"]!.AsObject().Select(e => e.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Change_is_answered_with_the_changed_request()
    {
        var id = await _http.Order();

        var (status, body, _) = await _http.Call(
            "PATCH", $"/api/deliveryrequests/{id}", """{"pickupLocation":"elsewhere","deadline":"2030-01-01T00:00:00Z","pickupTime":"2020-01-01T00:00:00Z"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("elsewhere", (string?)body!["pickupLocation"]);
        Assert.Equal("drop off", (string?)body["dropOffLocation"]);
        Assert.Equal("2030-01-01T00:00:00Z", (string?)body["deadline"]);
        Assert.Equal("2020-01-01T00:00:00.000Z", (string?)body["pickupTime"]);
    }

    [Fact]
    public async Task Change_of_nothing_is_refused()
    {
        var id = await _http.Order();

        await _http.ExpectFault("body", "PATCH", $"/api/deliveryrequests/{id}", "{}");
        await _http.ExpectFault("pickupLocation", "PATCH", $"/api/deliveryrequests/{id}", """{"pickupLocation":"0,91,0"}""");
    }

    [Fact]
    public async Task Cancelled_request_stays_readable_as_cancelled()
    {
        var id = await _http.Order();

        var (status, _, _) = await _http.Call("DELETE", $"/api/deliveryrequests/{id}");

        Assert.Equal(HttpStatusCode.NoContent, status);
        var (_, request, _) = await _http.Call("GET", $"/api/deliveryrequests/{id}");
        Assert.Equal("Cancelled", (string?)request!["status"]);
        var (_, delivery, _) = await _http.Call("GET", $"/api/deliveries/{id}/status");
        Assert.Equal(5, (int?)delivery!["stage"]);
    }

    [Fact]
    public async Task Refused_request_says_why()
    {
        var owner = $"owner-{Guid.NewGuid():N}";
        await _http.Call("PUT", $"/api/accounts/{owner}", """{"standing":"Suspended"}""");
        var id = await _http.Order(b => b["ownerId"] = owner);

        var (_, request, _) = await _http.Call("GET", $"/api/deliveryrequests/{id}");

        Assert.Equal("Rejected", (string?)request!["status"]);
        Assert.Equal("The account is suspended.", (string?)request["reason"]);
    }
}
