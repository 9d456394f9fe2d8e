using System.Net;
using DroneDelivery.Notifications;

namespace DroneDelivery.Gateway.Tests;

public class WebhooksTests(GatewayFixture gateway)
{
    private readonly HttpClient _http = gateway.Http;
    private readonly string _owner = $"owner-{Guid.NewGuid():N}";

    private string Path(string rest = "") => $"/api/webhooks{rest}?ownerId={_owner}";

    private async Task<string> Make(string body = """{"url":"https://hooks.example.org/deliveries"}""")
    {
        var (status, made, _) = await _http.Call("POST", Path(), body);
        Assert.Equal(HttpStatusCode.Created, status);
        return (string)made!["id"]!;
    }

    [Fact]
    public async Task Webhook_is_made_with_a_secret_that_is_shown_once()
    {
        var (status, made, response) = await _http.Call("POST", $"/v1{Path()}", """{"url":"https://hooks.example.org/x?y=z","types":["DeliveryCompleted","deliverycancelled"],"description":"shop"}""");

        Assert.Equal(HttpStatusCode.Created, status);
        var secret = (string)made!["secret"]!;
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.Equal(32, Convert.FromBase64String(secret[6..]).Length);
        Assert.Equal(secret, gateway.World.Webhooks[SubscriptionKey.OfWebhook(_owner, (string)made["id"]!)].Secret);

        var (_, read, _) = await _http.Call("GET", response.Headers.Location!.ToString());
        Assert.Equal("https://hooks.example.org/x?y=z", (string?)read!["url"]);
        Assert.Equal(["DeliveryCompleted", "DeliveryCancelled"], read["types"]!.AsArray().Select(type => (string?)type));
        Assert.Equal(("Active", "shop", _owner), ((string?)read["status"], (string?)read["description"], (string?)read["ownerId"]));
        Assert.False(read.AsObject().ContainsKey("secret"));
        var (_, list, _) = await _http.Call("GET", Path());
        Assert.Equal((string?)made["id"], (string?)Assert.Single(list!.AsArray())!["id"]);
        Assert.DoesNotContain(secret, list.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Webhook_is_made_paused()
    {
        var (_, made, _) = await _http.Call("POST", Path(), """{"url":"https://hooks.example.org","paused":true}""");
        Assert.Equal("Paused", (string?)made!["status"]);
        var (_, read, _) = await _http.Call("GET", Path($"/{(string?)made["id"]}"));
        Assert.Equal("Paused", (string?)read!["status"]);
    }

    [Fact]
    public async Task Webhook_is_changed_paused_rotated_resumed_tested_and_removed()
    {
        var id = await Make("""{"url":"https://hooks.example.org","description":"shop"}""");

        var (_, patched, _) = await _http.Call("PATCH", Path($"/{id}"), """{"paused":true}""");
        Assert.Equal(("Paused", "shop"), ((string?)patched!["status"], (string?)patched["description"]));
        var (_, put, _) = await _http.Call("PUT", Path($"/{id}"), """{"url":"https://other.example.org"}""");
        Assert.Equal(("Active", "", "https://other.example.org"), ((string?)put!["status"], (string?)put["description"], (string?)put["url"]));
        var (_, rotated, _) = await _http.Call("POST", Path($"/{id}/rotate"), """{"oldSecretHours":1}""");
        Assert.StartsWith("whsec_", (string?)rotated!["secret"], StringComparison.Ordinal);
        Assert.InRange((DateTimeOffset)rotated["oldSecretUntil"]! - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(65));
        Assert.Equal(HttpStatusCode.OK, (await _http.Call("POST", Path($"/{id}/resume"))).Status);
        var (_, test, _) = await _http.Call("POST", Path($"/{id}/test"));
        Assert.Equal((false, "It answered 500."), ((bool)test!["delivered"]!, (string?)test["reason"]));

        Assert.Equal(HttpStatusCode.NoContent, (await _http.Call("DELETE", Path($"/{id}"))).Status);
        foreach (var (method, path, body) in new[]
        {
            ("GET", Path($"/{id}"), null), ("DELETE", Path($"/{id}"), null), ("PATCH", Path($"/{id}"), "{}"), ("PUT", Path($"/{id}"), """{"url":"https://x.example.org"}"""),
            ("POST", Path($"/{id}/rotate"), "{}"), ("POST", Path($"/{id}/resume"), null), ("POST", Path($"/{id}/test"), null),
        }) await _http.ExpectProblem(404, "not-found", method, path, body);
    }

    [Theory]
    [InlineData("url", "{}")]
    [InlineData("url", """{"url":"hooks.example.org"}""")]
    [InlineData("url", """{"url":"ftp://hooks.example.org"}""")]
    [InlineData("url", """{"url":"https://user:word@hooks.example.org"}""")]
    [InlineData("url", """{"url":"https://hooks.example.org/#part"}""")]
    [InlineData("types", """{"url":"https://hooks.example.org","types":["DeliveryForgotten"]}""")]
    [InlineData("types", """{"url":"https://hooks.example.org","types":"DeliveryCompleted"}""")]
    [InlineData("types", """{"url":"https://hooks.example.org","types":["1,2"]}""")]
    [InlineData("paused", """{"url":"https://hooks.example.org","paused":"perhaps"}""")]
    public async Task Bad_webhook_is_refused_with_the_field_at_fault(string field, string body) => await _http.ExpectFault(field, "POST", Path(), body);

    [Fact]
    public async Task Bad_rotation_and_missing_owner_are_refused()
    {
        await _http.ExpectFault("oldSecretHours", "POST", Path($"/{await Make()}/rotate"), """{"oldSecretHours":1000}""");
        await _http.ExpectFault("ownerId", "POST", "/api/webhooks", """{"url":"https://hooks.example.org"}""");
    }

    [Fact]
    public async Task Too_many_webhooks_are_a_conflict()
    {
        for (var number = 0; number < 3; number++) await Make();
        await _http.ExpectProblem(409, "conflict", "POST", Path(), """{"url":"https://hooks.example.org"}""");
    }

    [Fact]
    public async Task Operators_see_what_fails_was_given_up_or_waits_the_worst_first()
    {
        string[] ids = [await Make(), await Make(), await Make()];
        SetHealth(ids[0], health => health with { FailingSince = DateTimeOffset.UtcNow, LastFailure = "It answered 500.", Queued = 7 });
        SetHealth(ids[1], health => health with { Status = SubscriptionStatus.GivenUp, Queued = 3, Missed = 2 });

        var (status, list, _) = await _http.Call("GET", "/api/operations/subscriptions");

        Assert.Equal(HttpStatusCode.OK, status);
        var mine = list!.AsArray().Where(entry => (string?)entry!["ownerId"] == _owner).ToList();
        Assert.Equal([ids[1], ids[0]], mine.Select(entry => (string?)entry!["id"]));
        Assert.Equal(("GivenUp", 2, 7, "It answered 500."), ((string?)mine[0]!["status"], (int)mine[0]!["missed"]!, (int)mine[1]!["queued"]!, (string?)mine[1]!["lastFailure"]));
        await _http.ExpectProblem(404, "not-found", "POST", "/api/operations/sinks/nowhere/resume");
    }

    private void SetHealth(string id, Func<SubscriptionHealth, SubscriptionHealth> change)
    {
        var key = SubscriptionKey.OfWebhook(_owner, id);
        var (webhook, secret) = gateway.World.Webhooks[key];
        gateway.World.Webhooks[key] = (webhook with { Health = change(webhook.Health) }, secret);
    }
}

/// <summary>Outside local mode a webhook leads to the public internet, or is refused where its owner sees it.</summary>
public sealed class PublicWebhooksTests(OpenGateway gateway) : IClassFixture<OpenGateway>
{
    [Theory]
    [InlineData("http://hooks.example.org")]
    [InlineData("https://localhost")]
    [InlineData("https://127.0.0.1")]
    [InlineData("https://10.1.2.3")]
    [InlineData("https://[::1]")]
    [InlineData("https://[fd00::1]")]
    [InlineData("https://169.254.169.254/metadata")]
    [InlineData("https://2130706433")]
    [InlineData("https://silo")]
    public async Task Address_inside_is_refused(string url)
    {
        using var http = gateway.ClientWith(gateway.Issuer.Token(["Operators"]));
        await http.ExpectFault("url", "POST", "/api/webhooks?ownerId=somebody", $$"""{"url":"{{url}}"}""");
    }
}
