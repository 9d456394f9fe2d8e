using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace DroneDelivery.Gateway.Tests;

/// <summary>What is called like a route could not be read again, so nothing may be called so.</summary>
public sealed class ReservedIdTests(GatewayFixture gateway)
{
    [Fact]
    public async Task Word_of_a_route_is_refused_as_an_id_wherever_one_is_chosen()
    {
        var routes = gateway.Host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(route => (Segments: route.RoutePattern.PathSegments, Methods: route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])).ToList();
        var found = new List<string>();
        foreach (var (segments, _) in routes.Where(route => route.Methods.Contains("PUT") && Name(route.Segments[^1]) is not null))
        {
            var words = routes.Select(route => route.Segments).Where(other => other.Count >= segments.Count && Text(other[segments.Count - 1]) is not null
                && segments.Take(segments.Count - 1).Select(Text).SequenceEqual(other.Take(segments.Count - 1).Select(Text))).Select(other => Text(other[segments.Count - 1])!).Distinct();
            foreach (var word in words)
            {
                var path = $"/{string.Join('/', segments.Take(segments.Count - 1).Select(Text))}/{word}";
                await gateway.Http.ExpectFault(Name(segments[^1])!, "PUT", path, "{}");
                await gateway.Http.ExpectFault(Name(segments[^1])!, "PUT", path.Replace(word, word.ToUpperInvariant(), StringComparison.Ordinal), "{}");
                found.Add(path);
            }
        }

        Assert.Equal(
            ["/api/deliveries/public", "/api/deliveries/summary", "/api/dronedeliveries/utilization", "/api/drones/telemetry", "/api/packages/summary"], found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("POST", "/api/deliveryrequests", null, "packageInfo.packageId")]
    [InlineData("PUT", "/api/deliveries/some-delivery", """{"pickup":"a","dropoff":"b","packageInfo":{"packageId":"summary","size":"Small","weight":1}}""", "packageInfo.packageId")]
    [InlineData("PUT", "/api/dronedeliveries/some-delivery", """{"pickup":"a","dropoff":"b","packageDetail":{"id":"summary","size":"Small","weight":1}}""", "packageDetail.id")]
    public Task Package_of_an_order_is_not_called_like_a_route(string method, string path, string? body, string field) =>
        gateway.Http.ExpectFault(field, method, path, body ?? Http.Request(b => b["packageInfo"]!["packageId"] = "Summary"));

    private static string? Text(RoutePatternPathSegment segment) => segment is { IsSimple: true, Parts: [RoutePatternLiteralPart literal] } ? literal.Content : null;

    private static string? Name(RoutePatternPathSegment segment) => segment is { IsSimple: true, Parts: [RoutePatternParameterPart parameter] } ? parameter.Name : null;
}
