using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using DroneDelivery.Gateway.Tracking;
using DroneDelivery.Shipping;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DroneDelivery.Gateway.Tests;

[Collection(nameof(Hostile.Alone))]
public sealed class TrackingTests(GatewayFixture gateway)
{
    private static readonly Dictionary<string, string> Quick = new()
    {
        ["Tracking:Pause"] = "00:00:00.020",
        ["Tracking:IdlePause"] = "00:00:00.020",
        ["Tracking:Heartbeat"] = "00:00:00.300",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_tells_what_was_what_is_and_what_happens_and_ends_with_the_delivery()
    {
        await using var opened = await Opened.At(gateway);
        var flight = await Flight.BeginAsync(gateway);
        using var stream = await opened.Follow(flight.Id);

        Assert.Equal(HttpStatusCode.OK, stream.Status);
        Assert.Equal("text/event-stream", stream.ContentType);
        Assert.Equal(("event", "1", "Created"), Summary(await stream.Next()));
        var status = await stream.Next();
        Assert.Equal(("status", null), (status.EventType, status.EventId));
        Assert.Equal(0, (int?)JsonNode.Parse(status.Data)!["stage"]);

        flight.Fly(DeliveryStage.HeadedToPickup);
        Assert.Equal(("event", "2", "HeadedToPickup"), Summary(await stream.NextBut("heartbeat")));
        flight.Move(47.7);
        await stream.NextUntil(item => item.EventType == "status" && (double)JsonNode.Parse(item.Data)!["lastKnownLocation"]!["latitude"]! == 47.7);
        flight.Fly(DeliveryStage.HeadedToDropoff);
        flight.Fly(DeliveryStage.Completed);
        var rest = await stream.ToEnd();

        Assert.Equal(["3", "4"], rest.Where(item => item.EventType == "event").Select(item => item.EventId));
        Assert.Equal(4, (int?)JsonNode.Parse(rest[^1].Data)!["stage"]);
        await opened.IsQuiet();
    }

    [Fact]
    public async Task Client_that_comes_back_hears_what_it_missed_and_nothing_twice()
    {
        await using var opened = await Opened.At(gateway);
        var flight = await Flight.BeginAsync(gateway);
        flight.Fly(DeliveryStage.HeadedToPickup);
        flight.Fly(DeliveryStage.HeadedToDropoff);
        flight.Fly(DeliveryStage.Completed);

        using var stream = await opened.Follow(flight.Id, lastEventId: "2");

        Assert.Equal(["3", "4"], (await stream.ToEnd()).Where(item => item.EventType == "event").Select(item => item.EventId));
    }

    [Fact]
    public async Task Silent_stream_says_that_it_is_alive()
    {
        await using var opened = await Opened.At(gateway);
        var flight = await Flight.BeginAsync(gateway);
        using var stream = await opened.Follow(flight.Id);

        await stream.NextUntil(item => item.EventType == "heartbeat");
        await stream.NextUntil(item => item.EventType == "heartbeat");
    }

    [Fact]
    public async Task Delivery_that_nobody_asked_for_is_not_followed()
    {
        await gateway.Http.ExpectProblem(404, "not-found", "GET", "/api/deliveries/nobody-asked-for-it/tracking");
        Assert.Equal((0, 0), gateway.Host.Services.GetRequiredService<DeliveryWatches>().Count);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    public async Task Event_id_that_is_none_is_refused(string lastEventId)
    {
        await using var opened = await Opened.At(gateway);
        using var stream = await opened.Follow((await Flight.BeginAsync(gateway)).Id, lastEventId);

        Assert.Equal(HttpStatusCode.BadRequest, stream.Status);
    }

    [Fact]
    public async Task Request_without_delivery_is_followed_until_it_is_cancelled()
    {
        await using var opened = await Opened.At(gateway);
        var id = await gateway.Http.Order();
        using var stream = await opened.Follow(id);
        Assert.Equal("1", (await stream.Next()).EventId);

        await gateway.Http.Call("DELETE", $"/api/deliveries/{id}");

        Assert.Equal("2", (await stream.ToEnd()).Last(item => item.EventType == "event").EventId);
    }

    [Fact]
    public async Task Drone_that_is_found_is_the_second_event_of_a_request_that_is_followed()
    {
        await using var opened = await Opened.At(gateway);
        var id = await gateway.Http.Order();
        using var stream = await opened.Follow(id);
        Assert.Equal(("event", "1", "Created"), Summary(await stream.Next()));

        var flight = await Flight.BeginAsync(gateway);
        gateway.World.Histories[id] = [TrackingEvent.Asked(DateTimeOffset.UtcNow), .. gateway.World.Histories[flight.Id].Select(entry => entry with { Sequence = 2 })];
        var delivery = gateway.World.Deliveries[flight.Id];
        gateway.World.Deliveries[id] = delivery with { DeliveryId = id, Status = delivery.Status with { LastEvent = 2 } };

        Assert.Equal(("event", "2", "Created"), Summary(await stream.NextUntil(item => item.EventType == "event")));
        using var later = await opened.Follow(id, lastEventId: "1");
        Assert.Equal("2", (await later.NextUntil(item => item.EventType == "event")).EventId);
    }

    [Fact]
    public async Task Event_that_moves_nothing_is_heard_when_it_happens()
    {
        await using var opened = await Opened.At(gateway);
        var flight = await Flight.BeginAsync(gateway);
        using var stream = await opened.Follow(flight.Id);
        await stream.NextUntil(item => item.EventType == "status");

        flight.Confirm();

        Assert.Equal(("event", "2", "Created"), Summary(await stream.NextUntil(item => item.EventType == "event")));
    }

    [Fact]
    public async Task Many_watchers_of_one_delivery_cost_one_look_at_it()
    {
        await using var opened = await Opened.At(gateway);
        var flight = await Flight.BeginAsync(gateway);
        var streams = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => opened.Follow(flight.Id)));

        Assert.Equal((1, 100), opened.Watches.Count);
        flight.Fly(DeliveryStage.Completed);

        Assert.All(await Task.WhenAll(streams.Select(stream => stream.ToEnd())), events => Assert.Equal(["1", "2"], events.Where(item => item.EventType == "event").Select(item => item.EventId)));
        foreach (var stream in streams) stream.Dispose();
        await opened.IsQuiet();
    }

    [Fact]
    public async Task Watcher_that_leaves_is_forgotten()
    {
        await using var opened = await Opened.At(gateway);
        var flight = await Flight.BeginAsync(gateway);
        var stream = await opened.Follow(flight.Id);
        Assert.Equal((1, 1), opened.Watches.Count);

        stream.Dispose();

        await opened.IsQuiet();
    }

    [Fact, Trait("Category", "Slow")]
    public async Task Stream_outlives_a_dying_silo()
    {
        await using var own = new GatewayFixture();
        await own.InitializeAsync();
        await using var opened = await Opened.At(own);
        var flight = await Flight.BeginAsync(own);
        using var stream = await opened.Follow(flight.Id);
        await stream.Next();

        await own.KillSilo();
        await stream.NextUntil(item => item.EventType == "heartbeat");
        flight.Fly(DeliveryStage.HeadedToPickup);
        await own.StartSilo();
        flight.Fly(DeliveryStage.Completed);

        Assert.Equal(["2", "3"], (await stream.ToEnd()).Where(item => item.EventType == "event").Select(item => item.EventId));
    }

    [Fact]
    public async Task Gateway_that_leaves_ends_its_streams_and_says_when_to_come_back()
    {
        await using var opened = await Opened.At(gateway);
        var flight = await Flight.BeginAsync(gateway);
        using var stream = await opened.Follow(flight.Id);
        var first = await stream.Next();
        Assert.Equal(TimeSpan.FromSeconds(2), first.ReconnectionInterval ?? stream.ReconnectionInterval);

        opened.Host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await stream.ToEnd();
    }

    [Fact]
    public async Task More_watchers_than_agreed_are_told_to_come_back()
    {
        await using var opened = await Opened.At(gateway, new() { ["Tracking:MaxWatchers"] = "1" });
        var flight = await Flight.BeginAsync(gateway);
        using var first = await opened.Follow(flight.Id);
        using var second = await opened.Follow(flight.Id);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (first.Status, second.Status));
    }

    [Fact, Trait("Category", "Slow")]
    public async Task Five_thousand_watchers_stay_within_their_memory_and_all_hear_the_end()
    {
        const int watchers = 5_000, deliveries = 50;
        await using var opened = await Opened.At(gateway, new() { ["Tracking:Pause"] = "00:00:01", ["Tracking:IdlePause"] = "00:00:01", ["Tracking:Heartbeat"] = "00:00:15" });
        var flights = await Task.WhenAll(Enumerable.Range(0, deliveries).Select(_ => Flight.BeginAsync(gateway)));
        var before = Memory();

        var streams = new List<Stream>();
        foreach (var batch in Enumerable.Range(0, watchers).Chunk(100)) streams.AddRange(await Task.WhenAll(batch.Select(i => opened.Follow(flights[i % deliveries].Id))));
        Assert.Equal((deliveries, watchers), opened.Watches.Count);

        // Both ends of every connection are in this process; what grew with every event would be held for each of them.
        await Move(0, 3);
        var settled = Memory();
        await Move(3, 15);
        var later = Memory();
        TestContext.Current.SendDiagnosticMessage($"{(settled - before) / watchers} bytes a watcher, both ends; {(later - settled) / watchers} more after 12 more moves");
        Assert.InRange((settled - before) / watchers, 0, 64 * 1024);
        Assert.InRange((later - settled) / watchers, -64 * 1024, 2048); // Twelve events are more than 3 KB.

        foreach (var flight in flights) flight.Fly(DeliveryStage.Completed);
        var ends = await Task.WhenAll(streams.Select(stream => stream.ToEnd()));
        Assert.All(ends, events => Assert.Equal("2", events.Last(item => item.EventType == "event").EventId));
        foreach (var stream in streams) stream.Dispose();
        await opened.IsQuiet();

        async Task Move(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                foreach (var flight in flights) flight.Move(47 + (i / 100d));
                await Task.WhenAll(streams.Select(stream => stream.NextUntil(item => item.EventType == "status" && (double)JsonNode.Parse(item.Data)!["lastKnownLocation"]!["latitude"]! == 47 + (i / 100d))));
            }
        }

        static long Memory()
        {
            GC.Collect();
            return GC.GetTotalMemory(forceFullCollection: true);
        }
    }

    private static (string, string?, string?) Summary(SseItem<string> item) => (item.EventType, item.EventId, (string?)JsonNode.Parse(item.Data)!["stage"]);

    /// <summary>A gateway that looks often.</summary>
    private sealed class Opened(GatewayHost host, HttpClient http) : IAsyncDisposable
    {
        public GatewayHost Host => host;

        public DeliveryWatches Watches => host.Services.GetRequiredService<DeliveryWatches>();

        public static async Task<Opened> At(GatewayFixture gateway, Dictionary<string, string>? settings = null)
        {
            var all = new Dictionary<string, string>(Quick);
            foreach (var (key, value) in settings ?? []) all[key] = value;
            var (host, http) = await gateway.Open(all);
            return new(host, http);
        }

        public async Task<Stream> Follow(string id, string? lastEventId = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/deliveries/{id}/tracking");
            if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
            return await Stream.Of(await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token));
        }

        public Task IsQuiet() => Eventually.Holds(() => Task.FromResult(Watches.Count == (0, 0)), "nobody watches any more");

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await host.DisposeAsync();
        }
    }

    /// <summary>A delivery as a test has it flown.</summary>
    private sealed class Flight(GatewayFixture gateway, string id)
    {
        public string Id => id;

        public static async Task<Flight> BeginAsync(GatewayFixture gateway)
        {
            var drone = await gateway.Http.NewDrone();
            var id = await gateway.Http.Order(b => b["packageInfo"]!["tag"] = $"drone:{drone}");
            gateway.World.Histories[id] = [new TrackingEvent(1, DeliveryStage.Created, DateTimeOffset.UtcNow, null, null)];
            return new(gateway, id);
        }

        public void Fly(DeliveryStage stage)
        {
            var history = gateway.World.Histories[id];
            gateway.World.Histories[id] = [.. history, new TrackingEvent(history.Count + 1, stage, DateTimeOffset.UtcNow, null, null)];
            var delivery = gateway.World.Deliveries[id];
            gateway.World.Deliveries[id] = delivery with { Status = delivery.Status with { Stage = stage } };
        }

        /// <summary>Neither stage nor place nor times change.</summary>
        public void Confirm()
        {
            var history = gateway.World.Histories[id];
            gateway.World.Histories[id] = [.. history, new TrackingEvent(history.Count + 1, history[^1].Stage, DateTimeOffset.UtcNow, null, "Confirmed.")];
            var delivery = gateway.World.Deliveries[id];
            gateway.World.Deliveries[id] = delivery with { Status = delivery.Status with { LastEvent = history.Count + 1 } };
        }

        public void Move(double latitude)
        {
            var delivery = gateway.World.Deliveries[id];
            gateway.World.Deliveries[id] = delivery with { Status = delivery.Status with { LastKnownLocation = new GeoPoint(latitude, -122) } };
        }
    }

    /// <summary>A stream as a client reads it.</summary>
    private sealed class Stream : IDisposable
    {
        private readonly HttpResponseMessage _response;
        private readonly SseParser<string>? _parser;
        private readonly IAsyncEnumerator<SseItem<string>>? _items;

        private Stream(HttpResponseMessage response, System.IO.Stream? body)
        {
            _response = response;
            if (body is null) return;
            _parser = SseParser.Create(body);
            _items = _parser.EnumerateAsync(Token).GetAsyncEnumerator(Token);
        }

        public HttpStatusCode Status => _response.StatusCode;

        public string? ContentType => _response.Content.Headers.ContentType?.MediaType;

        public TimeSpan ReconnectionInterval => _parser!.ReconnectionInterval;

        public static async Task<Stream> Of(HttpResponseMessage response) =>
            new(response, response.IsSuccessStatusCode ? await response.Content.ReadAsStreamAsync(Token) : null);

        public async Task<SseItem<string>> Next()
        {
            Assert.True(await _items!.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token), "the stream has ended");
            return _items.Current;
        }

        public Task<SseItem<string>> NextBut(string eventType) => NextUntil(item => item.EventType != eventType);

        public async Task<SseItem<string>> NextUntil(Func<SseItem<string>, bool> condition)
        {
            while (true)
            {
                var item = await Next();
                if (condition(item)) return item;
            }
        }

        public async Task<List<SseItem<string>>> ToEnd()
        {
            var items = new List<SseItem<string>>();
            while (await _items!.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token)) items.Add(_items.Current);
            return items;
        }

        public void Dispose() => _response.Dispose();
    }
}
