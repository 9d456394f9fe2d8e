using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using DroneDelivery.Drones;
using DroneDelivery.Gateway.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Floods of invented drone keys: what they cost the cluster and the log, and that other callers notice nothing.</summary>
public sealed class SignInFloodTests(OpenGateway gateway, GatewayFixture fixture) : IClassFixture<OpenGateway>
{
    private const int Flood = 2_000;
    private const int Burst = 10;

    private readonly string _drone = $"drone_{Guid.NewGuid():N}";

    [Fact]
    public async Task Keys_with_a_forged_mac_cost_no_grain_call_and_disturb_no_other_address()
    {
        await using var flooded = await Flooded.OpenAsync(fixture, gateway.Issuer);
        var good = await NewKey();
        using var neighbour = flooded.ClientFrom("127.0.0.2");

        var (answers, others) = await flooded.Send(Enumerable.Range(0, Flood).Select(_ => Invented(macLength: 32)), () => neighbour.StatusWith(good, $"/api/drones/{_drone}"));

        Assert.All(answers, answer => Assert.Contains(answer, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests }));
        Assert.All(others, answer => Assert.Equal(HttpStatusCode.NotFound, answer));
        Assert.Equal(0, flooded.CallsOfOthersThan(_drone));
        Assert.InRange(flooded.Lines, 0, 5);
    }

    [Fact]
    public async Task Keys_without_a_mac_cost_no_more_grain_calls_than_the_budget_of_their_address()
    {
        await using var flooded = await Flooded.OpenAsync(fixture, gateway.Issuer);
        var good = await NewKey();
        var earlier = WithoutMac(good);
        using var same = flooded.ClientFrom("127.0.0.1");
        using var neighbour = flooded.ClientFrom("127.0.0.2");
        Assert.Equal(HttpStatusCode.NotFound, await same.StatusWith(earlier, $"/api/drones/{_drone}"));
        using var olga = gateway.ClientWith(gateway.Issuer.Token(["Operators"]));
        var unknown = WithoutMac(await Key(olga, $"{_drone}-2"));

        var (answers, others) = await flooded.Send(Enumerable.Range(0, Flood).Select(_ => Invented(macLength: 0)), () => neighbour.StatusWith(unknown, $"/api/drones/{_drone}-2"));

        Assert.All(answers, answer => Assert.Contains(answer, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests }));
        Assert.All(others, answer => Assert.Equal(HttpStatusCode.NotFound, answer));
        Assert.Equal(Burst, flooded.CallsOfOthersThan(_drone));
        Assert.InRange(flooded.Lines, 0, 5);

        // Behind the address of the flood, a key with a MAC and one that was good before are served; a new one without has to wait.
        Assert.Equal(HttpStatusCode.NotFound, await same.StatusWith(good, $"/api/drones/{_drone}"));
        Assert.Equal(HttpStatusCode.NotFound, await same.StatusWith(earlier, $"/api/drones/{_drone}"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await same.StatusWith(WithoutMac(await Key(olga, $"{_drone}-3")), $"/api/drones/{_drone}-3"));
    }

    [Fact]
    public async Task Void_key_is_looked_up_no_more_often_than_the_budget_of_its_drone()
    {
        await using var flooded = await Flooded.OpenAsync(fixture, gateway.Issuer);
        var gone = await NewKey();
        using var olga = gateway.ClientWith(gateway.Issuer.Token(["Operators"]));
        await olga.Call("DELETE", $"/api/operations/drones/{_drone}/keys");
        using var same = flooded.ClientFrom("127.0.0.1");

        await flooded.Send(Enumerable.Repeat(gone, 5 * Burst), () => Task.FromResult(HttpStatusCode.OK));

        Assert.Equal(Burst, flooded.Calls(_drone));
        var other = await Key(olga, $"{_drone}-2");
        Assert.Equal(HttpStatusCode.NotFound, await same.StatusWith(other, $"/api/drones/{_drone}-2"));
    }

    [Fact]
    public async Task Failed_sign_ins_are_counted_and_logged_once_a_minute()
    {
        var log = new Lines();
        var clock = new FakeTimeProvider();
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(log));
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var failed = new FailedSignIns(services.GetRequiredService<IMeterFactory>(), clock, factory.CreateLogger<FailedSignIns>());
        var counted = 0L;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == services.GetRequiredService<IMeterFactory>()) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, measurement, _, _) => counted += measurement);
        listener.Start();

        for (var i = 0; i < 1_000; i++) failed.Note(SignInFault.Forged);
        Assert.Empty(log.Written);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("1000 sign-ins failed within 60 s", Assert.Single(log.Written));

        clock.Advance(TimeSpan.FromMinutes(5));
        failed.Note(SignInFault.Void);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["1000 sign-ins failed within 60 s", "1 sign-ins failed within 60 s"], log.Written);
        Assert.Equal(1_001, counted);
    }

    private Task<string> NewKey()
    {
        var olga = gateway.ClientWith(gateway.Issuer.Token(["Operators"]));
        return Key(olga, _drone);
    }

    private static async Task<string> Key(HttpClient olga, string drone) => (string)(await olga.Call("POST", $"/api/operations/drones/{drone}/keys")).Body!["key"]!;

    private static string WithoutMac(string key) => key[..(key.LastIndexOf('_') + 65)];

    private static string Invented(int macLength) => $"dk_{Guid.NewGuid():N}_{RandomNumberGenerator.GetHexString(64 + macLength, lowercase: true)}";

    /// <summary>A gateway with limits of which nothing comes back with time, and what it does.</summary>
    private sealed class Flooded(GatewayHost host, HttpClient http, DroneCalls calls, Lines log) : IAsyncDisposable
    {
        public int Lines => log.Written.Count;

        public static async Task<Flooded> OpenAsync(GatewayFixture fixture, TokenIssuer issuer)
        {
            var (calls, log) = (new DroneCalls(), new Lines());
            var settings = new Dictionary<string, string> { ["RateLimits:FailedSignIns:PerSecond"] = "1", ["RateLimits:FailedSignIns:Burst"] = $"{Burst}" };
            var (host, http) = await fixture.OpenToTheWorld(issuer, settings, services => services
                .AddSingleton<TimeProvider>(new StoppedClock()).AddSingleton<IOutgoingGrainCallFilter>(calls).AddSingleton<ILoggerProvider>(log));
            log.Written.Clear();
            return new(host, http, calls, log);
        }

        public int Calls(string drone) => calls.Of.GetValueOrDefault(drone);

        public int CallsOfOthersThan(string drone) => calls.Of.Where(entry => !entry.Key.StartsWith(drone, StringComparison.Ordinal)).Sum(entry => entry.Value);

        /// <summary>A client that calls from this address.</summary>
        public HttpClient ClientFrom(string address) => new(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        { BaseAddress = http.BaseAddress };

        /// <summary>Sends these keys, and meanwhile something else over and over.</summary>
        public async Task<(IReadOnlyCollection<HttpStatusCode> Answers, IReadOnlyCollection<HttpStatusCode> Others)> Send(IEnumerable<string> keys, Func<Task<HttpStatusCode>> other)
        {
            var (answers, others) = (new ConcurrentBag<HttpStatusCode>(), new List<HttpStatusCode>());
            var flood = Parallel.ForEachAsync(
                keys, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (key, _) => answers.Add(await http.StatusWith(key, "/api/drones/nobody")));
            do others.Add(await other()); while (!flood.IsCompleted && others.Count < 100);
            await flood;
            return (answers, others);
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await host.DisposeAsync();
        }
    }

    private sealed class DroneCalls : IOutgoingGrainCallFilter
    {
        public ConcurrentDictionary<string, int> Of { get; } = new();

        public Task Invoke(IOutgoingGrainCallContext context)
        {
            if (context.InterfaceMethod.Name == nameof(IDroneGrain.HasKey)) Of.AddOrUpdate(context.TargetId.Key.ToString()!, 1, (_, count) => count + 1);
            return context.Invoke();
        }
    }

    private sealed class StoppedClock : TimeProvider
    {
        private readonly long _now = System.GetTimestamp();

        public override long GetTimestamp() => _now;
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Written { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
