using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using DroneDelivery.Gateway.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Every write honours <c>If-Match</c> and <c>If-None-Match</c>. A route that the table does not name fails.</summary>
public sealed class ConditionalWriteTests(GatewayFixture gateway)
{
    private const string Stale = "W/\"AAAAAAAAAAAAAAAA.o9-9\"";

    // Route: where the resource is read, a body that changes it. Decided in the turn of the grain.
    private static readonly Dictionary<string, (string Read, string? Body)> InGrain = new()
    {
        ["PUT /api/deliveries/{id}"] = ("/api/deliveries/DELIVERY", """{"pickup":"my pickup","dropoff":"elsewhere"}"""),
        ["PATCH /api/deliveries/{id}"] = ("/api/deliveries/DELIVERY", """{"deadline":"soon"}"""),
        ["DELETE /api/deliveries/{id}"] = ("/api/deliveryrequests/DELIVERY", null), // A delivery does not show that it was cancelled.
        ["PATCH /api/deliveryrequests/{id}"] = ("/api/deliveryrequests/DELIVERY", """{"deadline":"soon"}"""),
        ["DELETE /api/deliveryrequests/{id}"] = ("/api/deliveryrequests/DELIVERY", null),
        ["PUT /api/dronedeliveries/{deliveryId}"] = ("/api/deliveries/FLYING", """{"pickup":"my pickup","dropoff":"elsewhere"}"""),
        ["DELETE /api/dronedeliveries/{deliveryId}"] = ("/api/deliveryrequests/FLYING", null),
        ["PUT /api/packages/{id}"] = ("/api/packages/PACKAGE", """{"size":"large","weight":7}"""),
        ["PATCH /api/packages/{id}"] = ("/api/packages/PACKAGE", """{"weight":8}"""),
        ["PUT /api/accounts/{id}"] = ("/api/accounts/OWNER", """{"standing":"Suspended"}"""),
        ["PUT /api/drones/{id}"] = ("/api/drones/DRONE", Http.Drone(drone => drone["model"] = "another")),
        ["PUT /api/webhooks/{webhookId}"] = ("/api/webhooks/WEBHOOK?ownerId=OWNER", """{"url":"https://other.example.org"}"""),
        ["PATCH /api/webhooks/{webhookId}"] = ("/api/webhooks/WEBHOOK?ownerId=OWNER", """{"description":"another"}"""),
    };

    // Compared in the gateway, just before the change: no one grain decides there.
    private static readonly HashSet<string> InGateway =
    [
        "DELETE /api/webhooks/{webhookId}", "PUT /api/drone/{deliveryId}", "PUT /api/operations/weatherholds/{id}", "DELETE /api/operations/weatherholds/{id}",
        "PUT /api/operations/erasures/{id}",
    ];

    private readonly HttpClient _http = gateway.Http;

    public static TheoryData<string> Decided => [.. InGrain.Keys];

    public static TheoryData<string> Others => [.. Writes.Except(InGrain.Keys).Except(InGateway)];

    // Routes that change something without a representation of its own: nothing can match.
    private static readonly string[] Writes =
    [
        .. InGrain.Keys, .. InGateway,
        "POST /api/deliveryrequests", "POST /api/deliveries/{id}/notifymerequests", "POST /api/deliveries/{id}/confirmations", "POST /api/deliveries/{id}/shares",
        "PUT /api/packages", "POST /api/drones/{id}/telemetry", "POST /api/drones/{id}/pickup", "POST /api/drones/telemetry",
        "POST /api/drones/{id}/deliveries/{deliveryId}/confirmations", "POST /api/partners/{partnerId}/reports",
        "POST /api/webhooks", "POST /api/webhooks/{webhookId}/rotate", "POST /api/webhooks/{webhookId}/resume", "POST /api/webhooks/{webhookId}/test",
        "POST /api/operations/deadletters/replay", "POST /api/operations/drones/{id}/reset",
        "POST /api/operations/deadletters/{id}/replay", "POST /api/operations/deadletters/{id}/abandon", "POST /api/operations/incidents/{id}/resolve",
        "POST /api/operations/sinks/{sink}/resume", "PUT /api/operations/drones/{id}/maintenance", "POST /api/operations/drones/{id}/keys", "DELETE /api/operations/drones/{id}/keys",
    ];

    [Fact]
    public void Table_has_every_write_and_where_its_conditions_are_decided()
    {
        var writes = gateway.Host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText!.TrimStart('/').StartsWith("api/", StringComparison.Ordinal))
            .SelectMany(route => (route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Select(method => (Name: $"{method} /{route.RoutePattern.RawText!.Trim('/')}", Route: route)))
            .Where(route => !route.Name.StartsWith("GET ", StringComparison.Ordinal))
            .ToDictionary(route => route.Name, route => route.Route.Metadata.GetMetadata<HonoursConditions>());

        Assert.Equal(Writes.Order(StringComparer.Ordinal), writes.Keys.Order(StringComparer.Ordinal));
        Assert.All(writes, write => Assert.Equal(InGrain.ContainsKey(write.Key), write.Value == HonoursConditions.InGrain));
        Assert.All(writes, write => Assert.Equal(InGateway.Contains(write.Key), write.Value == HonoursConditions.InGateway));
    }

    [Theory, MemberData(nameof(Decided))]
    public async Task Write_is_made_only_on_the_version_that_is_demanded(string route)
    {
        var (read, path, body) = await Make(route);
        var method = route[..route.IndexOf(' ', StringComparison.Ordinal)];
        var tag = await Tag(read);
        var before = await _http.GetStringAsync(read, TestContext.Current.CancellationToken);

        foreach (var (header, value) in new[] { ("If-Match", Stale), ("If-Match", "\"x\", \"y\""), ("If-Match", "no tag"), ("If-None-Match", "*"), ("If-None-Match", $"\"x\", {tag}") })
        {
            var (refused, problem) = await Send(method, path, body, header, value);
            Assert.Equal((value, HttpStatusCode.PreconditionFailed), (value, refused));
            Assert.Equal("urn:drone-delivery:problem:precondition-failed", (string?)problem!["type"]);
        }

        Assert.Equal(before, await _http.GetStringAsync(read, TestContext.Current.CancellationToken));
        Assert.InRange((int)(await Send(method, path, body, "If-Match", $"\"x\", {tag}")).Status, 200, 299);
        Assert.NotEqual(before, await _http.GetStringAsync(read, TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Send(method, path, body, "If-Match", tag)).Status);
    }

    [Theory, MemberData(nameof(Decided))]
    public async Task Write_is_made_on_any_version_or_another_than_one_that_is_old(string route)
    {
        foreach (var (header, value) in new[] { ("If-Match", "*"), ("If-None-Match", Stale) })
        {
            var (_, path, body) = await Make(route);
            Assert.InRange((int)(await Send(route[..route.IndexOf(' ', StringComparison.Ordinal)], path, body, header, value)).Status, 200, 299);
        }
    }

    [Theory, MemberData(nameof(Others))]
    public async Task What_has_no_representation_matches_nothing(string route)
    {
        var method = route[..route.IndexOf(' ', StringComparison.Ordinal)];
        var path = route[(method.Length + 1)..].Replace("{id}", "some-id", StringComparison.Ordinal)
            .Replace("{deliveryId}", "some-id", StringComparison.Ordinal).Replace("{webhookId}", "some-id", StringComparison.Ordinal)
            .Replace("{partnerId}", "courier", StringComparison.Ordinal).Replace("{sink}", "sink", StringComparison.Ordinal);

        foreach (var value in new[] { "*", "\"x\"" })
        {
            var (status, problem) = await Send(method, path, "{}", "If-Match", value, path.EndsWith("drones/telemetry", StringComparison.Ordinal) ? "application/x-ndjson" : "application/json");
            Assert.Equal(HttpStatusCode.PreconditionFailed, status);
            Assert.Equal("urn:drone-delivery:problem:precondition-failed", (string?)problem!["type"]);
        }
    }

    [Fact]
    public async Task Put_can_be_told_to_make_only_and_to_change_only()
    {
        var (made, other) = ($"made-{Guid.NewGuid():N}", $"other-{Guid.NewGuid():N}");
        foreach (var (path, body) in new[] { ($"/api/deliveries/{{0}}", """{"pickup":"a","dropoff":"b"}"""), ($"/api/packages/{{0}}", """{"size":"small","weight":1}"""), ($"/api/drones/{{0}}", Http.Drone()) })
        {
            var at = path.Replace("{0}", made, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.Created, (await Send("PUT", at, body, "If-None-Match", "*")).Status);
            Assert.Equal(HttpStatusCode.PreconditionFailed, (await Send("PUT", at, body, "If-None-Match", "*")).Status);
            Assert.Equal(HttpStatusCode.NoContent, (await Send("PUT", at, body, "If-Match", "*")).Status);
            Assert.Equal(HttpStatusCode.PreconditionFailed, (await Send("PUT", path.Replace("{0}", other, StringComparison.Ordinal), body, "If-Match", "*")).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await _http.Call("GET", path.Replace("{0}", other, StringComparison.Ordinal))).Status);
        }
    }

    [Fact]
    public async Task Conditions_compared_in_the_gateway_hold_too()
    {
        var id = $"storm-{Guid.NewGuid():N}"[..20];
        var path = $"/api/operations/weatherholds/{id}";
        var body = $$"""{"reason":"storm","until":"{{DateTimeOffset.UtcNow.AddHours(1):O}}"}""";
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Send("PUT", path, body, "If-Match", "*")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Send("PUT", path, body, "If-None-Match", "*")).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Send("PUT", path, body, "If-None-Match", "*")).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Send("DELETE", path, null, "If-Match", "\"x\"")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Send("DELETE", path, null, "If-Match", "*")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Send("DELETE", path, null, "If-Match", "*")).Status);

        var (read, at, _) = await Make("PATCH /api/webhooks/{webhookId}");
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Send("DELETE", at, null, "If-Match", Stale)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Send("DELETE", at, null, "If-Match", await Tag(read))).Status);

        var flying = $"/api/drone/{await Flying()}";
        const string Flight = """{"stage":2,"location":{"latitude":47.6,"longitude":-122.1}}""";
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Send("PUT", flying, Flight, "If-Match", Stale)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Send("PUT", flying, Flight, "If-Match", await Tag(flying))).Status);
    }

    [Fact]
    public async Task Tag_of_what_is_read_stays_while_the_content_does()
    {
        var id = await _http.Order();
        var tag = await Tag($"/api/deliveries/{id}");

        gateway.World.Requests[id] = gateway.World.Requests[id] with { Revision = 5 };

        Assert.NotEqual(tag, await Tag($"/api/deliveries/{id}"));
        Assert.Equal(HttpStatusCode.NotModified, (await Send("GET", $"/api/deliveries/{id}", null, "If-None-Match", tag)).Status);
    }

    private async Task<(string Read, string Path, string? Body)> Make(string route)
    {
        var (read, body) = InGrain[route];
        var owner = $"owner-{Guid.NewGuid():N}";
        async Task<string> Value(string name) => name switch
        {
            "DELIVERY" => await _http.Order(),
            "FLYING" => await Flying(),
            "PACKAGE" => (string)(await _http.Call("PUT", "/api/packages", """{"size":"small","weight":1}""")).Body!["id"]!,
            "DRONE" => await _http.NewDrone(),
            "WEBHOOK" => (string)(await _http.Call("POST", $"/api/webhooks?ownerId={owner}", """{"url":"https://hooks.example.org"}""")).Body!["id"]!,
            _ => owner,
        };
        foreach (var name in new[] { "DELIVERY", "FLYING", "PACKAGE", "DRONE", "WEBHOOK", "OWNER" })
            if (read.Contains(name, StringComparison.Ordinal)) read = read.Replace(name, await Value(name), StringComparison.Ordinal);

        var id = read.Split('?')[0].Split('/')[^1];
        var path = route[(route.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        return (read, path[..path.IndexOf('{', StringComparison.Ordinal)] + id + (read.Contains('?', StringComparison.Ordinal) ? read[read.IndexOf('?', StringComparison.Ordinal)..] : ""), body);
    }

    private async Task<string> Flying()
    {
        var drone = await _http.NewDrone();
        return await _http.Order(b => b["packageInfo"]!["tag"] = $"drone:{drone}");
    }

    private async Task<string> Tag(string path) => (await _http.Call("GET", path)).Response.Headers.ETag!.ToString();

    private async Task<(HttpStatusCode Status, JsonNode? Body)> Send(string method, string path, string? body, string header, string value, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation(header, value);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, contentType);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType == "application/problem+json" ? JsonNode.Parse(text) : null);
    }
}
