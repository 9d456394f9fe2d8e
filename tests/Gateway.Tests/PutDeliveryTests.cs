using System.Net;
using System.Text.Json.Nodes;
using DroneDelivery.Gateway.Tests.Fakes;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Gateway.Tests;

/// <summary>A PUT of a delivery that is there: it becomes what is put, or the answer says why not. So does a PATCH.</summary>
public sealed class PutDeliveryTests(GatewayFixture gateway)
{
    private readonly HttpClient _http = gateway.Http;
    private readonly string _id = $"put-{Guid.NewGuid():N}";

    private DeliveryOrder Order => gateway.World.Requests[_id].Order;

    [Fact]
    public async Task Places_times_and_deadline_become_what_is_put()
    {
        await Put(HttpStatusCode.Created);

        await Put(HttpStatusCode.NoContent, body =>
        {
            body["pickup"] = "elsewhere";
            body["dropoff"] = new JsonObject { ["latitude"] = 47.66, ["longitude"] = -122.16, ["altitude"] = 3 };
            body["deadline"] = "2031-01-01T00:00:00Z";
            body["pickupTime"] = "2020-12-31T00:00:00Z";
        });

        Assert.Equal(("elsewhere", 47.66), (Order.Pickup.Text, Order.Dropoff.Location.Latitude));
        Assert.Equal((new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2020, 12, 31, 0, 0, 0, TimeSpan.Zero)), (Order.Deadline, Order.PickupTime));
        var (_, read, _) = await _http.Call("GET", $"/api/deliveries/{_id}");
        Assert.Equal((47.66, "2031-01-01T00:00:00Z"), ((double)read!["dropoff"]!["latitude"]!, (string?)read["deadline"]));

        await Put(HttpStatusCode.NoContent, body => body.Remove("deadline"));
        Assert.Equal(("", null), (Order.DeadlineText, Order.Deadline));
    }

    [Fact]
    public async Task Same_content_changes_nothing_however_it_is_written()
    {
        await Put(HttpStatusCode.Created);
        var before = gateway.World.Requests[_id];

        await Put(HttpStatusCode.NoContent);
        var (_, read, _) = await _http.Call("GET", $"/api/deliveries/{_id}");
        Assert.Equal(HttpStatusCode.NoContent, (await _http.Call("PUT", $"/api/deliveries/{_id}", read!.ToJsonString())).Status);

        Assert.Equal(before, gateway.World.Requests[_id]);
    }

    [Theory]
    [InlineData("expedited", "false", "'expedited'")]
    [InlineData("confirmationRequired", "1", "'confirmationRequired'")]
    [InlineData("owner", """{"accountId":"another"}""", "owner")]
    [InlineData("packageInfo", """{"packageId":"another","size":"Small","weight":1}""", "package")]
    [InlineData("packageInfo", """{"packageId":"p","size":"Large","weight":1}""", "size")]
    [InlineData("packageInfo", """{"packageId":"p","size":"Small","weight":2}""", "weight")]
    [InlineData("packageInfo", """{"packageId":"p","size":"Small","weight":1,"tag":"t"}""", "tag")]
    public async Task What_cannot_change_is_refused_and_nothing_else_is_changed(string field, string value, string named)
    {
        await Put(HttpStatusCode.Created);
        var before = gateway.World.Requests[_id];

        var put = await Put(HttpStatusCode.Conflict, body => (body[field], body["deadline"]) = (JsonNode.Parse(value), "another"));
        var patch = await _http.ExpectProblem(409, "conflict", "PATCH", $"/api/deliveries/{_id}", $$"""{"{{field}}":{{value}},"deadline":"another"}""");
        var request = field == "owner" ? ("ownerId", "\"another\"") : (field, value);
        var patched = await _http.ExpectProblem(409, "conflict", "PATCH", $"/api/deliveryrequests/{_id}", $$"""{"{{request.Item1}}":{{request.Item2}},"deadline":"another"}""");

        Assert.All([put!, patch, patched], problem => Assert.Contains(named, (string?)problem["detail"], StringComparison.Ordinal));
        Assert.Equal(before, gateway.World.Requests[_id]);
    }

    [Fact]
    public async Task Order_whose_parcel_was_fetched_is_not_changed()
    {
        var drone = await _http.NewDrone();
        await Put(HttpStatusCode.Created, body => body["packageInfo"]!["tag"] = World.DroneTag + drone);
        await _http.Call("POST", $"/api/drones/{drone}/pickup", $$"""{"deliveryId":"{{_id}}","attempt":1}""");

        var refused = await Put(HttpStatusCode.Conflict, body => (body["dropoff"], body["packageInfo"]) = ("elsewhere", null));
        Assert.Equal("The parcel was picked up.", (string?)refused!["detail"]);
        await Put(HttpStatusCode.NoContent, body => body["packageInfo"]!["tag"] = World.DroneTag + drone);
    }

    [Fact]
    public async Task Drone_scheduler_changes_an_order_too_and_leaves_what_it_does_not_say()
    {
        var drone = await _http.NewDrone();
        var tag = World.DroneTag + drone;
        await Put(HttpStatusCode.Created, body => body["packageInfo"]!["tag"] = tag);

        var (same, body, _) = await _http.Call("PUT", $"/api/dronedeliveries/{_id}", $$"""{"pickup":"a","dropoff":"b","packageDetail":{"id":"p","size":"small","weight":"1","tag":"{{tag}}"} }""");
        Assert.Equal((HttpStatusCode.OK, drone), (same, (string?)body));
        Assert.Equal((0, "x"), (gateway.World.Requests[_id].Revision, Order.DeadlineText));

        var (changed, _, _) = await _http.Call("PUT", $"/api/dronedeliveries/{_id}", """{"pickup":"a","dropoff":"elsewhere"}""");
        Assert.Equal(HttpStatusCode.OK, changed);
        Assert.Equal((1, "elsewhere", "x"), (gateway.World.Requests[_id].Revision, Order.Dropoff.Text, Order.DeadlineText));
        await _http.ExpectProblem(409, "conflict", "PUT", $"/api/dronedeliveries/{_id}", """{"pickup":"a","dropoff":"elsewhere","expedited":false}""");
    }

    [Fact]
    public async Task Two_that_put_at_once_are_made_one_after_the_other()
    {
        await Put(HttpStatusCode.Created);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(number => Put(HttpStatusCode.NoContent, body => (body["pickup"], body["dropoff"]) = ($"from {number}", $"to {number}"))));

        Assert.Equal(Order.Pickup.Text!["from ".Length..], Order.Dropoff.Text!["to ".Length..]);
        Assert.Equal(5, gateway.World.Requests[_id].Revision);
    }

    [Fact]
    public async Task Patch_may_repeat_what_cannot_change()
    {
        await Put(HttpStatusCode.Created);

        var (status, body, _) = await _http.Call("PATCH", $"/api/deliveries/{_id}", """{"deadline":"later","expedited":true,"confirmationRequired":3,"owner":{"accountId":"a"}}""");

        Assert.Equal((HttpStatusCode.OK, "later"), (status, (string?)body!["deadline"]));
    }

    private async Task<JsonNode?> Put(HttpStatusCode expected, Action<JsonObject>? change = null)
    {
        var body = JsonNode.Parse("""
            {"owner":{"userId":"a","accountId":"a"},"pickup":"a","dropoff":"b","deadline":"x","expedited":true,"confirmationRequired":3,
             "packageInfo":{"packageId":"p","size":"Small","weight":1}}
            """)!.AsObject();
        change?.Invoke(body);
        var (status, answer, _) = await _http.Call("PUT", $"/api/deliveries/{_id}", body.ToJsonString());
        Assert.Equal((expected, answer?.ToJsonString()), (status, answer?.ToJsonString()));
        return answer;
    }
}
