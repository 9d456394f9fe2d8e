using System.Net;

namespace DroneDelivery.Gateway.Tests;

public sealed class OverviewTests(GatewayFixture gateway)
{
    private readonly HttpClient _http = gateway.Http;

    [Fact]
    public async Task One_call_tells_all_that_belongs_to_a_delivery()
    {
        var drone = await _http.NewDrone();
        var package = $"package-{Guid.NewGuid():N}";
        await _http.Call("PUT", $"/api/packages/{package}", """{"size":"small","weight":10,"tag":"t","ownerId":"myowner"}""");
        var id = await _http.Order(b =>
        {
            b["packageInfo"]!["packageId"] = package;
            b["packageInfo"]!["tag"] = $"drone:{drone}";
        });

        var (status, body, _) = await _http.Call("GET", $"/api/deliveries/{id}/overview");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(id, (string?)body!["delivery"]!["id"]);
        Assert.Equal(0, (int?)body["status"]!["stage"]);
        Assert.NotNull(body["status"]!["deliveryETA"]);
        Assert.Equal("Scheduled", (string?)body["request"]!["status"]);
        Assert.Equal((package, 10), ((string?)body["package"]!["id"], (int?)body["package"]!["weight"]));
        Assert.Equal((drone, "Quad 4"), ((string?)body["drone"]!["droneId"], (string?)body["drone"]!["model"]));
    }

    [Fact]
    public async Task What_is_not_there_yet_is_left_open()
    {
        var id = await _http.Order(b => b["packageInfo"]!["packageId"] = $"package-{Guid.NewGuid():N}");

        var (status, body, _) = await _http.Call("GET", $"/api/deliveries/{id}/overview");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("Waiting", "No drone is free."), ((string?)body!["request"]!["status"], (string?)body["request"]!["reason"]));
        Assert.Null(body["package"]);
        Assert.Null(body["drone"]);
    }

    [Fact]
    public async Task Package_of_another_account_and_a_drone_that_flies_for_another_are_not_shown()
    {
        var drone = await _http.NewDrone();
        var package = $"package-{Guid.NewGuid():N}";
        await _http.Call("PUT", $"/api/packages/{package}", """{"size":"small","weight":10,"ownerId":"somebody-else"}""");
        var id = await _http.Order(b =>
        {
            b["packageInfo"]!["packageId"] = package;
            b["packageInfo"]!["tag"] = $"drone:{drone}";
        });
        await _http.Order(b => b["packageInfo"]!["tag"] = $"drone:{drone}");

        var (_, body, _) = await _http.Call("GET", $"/api/deliveries/{id}/overview");

        Assert.Null(body!["package"]);
        Assert.Null(body["drone"]);
    }

    [Fact]
    public async Task Delivery_that_nobody_asked_for_has_no_overview() => await _http.ExpectProblem(404, "not-found", "GET", "/api/deliveries/nobody-asked-for-it/overview");
}
