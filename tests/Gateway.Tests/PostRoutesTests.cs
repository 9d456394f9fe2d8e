using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using DroneDelivery.Gateway.Input;
using DroneDelivery.Notifications;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Every POST can be repeated: what creates takes an Idempotency-Key, of all else the table says why nothing comes of a repetition. A route that is not in it fails.</summary>
public sealed class PostRoutesTests(GatewayFixture gateway)
{
    private const string Url = """{"url":"https://hooks.example.org/deliveries"}""";

    // Route: path, body, another body; null: the route takes none.
    private static readonly Dictionary<string, (string Path, string? Body, string? Other)> Creating = new()
    {
        ["/api/deliveryrequests"] = ("/v1/api/deliveryrequests", Http.Request(), Http.Request(b => b["expedited"] = false)),
        ["/api/deliveries/{id}/notifymerequests"] = ("/api/deliveries/DELIVERY/notifymerequests", """{"emailAddress":"a@example.org"}""", """{"emailAddress":"b@example.org"}"""),
        ["/api/deliveries/{id}/confirmations"] = ("/api/deliveries/DELIVERY/confirmations", """{"confirmationType":"None"}""", """{"confirmationType":"Voice"}"""),
        ["/api/drones/{id}/deliveries/{deliveryId}/confirmations"] =
            ("/api/drones/DRONE/deliveries/DELIVERY/confirmations", """{"confirmationType":"None"}""", """{"confirmationType":"Voice"}"""),
        ["/api/deliveries/{id}/shares"] = ("/v1/api/deliveries/DELIVERY/shares", """{"hours":5}""", """{"hours":6}"""),
        ["/api/webhooks"] = ("/api/webhooks?ownerId=OWNER", Url, """{"url":"https://other.example.org"}"""),
        ["/api/webhooks/{webhookId}/rotate"] = ("/api/webhooks/WEBHOOK/rotate?ownerId=OWNER", """{"oldSecretHours":1}""", """{"oldSecretHours":2}"""),
        ["/api/operations/deadletters/replay"] = (
            "/api/operations/deadletters/replay", """{"reason":"none has this reason"}""", """{"reason":"nor this"}"""),
        ["/api/operations/drones/{id}/keys"] = ("/api/operations/drones/DRONE/keys", null, null),
    };

    private static readonly Dictionary<string, string> Harmless = new()
    {
        ["/api/drones/{id}/telemetry"] = "a report carries its number; one that came before is superseded",
        ["/api/drones/telemetry"] = "the same",
        ["/api/drones/{id}/pickup"] = "the mission's attempt is the key; the parcel that is taken already may be taken",
        ["/api/partners/{partnerId}/reports"] = "a report names the attempt and the status; the same again changes nothing",
        ["/api/operations/deadletters/{id}/replay"] = "moves a request on from one state, in which it is no more: 409",
        ["/api/operations/deadletters/{id}/abandon"] = "the same",
        ["/api/operations/incidents/{id}/resolve"] = "the same",
        ["/api/operations/drones/{id}/reset"] = "forgets the counters that the drone has; what was forgotten is forgotten",
        ["/api/operations/sinks/{sink}/resume"] = "what goes on goes on",
        ["/api/webhooks/{webhookId}/resume"] = "what goes on goes on",
        ["/api/webhooks/{webhookId}/test"] = "sends a test event, as often as one likes",
    };

    private readonly string _key = Guid.NewGuid().ToString();

    public static TheoryData<string> Routes => [.. Creating.Keys];

    [Fact]
    public void Table_has_every_post_and_what_creates_takes_a_key()
    {
        var posts = gateway.Host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("POST") == true)
            .ToDictionary(route => $"/{route.RoutePattern.RawText!.Trim('/')}");

        Assert.Equal(Creating.Keys.Concat(Harmless.Keys).Order(StringComparer.Ordinal), posts.Keys.Order(StringComparer.Ordinal));
        Assert.All(posts, post => Assert.Equal(Creating.ContainsKey(post.Key), post.Value.Metadata.GetMetadata<AcceptsIdempotencyKeyMetadata>() is not null));
    }

    [Theory, MemberData(nameof(Routes))]
    public async Task Same_key_and_body_get_the_same_answer_also_at_once_and_another_body_422(string route)
    {
        var (_, body, other) = Creating[route];
        var path = await Path(gateway, route);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Post(gateway.Http, path, body)));

        var first = answers[0];
        Assert.InRange((int)first.Status, 200, 299);
        Assert.All(answers, answer => Assert.Equal(first, answer));
        if (other is null) return;

        var refused = await Post(gateway.Http, path, other);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal("urn:drone-delivery:problem:idempotency-key-reused", (string?)JsonNode.Parse(refused.Body)!["type"]);
        Assert.Equal(first, await Post(gateway.Http, path, body));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Same_key_and_body_get_the_same_answer_from_another_gateway_after_the_silo_died()
    {
        await using var own = new GatewayFixture();
        await own.InitializeAsync();
        var paths = new Dictionary<string, string>();
        foreach (var route in Creating.Keys) paths[route] = await Path(own, route);
        var before = await Answers(own.Http);

        await own.KillSilo();
        await own.StartSilo();
        var (another, http) = await own.Open(new() { ["Sharing:Key"] = GatewayFixture.SharingKey });
        using (http)
        await using (another)
        {
            Assert.Equal(before, await Answers(http));
        }

        async Task<(HttpStatusCode, string?, string)[]> Answers(HttpClient http) =>
            await Task.WhenAll(Creating.Select(async route => await Post(http, paths[route.Key], route.Value.Body)));
    }

    [Theory, MemberData(nameof(Routes))]
    public async Task Key_that_is_none_is_refused(string route)
    {
        var answer = await Post(gateway.Http, await Path(gateway, route), Creating[route].Body, new string('x', 256));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.NotNull(JsonNode.Parse(answer.Body)!["errors"]!["Idempotency-Key"]);
    }

    [Fact]
    public async Task Drone_key_that_was_revoked_is_not_made_again_by_a_repetition()
    {
        var path = $"/api/operations/drones/drone-{Guid.NewGuid():N}/keys";
        Assert.Equal(HttpStatusCode.Created, (await Post(gateway.Http, path, null)).Status);
        await gateway.Http.Call("DELETE", path);

        Assert.Equal(HttpStatusCode.Conflict, (await Post(gateway.Http, path, null)).Status);
    }

    [Fact]
    public async Task Webhook_whose_secret_cannot_be_read_any_more_says_so_to_a_repetition()
    {
        var owner = $"owner-{Guid.NewGuid():N}";
        var (status, _, body) = await Post(gateway.Http, $"/api/webhooks?ownerId={owner}", Url);
        Assert.Equal(HttpStatusCode.Created, status);
        var id = (string)JsonNode.Parse(body)!["id"]!;
        var rotation = $"/api/webhooks/{id}/rotate?ownerId={owner}";
        Assert.Equal(HttpStatusCode.OK, (await Post(gateway.Http, rotation, "{}")).Status);
        var webhook = SubscriptionKey.OfWebhook(owner, id);
        gateway.World.Webhooks[webhook] = gateway.World.Webhooks[webhook] with { Secret = null! };

        foreach (var (path, sent) in new[] { ($"/api/webhooks?ownerId={owner}", Url), (rotation, "{}") })
        {
            var again = await Post(gateway.Http, path, sent);
            Assert.Equal(HttpStatusCode.Conflict, again.Status);
            Assert.Contains("rotate it", again.Body, StringComparison.Ordinal);
        }
    }

    /// <summary>The path with things of its own.</summary>
    private static async Task<string> Path(GatewayFixture gateway, string route)
    {
        var (path, owner) = (Creating[route].Path, $"owner-{Guid.NewGuid():N}");
        path = path.Replace("OWNER", owner, StringComparison.Ordinal);
        if (path.Contains("DELIVERY", StringComparison.Ordinal))
        {
            var drone = await gateway.Http.NewDrone();
            return path.Replace("DRONE", drone, StringComparison.Ordinal).Replace("DELIVERY", await gateway.Http.Order(b => b["packageInfo"]!["tag"] = $"drone:{drone}"), StringComparison.Ordinal);
        }

        if (path.Contains("DRONE", StringComparison.Ordinal)) return path.Replace("DRONE", await gateway.Http.NewDrone(), StringComparison.Ordinal);
        if (!path.Contains("WEBHOOK", StringComparison.Ordinal)) return path;
        var (_, webhook, _) = await gateway.Http.Call("POST", $"/api/webhooks?ownerId={owner}", Url);
        return path.Replace("WEBHOOK", (string)webhook!["id"]!, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, string? Location, string Body)> Post(HttpClient http, string path, string? body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key ?? _key);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, response.Headers.Location?.ToString(), await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
