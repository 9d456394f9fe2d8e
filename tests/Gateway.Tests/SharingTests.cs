using System.Net;
using DroneDelivery.Gateway.Sharing;
using Microsoft.Extensions.DependencyInjection;

namespace DroneDelivery.Gateway.Tests;

public sealed class SharingTests(OpenGateway gateway, GatewayFixture fixture) : IClassFixture<OpenGateway>
{
    private readonly string _owner = $"owner-{Guid.NewGuid():N}";

    private ShareLinks Links => gateway.Host.Services.GetRequiredService<ShareLinks>();

    [Fact]
    public async Task Link_leads_anybody_to_the_delivery_and_tells_nothing_of_its_owner()
    {
        var id = await fixture.Http.Order(b => b["ownerId"] = _owner);
        using var owner = gateway.ClientWith(gateway.Issuer.Token(["Deliveries.ReadWrite"], _owner));

        var (made, share, response) = await owner.Call("POST", $"/v1/api/deliveries/{id}/shares", """{"hours":1}""");
        var path = (string)share!["path"]!;
        var (status, body, _) = await gateway.Http.Call("GET", path);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK), (made, status));
        Assert.Equal(path, response.Headers.Location?.ToString());
        Assert.StartsWith("/v1/api/shared/", path, StringComparison.Ordinal);
        Assert.InRange((DateTimeOffset)share["expiresAt"]!, DateTimeOffset.UtcNow.AddMinutes(58), DateTimeOffset.UtcNow.AddMinutes(61));
        Assert.Equal(["deliveryETA", "lastKnownLocation", "pickupETA", "stage"], body!.AsObject().Select(p => p.Key).Order(StringComparer.OrdinalIgnoreCase));
        foreach (var secret in new[] { _owner, id }) Assert.DoesNotContain(secret, path + body.ToJsonString(), StringComparison.Ordinal);

        await fixture.Http.Call("DELETE", $"/api/deliveries/{id}");
        var tracking = await gateway.Http.GetStringAsync((string)share["trackingPath"]!, TestContext.Current.CancellationToken);
        Assert.Contains("event: status", tracking, StringComparison.Ordinal);
        Assert.DoesNotContain("event: event", tracking, StringComparison.Ordinal);
        foreach (var secret in new[] { _owner, id }) Assert.DoesNotContain(secret, tracking, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Link_that_has_ended_or_was_changed_leads_nowhere()
    {
        var id = await fixture.Http.Order(b => b["ownerId"] = _owner);
        var good = Links.Make(id, _owner, DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await gateway.Http.Call("GET", $"/api/shared/{good}")).Status);

        var bad = new List<string> { Links.Make(id, _owner, DateTimeOffset.UtcNow.AddSeconds(-1)), "x", new('A', 91), new('A', 4_000), good + "A", good[..^4] };

        // The same bytes in another spelling: padded, with a space, with other bits where the last character has more than it needs.
        bad.AddRange([$"{good}=", $"{good}==", $"{good}%20", $"%0A{good}"]);
        const string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        bad.Add(good[..^1] + digits[digits.IndexOf(good[^1], StringComparison.Ordinal) ^ 1]);
        for (var i = 0; i < good.Length; i += 3) bad.Add(good[..i] + (good[i] == 'A' ? 'B' : 'A') + good[(i + 1)..]);
        foreach (var link in bad)
        {
            Assert.Equal((link, HttpStatusCode.NotFound), (link, (await gateway.Http.Call("GET", $"/api/shared/{link}")).Status));
            Assert.Equal((link, HttpStatusCode.NotFound), (link, (await gateway.Http.Call("GET", $"/api/shared/{link}/tracking")).Status));
        }
    }

    [Fact, Trait("Category", "Slow")]
    public async Task Streams_of_one_link_and_of_one_address_are_limited()
    {
        var limits = new Dictionary<string, string> { ["RateLimits:StreamsOfLink"] = "2", ["RateLimits:StreamsOfAddress"] = "3" };
        var (host, http) = await fixture.OpenToTheWorld(gateway.Issuer, limits);
        using var client = http;
        await using var open = host;
        var links = new List<string>();
        for (var i = 0; i < 2; i++)
            links.Add(Links.Make(await fixture.Http.Order(b => b["ownerId"] = _owner), _owner, DateTimeOffset.UtcNow.AddMinutes(1)));

        var streams = new List<HttpResponseMessage> { await Follow(links[0]), await Follow(links[0]) };
        Assert.All(streams, stream => Assert.Equal(HttpStatusCode.OK, stream.StatusCode));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Follow(links[0])).StatusCode);
        streams.Add(await Follow(links[1]));
        Assert.Equal(HttpStatusCode.OK, streams[2].StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Follow(links[1])).StatusCode);

        // Another request of the link is no stream, and a stream that has ended makes room.
        Assert.Equal(HttpStatusCode.OK, (await http.Call("GET", $"/api/shared/{links[0]}")).Status);
        foreach (var stream in streams) stream.Dispose();
        await Eventually.Holds(async () =>
        {
            using var again = await Follow(links[1]);
            return again.StatusCode == HttpStatusCode.OK;
        }, "there is room again");

        Task<HttpResponseMessage> Follow(string link) => http.GetAsync(
            new Uri($"/api/shared/{link}/tracking", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("""{"hours":0}""")]
    [InlineData("""{"hours":337}""")]
    public async Task Time_that_is_none_is_refused(string body) =>
        await fixture.Http.ExpectFault("hours", "POST", $"/api/deliveries/{await fixture.Http.Order()}/shares", body);

    [Fact]
    public async Task Delivery_that_nobody_asked_for_is_not_shared() =>
        await fixture.Http.ExpectProblem(404, "not-found", "POST", "/api/deliveries/nobody-asked-for-it/shares", "{}");

    [Fact]
    public async Task Without_a_key_there_are_no_links()
    {
        var (host, http) = await fixture.OpenToTheWorld(gateway.Issuer, new() { ["Sharing:Key"] = "" });
        using (http)
        await using (host)
        {
            http.DefaultRequestHeaders.Authorization = new("Bearer", gateway.Issuer.Token(["Operators"]));
            await http.ExpectProblem(409, "conflict", "POST", $"/api/deliveries/{await fixture.Http.Order()}/shares", "{}");
            Assert.Equal(HttpStatusCode.NotFound, (await http.Call("GET", $"/api/shared/{Links.Make("x", "myowner", DateTimeOffset.UtcNow.AddHours(1))}")).Status);
        }
    }
}
