using System.Net;
using System.Text.Json.Nodes;
using DroneDelivery.Gateway.Sharing;
using DroneDelivery.Shipping;
using Microsoft.Extensions.DependencyInjection;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Whoever follows a delivery is let go when nothing more will happen to it.</summary>
public sealed class StreamEndTests(GatewayFixture gateway)
{
    private readonly HttpClient _http = gateway.Http;

    [Fact]
    public async Task Browser_comes_back_once_after_the_last_stage_and_stops()
    {
        var id = await _http.Order();
        await _http.Call("DELETE", $"/api/deliveries/{id}");

        var source = await EventSource.Follow(_http, $"/api/deliveries/{id}/tracking");

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NoContent], source.Answers);
        Assert.Equal(["1", "2", null], source.Heard.Select(item => item.EventId));
        Assert.Empty(source.Codings);
    }

    [Fact]
    public async Task Browser_that_follows_a_link_stops_too()
    {
        var id = await _http.Order();
        var tracking = await ShareAsync(id);
        await _http.Call("DELETE", $"/api/deliveries/{id}");

        var source = await EventSource.Follow(_http, tracking);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NoContent], source.Answers);
        Assert.Equal("status", Assert.Single(source.Heard).EventType);
        Assert.Empty(source.Codings);
    }

    [Fact]
    public async Task Client_that_has_not_heard_the_end_gets_the_rest()
    {
        var id = await _http.Order();
        await _http.Call("DELETE", $"/api/deliveries/{id}");

        foreach (var (heard, status) in new[] { ("1", HttpStatusCode.OK), ("2", HttpStatusCode.NoContent), ("7", HttpStatusCode.NoContent) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/deliveries/{id}/tracking") { Headers = { { "Last-Event-ID", heard } } };
            using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal((heard, status), (heard, response.StatusCode));
        }
    }

    [Fact]
    public async Task Lost_parcel_is_told_everywhere_and_ends_its_streams()
    {
        var id = await _http.Order();
        var tracking = await ShareAsync(id);
        Lose(id);

        var source = await EventSource.Follow(_http, $"/api/deliveries/{id}/tracking");
        var shared = await EventSource.Follow(_http, tracking);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NoContent], source.Answers);
        Assert.Equal(["event", "event", "lost", "status"], source.Heard.Select(item => item.EventType));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NoContent], shared.Answers);
        Assert.Equal(["lost", "status"], shared.Heard.Select(item => item.EventType));
        Assert.All(source.Heard[1..].Concat(shared.Heard), item => Assert.True((bool)JsonNode.Parse(item.Data)!["lost"]!));
        foreach (var path in new[] { $"/api/deliveries/{id}", $"/api/deliveries/{id}/status", tracking[..^"/tracking".Length] })
            Assert.True((bool?)(await _http.Call("GET", path)).Body!["lost"], path);
        var (_, history, _) = await _http.Call("GET", $"/api/deliveries/{id}/history");
        Assert.Equal([null, true], history!.AsArray().Select(occurred => (bool?)occurred!["lost"]));
    }

    [Fact]
    public async Task Stream_of_a_delivery_that_is_erased_ends()
    {
        var (host, http) = await gateway.Open(new() { ["Tracking:IdlePause"] = "00:00:00.020" });
        await using var _ = host;
        using var __ = http;
        var id = await _http.Order();
        var heard = new TaskCompletionSource();
        var following = EventSource.Follow(http, $"/api/deliveries/{id}/tracking", () => heard.TrySetResult());
        await heard.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        gateway.World.Requests.TryRemove(id, out var _);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NotFound], (await following).Answers);
    }

    [Fact]
    public async Task Stream_ends_with_the_link_that_led_to_it()
    {
        var link = gateway.Host.Services.GetRequiredService<ShareLinks>().Make(await _http.Order(), "myowner", DateTimeOffset.UtcNow.AddSeconds(2));

        var source = await EventSource.Follow(_http, $"/api/shared/{link}/tracking");

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NotFound], source.Answers);
    }

    private async Task<string> ShareAsync(string id) => (string)(await _http.Call("POST", $"/api/deliveries/{id}/shares", "{}")).Body!["trackingPath"]!;

    private void Lose(string id)
    {
        var order = gateway.World.Requests[id].Order;
        var plan = new DeliveryPlan(order.OwnerId, order.PackageId, order.Pickup, order.Dropoff, order.DeadlineText, order.Expedited, order.Confirmation);
        var status = new DeliveryStatus(DeliveryStage.HeadedToDropoff, order.Pickup.Location, null, null, Lost: true);
        gateway.World.Histories[id] =
        [
            new TrackingEvent(1, DeliveryStage.HeadedToDropoff, DateTimeOffset.UtcNow, null, "A drone has the parcel."),
            new TrackingEvent(2, DeliveryStage.HeadedToDropoff, DateTimeOffset.UtcNow, null, "Given up.", Lost: true),
        ];
        gateway.World.Deliveries[id] = new DeliverySnapshot(id, plan, status, null, 1, null);
    }
}
