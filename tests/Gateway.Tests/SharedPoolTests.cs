using System.IO.Pipelines;
using System.Net;
using System.Text;
using DroneDelivery.Gateway.Apis;
using DroneDelivery.Gateway.Load;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Gateway.Tracking;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace DroneDelivery.Gateway.Tests;

/// <summary>One client that holds all the places it may, and others that notice nothing while it lasts.</summary>
public sealed class SharedPoolTests(OpenGateway gateway, GatewayFixture fixture) : IClassFixture<OpenGateway>
{
    private const string Nothing = "/api/deliveries/nobody-asked-for-it";
    private const int Attempts = 30;

    private readonly string _owner = $"owner-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Slow_requests_of_one_owner_take_no_place_of_others()
    {
        await using var limited = await Limited.OpenAsync(this, new() { ["RateLimits:Deliveries:Concurrent"] = "6", ["RateLimits:Deliveries:ConcurrentOfClient"] = "3" });
        using var greedy = limited.As("Deliveries.ReadWrite", _owner);
        using var other = limited.As("Deliveries.ReadWrite", $"not-{_owner}");
        var held = Enumerable.Range(0, 3).Select(_ => $"slow-{Guid.NewGuid():N}").ToList();
        var released = new TaskCompletionSource();
        foreach (var id in held) fixture.Faults.Hold(id, released.Task.WaitAsync(TimeSpan.FromSeconds(30), Token)); // Bounded, for the gateway ends after its calls.

        var slow = held.Select(id => greedy.Call("GET", $"/api/deliveries/{id}")).ToList();
        await Eventually.Holds(() => Task.FromResult(held.TrueForAll(fixture.Faults.IsHolding)), "the owner has under way what it may");

        var refusal = (await greedy.Call("GET", Nothing)).Response;
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(2)), (refusal.StatusCode, refusal.Headers.RetryAfter?.Delta));
        for (var i = 0; i < Attempts; i++) Assert.Equal(HttpStatusCode.NotFound, (await other.Call("GET", Nothing)).Status);
        released.SetResult();
        Assert.All(await Task.WhenAll(slow), answer => Assert.Equal(HttpStatusCode.NotFound, answer.Status));
        await Eventually.Holds(async () => (await greedy.Call("GET", Nothing)).Status == HttpStatusCode.NotFound, "the owner is served again");
    }

    [Fact]
    public async Task Waits_take_no_place_of_the_group_and_are_counted_by_client()
    {
        await using var limited = await Limited.OpenAsync(
            this, new() { ["RateLimits:Deliveries:Concurrent"] = "2", ["RateLimits:Deliveries:ConcurrentOfClient"] = "2", ["RateLimits:WaitsOfClient"] = "4" });
        using var greedy = limited.As("Deliveries.ReadWrite", _owner);
        using var other = limited.As("Deliveries.ReadWrite", $"not-{_owner}");
        var path = $"/api/deliveries/{await fixture.Http.Order(order => order["ownerId"] = _owner)}/status";
        var tag = (await greedy.Call("GET", path)).Response.Headers.ETag!;

        using var over = CancellationTokenSource.CreateLinkedTokenSource(Token);
        over.CancelAfter(TimeSpan.FromSeconds(30));
        var waits = Enumerable.Range(0, 4).Select(_ => Wait("wait=30", over.Token)).ToList();
        await Eventually.Holds(() => Task.FromResult(limited.Watchers == 4), "the owner waits as often as it may");
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Wait("wait=1", Token)).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await greedy.Call("GET", path)).Status);
        for (var i = 0; i < Attempts; i++) Assert.Equal(HttpStatusCode.NotFound, (await other.Call("GET", Nothing)).Status);
        Assert.All(waits, wait => Assert.False(wait.IsCompleted));
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waits));

        async Task<HttpResponseMessage> Wait(string preference, CancellationToken cancellationToken)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Prefer", preference } } };
            request.Headers.IfNoneMatch.Add(tag);
            return await greedy.SendAsync(request, cancellationToken);
        }
    }

    [Fact]
    public async Task Callbacks_of_strangers_are_refused_before_their_body_and_take_no_place_of_others()
    {
        await using var limited = await Limited.OpenAsync(this, new(PartnerCallbackTests.Settings)
        {
            ["RateLimits:Public:Concurrent"] = "2", ["RateLimits:Partners:Concurrent"] = "6", ["RateLimits:Partners:ConcurrentOfClient"] = "3",
        });
        using var http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan }) { BaseAddress = limited.Address };

        foreach (var signature in new[] { null, "", "t=1,v1=00", PartnerCallbackTests.Sign("", "whatever", DateTimeOffset.UtcNow.AddMinutes(-6)) })
        {
            var body = new SlowBody();
            Assert.Equal(HttpStatusCode.Unauthorized, (await Call(body, signature)).StatusCode);
            Assert.False(body.Begun.IsCompleted);
        }

        // What looks like a signature is not known to be none before the body has come.
        var bodies = Enumerable.Range(0, 3).Select(_ => new SlowBody()).ToList();
        var calls = bodies.Select(body => Call(body, PartnerCallbackTests.Sign("something else", "whatever"))).ToList();
        await Task.WhenAll(bodies.Select(body => body.Begun)).WaitAsync(TimeSpan.FromSeconds(30), Token);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await Call(new SlowBody(), PartnerCallbackTests.Sign("", "whatever"))).StatusCode);
        for (var i = 0; i < Attempts; i++) Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/api/shared/nothing", Token)).StatusCode);
        foreach (var body in bodies) body.End();
        await Record.ExceptionAsync(() => Task.WhenAll(calls)); // The server may have given them up as too slow.

        async Task<HttpResponseMessage> Call(SlowBody body, string? signature)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/partners/acme/reports") { Content = body };
            request.Headers.ExpectContinue = true;
            if (signature is not null) request.Headers.TryAddWithoutValidation("X-Partner-Signature", signature);
            return await http.SendAsync(request, Token);
        }
    }

    [Fact]
    public async Task Stream_of_blank_lines_and_nonsense_is_ended()
    {
        var stream = new ClockedStream(fixture);

        var sent = 0;
        await Eventually.Holds(
            async () =>
            {
                if (stream.Ended.IsCompleted) return true;
                await stream.Write("\n \r\nnonsense\n");
                sent++;
                stream.Clock.Advance(TimeSpan.FromSeconds(7));
                return false;
            },
            "the stream is ended");

        Assert.InRange(sent, 5, int.MaxValue);
        await stream.Ended;
        Assert.Contains("\"status\":408", await stream.Answers(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_of_reports_goes_on()
    {
        var drone = await fixture.Http.NewDrone();
        var stream = new ClockedStream(fixture);
        for (var i = 1; i <= 10; i++)
        {
            await stream.Write(Http.Report(drone, i) + "\n");
            Assert.Contains("Accepted", await stream.NextAnswer(), StringComparison.Ordinal);
            stream.Clock.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.False(stream.Ended.IsCompleted);
        await stream.End();
        await stream.Ended;
    }

    /// <summary>A gateway with limits of its own.</summary>
    private sealed class Limited(TokenIssuer issuer, GatewayHost host, HttpClient http) : IAsyncDisposable
    {
        public static async Task<Limited> OpenAsync(SharedPoolTests tests, Dictionary<string, string> settings)
        {
            var (host, http) = await tests.Open(settings);
            return new(tests.Issuer, host, http);
        }

        public HttpClient As(string role, string subject)
        {
            var client = host.Client();
            client.DefaultRequestHeaders.Authorization = new("Bearer", issuer.Token([role], subject));
            return client;
        }

        public int Watchers => host.Services.GetRequiredService<DeliveryWatches>().Count.Watchers;

        public Uri Address => http.BaseAddress!;

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await host.DisposeAsync();
        }
    }

    /// <summary>A body of JSON that begins only when the server asks for it, and ends when the test says so.</summary>
    private sealed class SlowBody : HttpContent
    {
        private readonly TaskCompletionSource _begun = new();
        private readonly TaskCompletionSource _ended = new();

        public SlowBody() => Headers.ContentType = new("application/json");

        public Task Begun => _begun.Task;

        public void End() => _ended.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync("{"u8.ToArray());
            await stream.FlushAsync();
            _begun.TrySetResult();
            await _ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await stream.WriteAsync("}"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private TokenIssuer Issuer => gateway.Issuer;

    private Task<(GatewayHost Host, HttpClient Http)> Open(Dictionary<string, string> settings) => fixture.OpenToTheWorld(gateway.Issuer, settings);

    /// <summary>A stream of telemetry by a clock that the test moves.</summary>
    private sealed class ClockedStream
    {
        private readonly Pipe _input = new();
        private readonly Pipe _output = new();

        public ClockedStream(GatewayFixture fixture)
        {
            var services = fixture.Host.Services;
            var context = new DefaultHttpContext { RequestServices = services };
            context.Features.Set<IRequestBodyPipeFeature>(new Input(_input.Reader));
            context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_output.Writer.AsStream()));
            context.User = new(new System.Security.Claims.ClaimsIdentity([new(CallerClaims.Role, Roles.AnyDrone)], "test", CallerClaims.Subject, CallerClaims.Role));
            Ended = Run();

            async Task Run()
            {
                await TelemetryStream.Report(
                    context, Caller.Of(context), services.GetRequiredService<IGrainFactory>(), services.GetRequiredService<IOptions<JsonOptions>>(),
                    Options.Create(new RateLimitOptions()), Clock, NullLogger<TelemetryStream>.Instance);
                await context.Response.CompleteAsync();
                await _output.Writer.CompleteAsync();
            }
        }

        public FakeTimeProvider Clock { get; } = new();

        public Task Ended { get; }

        public async Task Write(string text) => await _input.Writer.WriteAsync(Encoding.UTF8.GetBytes(text), Token);

        public async Task End() => await _input.Writer.CompleteAsync();

        public async Task<string> NextAnswer()
        {
            var read = await _output.Reader.ReadAsync(Token);
            var text = Encoding.UTF8.GetString(read.Buffer);
            _output.Reader.AdvanceTo(read.Buffer.End);
            return text;
        }

        public async Task<string> Answers()
        {
            using var reader = new StreamReader(_output.Reader.AsStream());
            return await reader.ReadToEndAsync(Token);
        }

        private sealed record Input(PipeReader Reader) : IRequestBodyPipeFeature;
    }
}
