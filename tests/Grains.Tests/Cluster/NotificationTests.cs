using System.Text.Json.Nodes;
using DroneDelivery.Notifications;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using Microsoft.AspNetCore.Http;

namespace DroneDelivery.Cluster;

/// <summary>From a delivery that flies to a receiver that listens over HTTP, with failures in between.</summary>
public sealed class NotificationTests : IAsyncLifetime
{
    private static readonly string[] Flight = ["DeliveryRequested", "DeliveryCreated", "DeliveryHeadedToPickup", "DeliveryHeadedToDropoff", "DeliveryCompleted"];

    private readonly string _owner = Orders.Id("owner");
    private ClusterFixture _cluster = null!;
    private Receiver _receiver = null!;
    private Receiver _grid = null!;

    public async ValueTask InitializeAsync()
    {
        (_receiver, _grid) = (await Receiver.Start(), await Receiver.Start());
        _cluster = new ClusterFixture
        {
            Settings =
            {
                ["Notifications:AllowLocalWebhooks"] = "true",
                ["Notifications:FirstRetry"] = "00:00:00.1",
                ["Notifications:LastRetry"] = "00:00:01",
                ["Notifications:WatchInterval"] = "00:00:01",
                ["Notifications:EventGrid:Endpoint"] = _grid.Url,
                ["Notifications:EventGrid:Key"] = "key",
            },
        };
        await _cluster.InitializeAsync();
        var added = await _cluster.Grains.GetGrain<IOwnerNotificationsGrain>(_owner)
            .AddWebhook(CommandId.New(), "webhook", new WebhookSettings(_receiver.Url, [], null), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        Assert.Equal(CommandResult.Created, added);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _receiver.DisposeAsync();
        await _grid.DisposeAsync();
    }

    [Fact]
    public async Task Owner_and_event_grid_hear_of_a_delivery_in_order()
    {
        var id = await Deliver();
        Assert.Equal(Flight, await Heard(_receiver, id));
        Assert.Equal(Flight, await Heard(_grid, id));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Receiver_that_fails_half_of_the_time_hears_everything_in_order_at_last()
    {
        var calls = 0;
        _receiver.Answer = (_, context) =>
        {
            if (Interlocked.Increment(ref calls) % 2 == 1) context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return Task.CompletedTask;
        };
        var id = await Deliver();
        Assert.Equal(Flight, await Heard(_receiver, id));
    }

    [Fact]
    public async Task Receiver_that_never_answers_holds_up_neither_delivery_nor_event_grid()
    {
        _receiver.Answer = async (_, context) => await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        var id = await Deliver();
        Assert.Equal(Flight, await Heard(_grid, id));
        await Eventually.Get(async () => await _cluster.Grains.GetGrain<IDeliveryGrain>(id).Get(), delivery => delivery is { Drained: true });
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Silo_that_dies_with_events_queued_loses_none()
    {
        _receiver.Answer = (_, context) =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        };
        string[] ids = [await Deliver(), await Deliver()];
        await _cluster.Cluster.KillSiloAsync(_cluster.Cluster.Silos[1], TestContext.Current.CancellationToken);
        _receiver.Answer = null;

        foreach (var id in ids) Assert.Equal(Flight, await Heard(_receiver, id));
    }

    private async Task<string> Deliver()
    {
        var corner = Orders.Corner();
        var drone = await new TestDrone(_cluster.Grains, Orders.Id("drone"), corner).Register();
        var id = Orders.Id("delivery");
        await _cluster.Grains.GetGrain<IDeliveryRequestGrain>(id).Submit(CommandId.New(), Orders.From(corner, owner: _owner));
        await drone.Deliver(id);
        return id;
    }

    /// <summary>The types that reached a receiver and were taken, each when it came first, once all are there.</summary>
    private static Task<string[]> Heard(Receiver receiver, string id) => Eventually.Get(
        () => Task.FromResult(receiver.Calls.Where(call => call.Status < 300)
            .SelectMany(call => JsonNode.Parse(call.Body) is JsonArray batch ? batch.ToArray() : [JsonNode.Parse(call.Body)])
            .Where(entry => (string?)entry!["subject"] == id).DistinctBy(entry => (string?)entry!["id"])
            .Select(entry => ((string)entry!["type"]!)["DroneDelivery.".Length..]).ToArray()),
        types => types.Contains("DeliveryCompleted"), seconds: 60);
}
