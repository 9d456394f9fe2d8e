using System.Net;
using System.Text;
using System.Text.Json;
using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Scheduling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Providers.Cosmos;

namespace DroneDelivery.Gateway.Tests;

/// <summary>What passes by itself is answered with 503 and when to come back; what is a fault of ours with 500.</summary>
public sealed class TransientFaultsTests(GatewayFixture gateway)
{
    private const string Body = """{"owner":{"accountId":"a"},"pickup":"here","dropoff":"there"}""";

    // By name: the exception, whether it is answered with 503, whether the call is repeated first.
    private static readonly Dictionary<string, (Func<Exception> Fault, bool Passes, bool Repeated)> Faults = new()
    {
        ["session lags behind, 404/1002"] = (() => Store(404, 1002), true, true),
        ["container is being made, 404/1013"] = (() => Store(404, 1013), true, true),
        ["another region writes now, 403/3"] = (() => Store(403, 3), true, true),
        ["account is not in the region, 403/1008"] = (() => Store(403, 1008), true, true),
        ["partition moves, 410/1002"] = (() => Store(410, 1002), true, true),
        ["write was under way, 449"] = (() => Store(449), true, true),
        ["store is throttled, 429"] = (() => Store(429, 3200), true, false),
        ["store is away, 503"] = (() => Store(503), true, false),
        ["store is slow, 408"] = (() => Store(408), true, false),
        ["container is gone, 404/1003"] = (() => Store(404, 1003), false, false),
        ["identity has no right, 403"] = (() => Store(403), false, false),
        ["identity has no right, 403/5300"] = (() => Store(403, 5300), false, false),
        ["partition is full, 403/1014"] = (() => Store(403, 1014), false, false),
        ["token is not valid, 401"] = (() => Store(401), false, false),
        ["document is too large, 413"] = (() => Store(413), false, false),
        ["request is wrong, 400"] = (() => Store(400), false, false),
        ["disk is full"] = (() => new StoreUnavailableException("The local store cannot serve: SQLite Error 13: 'database or disk is full'."), true, false),
        ["store's lock times out, as the runtime wraps it"] = (() => new OrleansException("Error from storage provider", new TimeoutException()), true, true),
        ["disk is full, as the runtime wraps it"] = (() => new OrleansException("Error from storage provider", new StoreUnavailableException("full")), true, false),
        ["document is damaged, as the runtime wraps it"] = (() => new OrleansException("Error from storage provider", new JsonException("'<' is invalid")), false, false),
        ["document is too large for the store"] = (() => new OrleansException("State 'request' of grain x makes a document of 3,000,000 bytes; container 'requests' takes at most 2,000,000."), false, false),
        ["grain cannot be made"] = (() => new OrleansException("Missing attribute mapper for attribute X used in grain constructor for grain type Y."), false, false),
        ["silo of the directory has gone"] = (() => new OrleansException("Trying to register supervisor/3A on invalid silo: S127.0.0.1:1:1. Known status: Dead"), true, true),
        ["directory is being handed over"] = (() => new OrleansException("Current directory at S127.0.0.1:1:1 is not stable to perform the lookup for grainId supervisor/3A"), true, true),
        ["directory forwards in circles"] = (() => new OrleansException("Silo S127.0.0.1:1:1 is not owner of supervisor/3A, cannot forward LookUpAsync to owner S because hop limit is reached"), true, true),
        ["no silo hosts the grain"] = (() => new OrleansException("No active nodes are compatible with grain delivery-request and interface X version 0."), true, true),
        ["silo has too much to do"] = (() => new LimitExceededException("Too many requests are queued."), true, false),
        ["silo shuts down with a call under way"] = (() => new ObjectDisposedException("IServiceProvider"), true, true),
        ["something is used after it was disposed of"] = (() => new ObjectDisposedException("MemoryStream"), false, false),
        ["another interface has no grain"] = (() => new ArgumentException("Could not find an implementation for interface Elsewhere.INobody"), false, false),
        ["argument is wrong"] = (() => new ArgumentException("Too long."), false, false),
        ["key is missing"] = (() => new KeyNotFoundException(), false, false),
        ["something is null"] = (() => new NullReferenceException(), false, false),
    };

    public static TheoryData<string> Cases => [.. Faults.Keys];

    [Theory, MemberData(nameof(Cases))]
    public async Task Fault_in_a_silo_is_answered_as_what_it_is(string fault)
    {
        var (make, passes, repeated) = Faults[fault];
        var id = $"fault-{Guid.NewGuid():N}";
        gateway.Faults.Throw(id, repeated ? 2 : int.MaxValue, make);

        var (status, body, response) = await gateway.Http.Call("PUT", $"/api/deliveries/{id}", Body);

        Assert.Equal(repeated ? HttpStatusCode.Created : passes ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.InternalServerError, status);
        Assert.Equal(repeated ? 3 : 1, gateway.Faults.Attempts(id));
        if (repeated) Assert.Equal(1, gateway.World.Effects[id]);
        if (status == HttpStatusCode.ServiceUnavailable) Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        if (status == HttpStatusCode.InternalServerError) Assert.Equal("urn:drone-delivery:problem:internal", (string?)body!["type"]);
    }

    [Fact]
    public void Client_that_knows_of_no_silo_says_not_now_and_only_of_grains_that_are_there()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.UseOrleansClient(client => client.UseLocalhostClustering());
        using var host = builder.Build();
        var grains = host.Services.GetRequiredService<IGrainFactory>();

        var ours = Assert.Throws<ArgumentException>(() => grains.GetGrain<IDeliveryRequestGrain>("x"));
        var other = Assert.Throws<ArgumentException>(() => grains.GetGrain<INobody>("x"));

        Assert.Equal((true, false), (TransientFaults.IsTransient(ours), TransientFaults.IsTransient(other)));
    }

    [Fact]
    public void Messages_by_which_faults_are_known_are_those_of_the_runtime()
    {
        // An update of the runtime that words them in another way has to be noticed here.
        var runtime = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Orleans.Runtime.dll"));
        Assert.All(TransientFaults.MessagesOfChangingMembership, message => Assert.True(runtime.AsSpan().IndexOf(Encoding.Unicode.GetBytes(message)) >= 0, message));
    }

    private static CosmosRequestException Store(int status, int subStatus = 0) => new("read_item", "requests", (HttpStatusCode)status, subStatus, "as it says");

    /// <summary>An interface without a grain.</summary>
    [Alias("Elsewhere.INobody")]
    public interface INobody : IGrainWithStringKey
    {
        /// <summary>Does nothing.</summary>
        [Alias("Do")]
        Task Do();
    }
}
