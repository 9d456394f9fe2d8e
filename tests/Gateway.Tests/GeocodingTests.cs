using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Gateway.Tests;

/// <summary>A gateway that asks Azure Maps, which a stub stands in for.</summary>
public sealed class MapsGateway(GatewayFixture gateway) : IAsyncLifetime
{
    private WebApplication _maps = null!;
    private GatewayHost _host = null!;

    public HttpClient Http { get; private set; } = null!;

    internal ConcurrentQueue<(string? Address, string? Key, string? Version)> Asked { get; } = new();

    /// <summary>What the map answers to the question of this number.</summary>
    internal Func<int, IResult> Answer { get; set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _maps = builder.Build();
        _maps.MapGet("/geocode", (HttpContext context) =>
        {
            Asked.Enqueue((context.Request.Query["query"], context.Request.Headers["subscription-key"], context.Request.Query["api-version"]));
            return Answer(Asked.Count);
        });
        await _maps.StartAsync();
        (_host, Http) = await gateway.Open(new() { ["AzureMaps:Key"] = "the-key", ["AzureMaps:Endpoint"] = _maps.Urls.Single() });
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _host.DisposeAsync();
        await _maps.DisposeAsync();
    }
}

/// <summary>Addresses are looked up in Azure Maps. Each test has addresses of its own, for what was answered is kept.</summary>
public sealed class GeocodingTests : IClassFixture<MapsGateway>
{
    private readonly string _street = $" {Guid.NewGuid():N} Street";
    private readonly MapsGateway _gateway;
    private readonly HttpClient _http;

    public GeocodingTests(MapsGateway gateway)
    {
        (_gateway, _http) = (gateway, gateway.Http);
        gateway.Asked.Clear();
        gateway.Answer = _ => Feature(-122.3, 47.6);
    }

    private static Action<JsonObject> At(string place) => body => (body["pickupLocation"], body["dropOffLocation"]) = (place, place);

    private string FromTo() => Http.Request(body => (body["pickupLocation"], body["dropOffLocation"]) = ("1" + _street, "2" + _street));

    private static IResult Feature(double longitude, double latitude, string confidence = "High") => TypedResults.Content(
        FormattableString.Invariant($$$"""{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"confidence":"{{{confidence}}}"},"geometry":{"type":"Point","coordinates":[{{{longitude}}},{{{latitude}}}]}}]}"""),
        "application/geo+json");

    [Fact]
    public async Task Address_is_asked_for_once_and_means_the_point_that_the_map_names()
    {
        var id = await _http.Order(At($"1 Main St & 2nd,{_street}"));
        await _http.Order(At($"  1 main ST & 2nd,  {_street.ToUpperInvariant()} "));

        var (_, delivery, _) = await _http.Call("GET", $"/api/deliveries/{id}");
        Assert.Equal((47.6, -122.3), ((double)delivery!["pickup"]!["latitude"]!, (double)delivery["pickup"]!["longitude"]!));
        Assert.Single(_gateway.Asked);
    }

    [Fact]
    public async Task Question_carries_key_version_and_address()
    {
        await _http.Order(At($"Größe & Maß?{_street}"));

        Assert.Equal(($"Größe & Maß?{_street}", "the-key", "2023-06-01"), Assert.Single(_gateway.Asked));
    }

    [Theory]
    [InlineData("Low")]
    [InlineData("")]
    public async Task Guess_is_no_place(string confidence)
    {
        _gateway.Answer = _ => Feature(1, 2, confidence);
        await _http.ExpectFault("pickupLocation", "POST", "/api/deliveryrequests", FromTo());
    }

    [Theory]
    [InlineData("""{"features":[]}""")]
    [InlineData("{}")]
    [InlineData("""{"features":[{"properties":{"confidence":"High"},"geometry":{"coordinates":[1]}}]}""")]
    [InlineData("""{"features":[{"properties":{"confidence":"High"},"geometry":{"coordinates":[1,91]}}]}""")]
    public async Task Address_that_the_map_does_not_know_is_a_fault_of_its_field(string answer)
    {
        _gateway.Answer = _ => TypedResults.Content(answer, "application/json");

        await _http.ExpectFault("dropOffLocation", "POST", "/api/deliveryrequests", FromTo());
        await _http.ExpectFault("pickupLocation", "POST", "/api/deliveryrequests", FromTo());

        // That there is no such place is kept too.
        Assert.Equal(2, _gateway.Asked.Count);
    }

    [Fact]
    public async Task Passing_fault_of_the_map_is_invisible()
    {
        _gateway.Answer = number => number <= 2 ? TypedResults.StatusCode(503) : Feature(-122.3, 47.6);

        await _http.Order(At(_street.Trim()));

        Assert.Equal(3, _gateway.Asked.Count);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(401)]
    [InlineData(200)]
    public async Task Map_that_fails_for_good_is_answered_with_when_to_come_back_and_not_remembered(int status)
    {
        _gateway.Answer = _ => status == 200 ? TypedResults.Content("<html>", "application/json") : TypedResults.StatusCode(status);
        var problem = await _http.ExpectProblem(503, "unavailable", "POST", "/api/deliveryrequests", FromTo());
        Assert.DoesNotContain("the-key", problem.ToJsonString(), StringComparison.Ordinal);

        _gateway.Answer = _ => Feature(-122.3, 47.6);
        await Eventually.Holds(async () => (await _http.Call("POST", "/api/deliveryrequests", FromTo())).Status == HttpStatusCode.Accepted, "the map is asked again");
    }

    [Fact]
    public async Task Point_is_not_asked_for()
    {
        await _http.Order(At("10,47.6,-122.1"));

        Assert.Empty(_gateway.Asked);
    }
}
