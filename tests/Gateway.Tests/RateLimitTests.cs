using System.ComponentModel.DataAnnotations;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using DroneDelivery.Gateway.Load;

namespace DroneDelivery.Gateway.Tests;

/// <summary>What one client may ask for, and what all may at the same time. Each test has a gateway with limits of its own.</summary>
public sealed class RateLimitTests(GatewayFixture gateway)
{
    private const string Nothing = "/api/deliveries/nobody-asked-for-it";

    private readonly string _owner = $"owner-{Guid.NewGuid():N}";

    [Fact, Trait("Category", "Slow")]
    public async Task Client_that_asks_too_often_is_told_when_to_come_back_and_disturbs_no_other()
    {
        await using var limited = await Limited.OpenAsync(gateway, new() { ["RateLimits:Deliveries:PerSecond"] = "2", ["RateLimits:Deliveries:Burst"] = "5" });
        using var greedy = limited.As("Deliveries.ReadWrite", _owner);
        using var other = limited.As("Deliveries.ReadWrite", $"not-{_owner}");
        using var asOperator = limited.As("Operators", "an-operator");

        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 12; i++) answers.Add((await greedy.Call("GET", Nothing)).Response);

        Assert.All(answers.Take(5), answer => Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode));
        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, answer => Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta));
        Assert.Equal(HttpStatusCode.NotFound, (await other.Call("GET", Nothing)).Status);
        Assert.Equal(HttpStatusCode.OK, (await asOperator.Call("GET", "/api/operations/deadletters")).Status);
        await Eventually.Holds(async () => (await greedy.Call("GET", Nothing)).Status == HttpStatusCode.NotFound, "the client is served again");
    }

    [Fact]
    public async Task Refusal_is_a_problem()
    {
        await using var limited = await Limited.OpenAsync(gateway, new() { ["RateLimits:Deliveries:PerSecond"] = "1", ["RateLimits:Deliveries:Burst"] = "1" });
        using var http = limited.As("Deliveries.ReadWrite", _owner);
        await http.Call("GET", Nothing);

        await http.ExpectProblem(429, "too-many-requests", "GET", Nothing);
    }

    [Fact, Trait("Category", "Slow")]
    public async Task Forged_tokens_are_counted_by_address()
    {
        await using var limited = await Limited.OpenAsync(gateway, new() { ["RateLimits:Public:PerSecond"] = "1", ["RateLimits:Public:Burst"] = "5" });
        using var honest = limited.As("Deliveries.ReadWrite", _owner);
        using var forger = limited.With("a.b.c");

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 10; i++) answers.Add((await forger.Call("GET", Nothing)).Status);

        Assert.Equal(HttpStatusCode.Unauthorized, answers[0]);
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[^1]);
        Assert.Equal(HttpStatusCode.NotFound, (await honest.Call("GET", Nothing)).Status);
    }

    [Fact]
    public async Task Telemetry_that_takes_all_it_may_leaves_orders_alone()
    {
        await using var limited = await Limited.OpenAsync(gateway, new() { ["RateLimits:Reports:Concurrent"] = "2" });
        using var station = limited.As("Drones.Report.All", "a-station");
        using var shop = limited.As("Deliveries.ReadWrite", _owner);
        var drone = await gateway.Http.NewDrone();
        var first = new OpenStream(station, drone);
        var second = new OpenStream(station, drone);
        await first.IsTaken(gateway);
        await second.IsTaken(gateway);

        var problem = await station.ExpectProblem(503, "unavailable", "GET", $"/api/drones/{drone}");
        var (asked, _, _) = await shop.Call("POST", "/api/deliveryrequests", Http.Request(b => b.Remove("ownerId")));

        Assert.Contains("busy", (string?)problem["detail"], StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, asked);
        await first.EndAsync();
        await second.EndAsync();
        await Eventually.Holds(async () => (await station.Call("GET", $"/api/drones/{drone}")).Status == HttpStatusCode.OK, "the station is served again");
    }

    [Fact, Trait("Category", "Slow")]
    public async Task Request_that_takes_too_long_is_given_up()
    {
        await using var limited = await Limited.OpenAsync(gateway, new() { ["RateLimits:RequestTimeout"] = "00:00:00.300" });
        using var http = limited.As("Operators", "an-operator");
        var id = $"slow-{Guid.NewGuid():N}";
        var released = new TaskCompletionSource();
        gateway.Faults.Hold(id, released.Task);

        // The grain answers only afterwards, so an answer at all means that the request was given up.
        var problem = await http.ExpectProblem(503, "unavailable", "GET", $"/api/deliveries/{id}");

        Assert.Contains("too long", (string?)problem["detail"], StringComparison.Ordinal);
        Assert.False(released.Task.IsCompleted);
        released.SetResult();
    }

    [Fact]
    public async Task Local_mode_has_no_limits()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => gateway.Http.Call("GET", Nothing)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NotFound, answer.Status));
    }

    [Fact]
    public void Limit_that_is_none_is_named()
    {
        var options = new RateLimitOptions { Reports = { Burst = 0 } };

        var fault = Assert.Single(options.Validate(new ValidationContext(options)));
        Assert.StartsWith("RateLimits:Reports has a limit", fault.ErrorMessage, StringComparison.Ordinal);
        Assert.Empty(new RateLimitOptions().Validate(new ValidationContext(options)));
    }

    /// <summary>A gateway with limits, and tokens for it.</summary>
    private sealed class Limited(TokenIssuer issuer, GatewayHost host, HttpClient http) : IAsyncDisposable
    {
        public static async Task<Limited> OpenAsync(GatewayFixture gateway, Dictionary<string, string> settings)
        {
            var issuer = await TokenIssuer.StartAsync();
            var (host, http) = await gateway.OpenToTheWorld(issuer, settings);
            return new(issuer, host, http);
        }

        public HttpClient As(string role, string subject) => With(issuer.Token([role], subject));

        public HttpClient With(string token)
        {
            var client = host.Client();
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
            return client;
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await host.DisposeAsync();
            await issuer.DisposeAsync();
        }
    }

    /// <summary>Reports of a drone in a request that does not end.</summary>
    private sealed class OpenStream : HttpContent
    {
        private readonly Pipe _pipe = new();
        private readonly Task<HttpResponseMessage> _sending;
        private readonly string _drone;

        public OpenStream(HttpClient station, string drone)
        {
            _drone = drone;
            Headers.ContentType = new("application/x-ndjson");
            _sending = station.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/drones/telemetry") { Content = this }, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        }

        /// <summary>Waits until a line of it has reached the drone.</summary>
        public async Task IsTaken(GatewayFixture gateway)
        {
            var battery = Random.Shared.NextDouble();
            await _pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(Http.Report(_drone, DateTimeOffset.UtcNow.Ticks, change: b => b["battery"] = battery) + "\n"));
            await Eventually.Holds(() => Task.FromResult(Math.Abs(gateway.World.Drones[_drone].Battery - battery) < 1e-9), "the line was taken in");
        }

        public async Task EndAsync()
        {
            await _pipe.Writer.CompleteAsync();
            Assert.Equal(HttpStatusCode.OK, (await _sending).StatusCode);
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            while (await _pipe.Reader.ReadAsync() is var read && !(read.IsCompleted && read.Buffer.IsEmpty))
            {
                foreach (var segment in read.Buffer) await stream.WriteAsync(segment);
                await stream.FlushAsync();
                _pipe.Reader.AdvanceTo(read.Buffer.End);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
