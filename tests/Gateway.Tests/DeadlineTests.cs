using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Deadlines that are times, that look like times, and that are other text.</summary>
public sealed class DeadlineTests(GatewayFixture gateway)
{
    private readonly HttpClient _http = gateway.Http;

    private static string In(double hours) => DateTimeOffset.UtcNow.AddHours(hours).ToString("O", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("", true)]
    [InlineData("  ", true)]
    [InlineData("2100-01-31T12:00:00.123456789Z", true)]
    [InlineData("2100-01-31 12:00:00+0200", true)]
    [InlineData("as soon as you can", false)]
    [InlineData("5", false)]
    public async Task Answers_say_whether_the_deadline_was_understood(string deadline, bool understood)
    {
        var (status, accepted, _) = await _http.Call("POST", "/api/deliveryrequests", Http.Request(b => b["deadline"] = deadline));
        var id = (string)accepted!["deliveryId"]!;
        var (_, request, _) = await _http.Call("GET", $"/api/deliveryrequests/{id}");
        var (_, delivery, _) = await _http.Call("GET", $"/api/deliveries/{id}");

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.All([accepted, request, delivery], answer => Assert.Equal((deadline, understood), ((string?)answer!["deadline"], (bool?)answer["deadlineUnderstood"])));
        Assert.Equal(understood && !string.IsNullOrWhiteSpace(deadline), gateway.World.Requests[id].Order.Deadline is not null);
    }

    public static TheoryData<string, string?, string> Impossible => new()
    {
        { "2100-02-30T00:00:00Z", null, "looks like a time" },
        { "2100-01-31 at noon", null, "looks like a time" },
        { "0001-01-01T00:00:00", null, "looks like a time" },
        { In(-0.01), null, "has passed" },
        { "2020-01-31", "2019-05-08T20:00:00Z", "has passed" },
        { In(2), In(3), "is before the pickup time" },
    };

    [Theory, MemberData(nameof(Impossible))]
    public async Task Deadline_that_cannot_be_met_is_refused_at_once_wherever_it_is_set(string deadline, string? pickup, string says)
    {
        var id = await _http.Order();
        var places = pickup is null ? new JsonObject() : new JsonObject { ["pickupTime"] = pickup };
        places["deadline"] = deadline;
        var change = places.ToJsonString();
        (places["pickup"], places["dropoff"]) = ("a", "b");
        var order = places.ToJsonString();

        await Refused("POST", "/api/deliveryrequests", Http.Request(b => (b["deadline"], b["pickupTime"]) = (deadline, pickup)));
        await Refused("PUT", $"/api/deliveries/{Guid.NewGuid()}", order);
        await Refused("PUT", $"/api/dronedeliveries/{Guid.NewGuid()}", order);
        await Refused("PATCH", $"/api/deliveryrequests/{id}", change);
        await Refused("PATCH", $"/api/deliveries/{id}", change);
        Assert.Equal("", gateway.World.Requests[id].Order.DeadlineText);

        async Task Refused(string method, string path, string json)
        {
            var problem = await _http.ExpectProblem(400, "validation", method, path, json);
            Assert.Contains(says, (string?)problem["errors"]?["deadline"]?[0], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(89, null)]
    [InlineData(91, "is too far ahead: parcels are fetched up to 90 days after they were ordered")]
    public async Task Pickup_time_is_taken_up_to_a_bound_wherever_it_is_set(int days, string? says)
    {
        var id = await _http.Order();
        var change = $$"""{"pickupTime":"{{In(24 * days)}}"}""";
        var order = $$"""{"pickupTime":"{{In(24 * days)}}","pickup":"a","dropoff":"b"}""";

        if (says is not null) Assert.Contains(says, Fault(await _http.ExpectProblem(400, "validation", "PUT", $"/api/dronedeliveries/{Guid.NewGuid()}", order)), StringComparison.Ordinal);
        foreach (var (status, method, path, json) in new[]
        {
            (HttpStatusCode.Accepted, "POST", "/api/deliveryrequests", Http.Request(b => b["pickupTime"] = In(24 * days))),
            (HttpStatusCode.Created, "PUT", $"/api/deliveries/{Guid.NewGuid()}", order),
            (HttpStatusCode.OK, "PATCH", $"/api/deliveryrequests/{id}", change),
            (HttpStatusCode.OK, "PATCH", $"/api/deliveries/{id}", change),
        })
        {
            if (says is null) Assert.Equal((path, status), (path, (await _http.Call(method, path, json)).Status));
            else Assert.Contains(says, Fault(await _http.ExpectProblem(400, "validation", method, path, json)), StringComparison.Ordinal);
        }

        static string? Fault(JsonNode problem) => (string?)problem["errors"]?["pickupTime"]?[0];
    }

    [Fact]
    public async Task Change_is_compared_with_the_time_that_stays()
    {
        var id = await _http.Order(b => (b["deadline"], b["pickupTime"]) = (In(4), In(2)));

        await _http.ExpectFault("deadline", "PATCH", $"/api/deliveryrequests/{id}", $$"""{"deadline":"{{In(1)}}"}""");
        await _http.ExpectFault("pickupTime", "PATCH", $"/api/deliveryrequests/{id}", $$"""{"pickupTime":"{{In(5)}}"}""");
        Assert.Equal(HttpStatusCode.OK, (await _http.Call("PATCH", $"/api/deliveryrequests/{id}", $$"""{"pickupTime":"{{In(5)}}","deadline":"{{In(6)}}"}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await _http.Call("PATCH", $"/api/deliveries/{id}", """{"deadline":"whenever"}""")).Status);
        await _http.ExpectProblem(404, "not-found", "PATCH", "/api/deliveryrequests/nobody-asked-for-it", $$"""{"pickupTime":"{{In(1)}}"}""");
    }

    [Fact]
    public async Task Order_accepted_in_time_is_repeated_after_its_deadline()
    {
        var id = $"d-{Guid.NewGuid():N}";
        var body = $$"""{"pickup":"a","dropoff":"b","deadline":"{{In(1)}}"}""";
        await _http.Call("PUT", $"/api/deliveries/{id}", body);
        var before = gateway.World.Requests[id];
        gateway.World.Requests[id] = before with { Order = before.Order with { DeadlineText = "2020-01-31T12:00:00Z", Deadline = DateTimeOffset.UnixEpoch } };

        var (status, _, _) = await _http.Call("PUT", $"/api/deliveries/{id}", """{"pickup":"a","dropoff":"b","deadline":"2020-01-31T12:00:00Z"}""");

        Assert.Equal(HttpStatusCode.NoContent, status);
    }
}
