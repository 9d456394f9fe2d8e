using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Gateway.Tests;

/// <summary>A gateway that asks Azure Maps, which a stub stands in for.</summary>
public sealed class GeocodingTests(GatewayFixture gateway) : IAsyncLifetime
{
    private readonly ConcurrentQueue<(string? Address, string? Key, string? Version)> _asked = new();
    private WebApplication _maps = null!;
    private GatewayHost _host = null!;
    private HttpClient _http = null!;
    private Func<int, IResult> _answer = _ => Feature(-122.3, 47.6);

    private static Action<JsonObject> At(string place) => body => (body["pickupLocation"], body["dropOffLocation"]) = (place, place);

    private static IResult Feature(double longitude, double latitude, string confidence = "High") => TypedResults.Content(
        FormattableString.Invariant($$$"""{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"confidence":"{{{confidence}}}"},"geometry":{"type":"Point","coordinates":[{{{longitude}}},{{{latitude}}}]}}]}"""),
        "application/geo+json");

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _maps = builder.Build();
        _maps.MapGet("/geocode", (HttpContext context) =>
        {
            _asked.Enqueue((context.Request.Query["query"], context.Request.Headers["subscription-key"], context.Request.Query["api-version"]));
            return _answer(_asked.Count);
        });
        await _maps.StartAsync();
        (_host, _http) = await gateway.Open(new() { ["AzureMaps:Key"] = "the-key", ["AzureMaps:Endpoint"] = _maps.Urls.Single() });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        await _maps.DisposeAsync();
    }

    [Fact]
    public async Task Address_is_asked_for_once_and_means_the_point_that_the_map_names()
    {
        var id = await _http.Order(At("1 Main St & 2nd, Seattle"));
        await _http.Order(At("  1 main ST & 2nd,   seattle "));

        var (_, delivery, _) = await _http.Call("GET", $"/api/deliveries/{id}");
        Assert.Equal((47.6, -122.3), ((double)delivery!["pickup"]!["latitude"]!, (double)delivery["pickup"]!["longitude"]!));
        Assert.Single(_asked);
    }

    [Fact]
    public async Task Question_carries_key_version_and_address()
    {
        await _http.Order(At("Größe & Maß?"));

        Assert.Equal(("Größe & Maß?", "the-key", "2023-06-01"), Assert.Single(_asked));
    }

    [Theory]
    [InlineData("Low")]
    [InlineData("")]
    public async Task Guess_is_no_place(string confidence)
    {
        _answer = _ => Feature(1, 2, confidence);
        await _http.ExpectFault("pickupLocation", "POST", "/api/deliveryrequests", Http.Request());
    }

    [Theory]
    [InlineData("""{"features":[]}""")]
    [InlineData("{}")]
    [InlineData("""{"features":[{"properties":{"confidence":"High"},"geometry":{"coordinates":[1]}}]}""")]
    [InlineData("""{"features":[{"properties":{"confidence":"High"},"geometry":{"coordinates":[1,91]}}]}""")]
    public async Task Address_that_the_map_does_not_know_is_a_fault_of_its_field(string answer)
    {
        _answer = _ => TypedResults.Content(answer, "application/json");

        await _http.ExpectFault("dropOffLocation", "POST", "/api/deliveryrequests", Http.Request());
        await _http.ExpectFault("pickupLocation", "POST", "/api/deliveryrequests", Http.Request());

        // That there is no such place is kept too.
        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public async Task Passing_fault_of_the_map_is_invisible()
    {
        _answer = number => number <= 2 ? TypedResults.StatusCode(503) : Feature(-122.3, 47.6);

        await _http.Order(At("here"));

        Assert.Equal(3, _asked.Count);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(401)]
    [InlineData(200)]
    public async Task Map_that_fails_for_good_is_answered_with_when_to_come_back_and_not_remembered(int status)
    {
        _answer = _ => status == 200 ? TypedResults.Content("<html>", "application/json") : TypedResults.StatusCode(status);
        var problem = await _http.ExpectProblem(503, "unavailable", "POST", "/api/deliveryrequests", Http.Request());
        Assert.DoesNotContain("the-key", problem.ToJsonString(), StringComparison.Ordinal);

        _answer = _ => Feature(-122.3, 47.6);
        await Eventually.Holds(async () => (await _http.Call("POST", "/api/deliveryrequests", Http.Request())).Status == HttpStatusCode.Accepted, "the map is asked again");
    }

    [Fact]
    public async Task Point_is_not_asked_for()
    {
        await _http.Order(At("10,47.6,-122.1"));

        Assert.Empty(_asked);
    }
}
