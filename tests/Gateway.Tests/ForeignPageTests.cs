using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Gateway.Tests;

/// <summary>What pages of other sites, open in the browser of somebody who reaches the gateway, may do there: nothing.</summary>
public sealed class ForeignPageTests(GatewayFixture gateway, OpenGateway open) : IClassFixture<OpenGateway>
{
    private const string Webhook = """{"url":"https://hooks.example.org/deliveries"}""";

    private readonly HttpClient _http = gateway.Http;
    private readonly string _owner = $"owner-{Guid.NewGuid():N}";

    public static TheoryData<string, string> FromElsewhere => new()
    {
        { "Sec-Fetch-Site", "cross-site" },
        { "Sec-Fetch-Site", "same-site" },
        { "Sec-Fetch-Site", "unheard-of" },
        { "Origin", "https://evil.example.com" },
        { "Origin", "http://127.0.0.1:1" },
        { "Origin", "null" },
        { "Origin", "" },
    };

    [Theory, MemberData(nameof(FromElsewhere))]
    public async Task Change_that_a_foreign_page_asks_for_is_refused(string header, string value)
    {
        var id = await _http.Order();
        var drone = await _http.NewDrone();
        foreach (var (method, path, body) in new[]
        {
            ("POST", $"/api/webhooks?ownerId={_owner}", Webhook), ("POST", $"/v1/api/webhooks?ownerId={_owner}", Webhook),
            ("POST", $"/api/operations/drones/{drone}/keys", null), ("DELETE", $"/api/deliveries/{id}", null),
            ("PUT", "/api/packages", """{"size":"small","weight":1}"""),
            ("PATCH", $"/api/deliveries/{id}", """{"deadline":"2031-01-01T00:00:00Z"}"""),
        })
        {
            var (status, problem) = await Send(_http, method, path, body, (header, value));
            Assert.Equal((path, HttpStatusCode.Forbidden), (path, status));
            Assert.Equal("urn:drone-delivery:problem:forbidden", (string?)problem!["type"]);
            Assert.Contains("page", (string?)problem["detail"], StringComparison.Ordinal);
        }

        AssertUntouched(drone);
        Assert.Equal(HttpStatusCode.OK, (await Send(_http, "GET", $"/api/deliveries/{id}", null, (header, value))).Status);
    }

    [Fact]
    public async Task Change_that_the_gateways_own_page_or_no_page_asks_for_is_made()
    {
        var origin = _http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        foreach (var headers in new (string, string)[][]
        {
            [("Sec-Fetch-Site", "same-origin"), ("Origin", origin)], [("Sec-Fetch-Site", "none")], [("Origin", origin)], [],
        })
        {
            var path = $"/api/webhooks?ownerId=owner-{Guid.NewGuid():N}";
            Assert.Equal(HttpStatusCode.Created, (await Send(_http, "POST", path, Webhook, headers)).Status);
        }
    }

    [Fact]
    public async Task Page_of_an_allowed_origin_may_change_things()
    {
        var (host, http) = await gateway.Open(new() { ["Http:AllowedOrigins:0"] = "https://shop.example.com" });
        using (http)
        await using (host)
        {
            Assert.Equal(HttpStatusCode.Created, await StatusOf("https://shop.example.com"));
            Assert.Equal(HttpStatusCode.Forbidden, await StatusOf("https://evil.example.com"));
        }

        async Task<HttpStatusCode> StatusOf(string origin) => (await Send(
            http, "POST", $"/api/webhooks?ownerId={_owner}", Webhook, ("Sec-Fetch-Site", "cross-site"), ("Origin", origin))).Status;
    }

    [Fact]
    public async Task Token_that_a_page_has_to_bring_itself_says_enough_where_tokens_count_and_nothing_in_local_mode()
    {
        var token = open.Issuer.Token(["Deliveries.ReadWrite"], _owner);
        (string, string)[] headers =
            [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://shop.example.com"), ("Authorization", $"Bearer {token}")];

        (string, string)[] remembered = [.. headers.SkipLast(1), ("Authorization", "Basic eDp5")];
        Assert.Equal(HttpStatusCode.Created, (await Send(open.Http, "POST", "/api/webhooks", Webhook, headers)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Send(_http, "POST", $"/api/webhooks?ownerId={_owner}", Webhook, headers)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Send(open.Http, "POST", "/api/webhooks", Webhook, remembered)).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task Body_that_does_not_say_it_is_json_is_refused_with_a_sentence(string? contentType)
    {
        var drone = await _http.NewDrone();
        foreach (var path in new[]
        {
            "/api/deliveryrequests", $"/api/webhooks?ownerId={_owner}", "/api/drones/telemetry", "/api/partners/courier/reports",
            $"/api/operations/drones/{drone}/keys",
        })
        {
            using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(Webhook));
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
            if (contentType is not null) body.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
            using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;

            Assert.Equal((path, HttpStatusCode.UnsupportedMediaType), (path, response.StatusCode));
            Assert.Equal("urn:drone-delivery:problem:unsupported-media-type", (string?)problem["type"]);
            Assert.Contains("Content-Type", (string?)problem["detail"], StringComparison.Ordinal);
        }

        AssertUntouched(drone);
    }

    [Theory]
    [InlineData("127.0.0.1")] // Another port: the same site.
    [InlineData("localhost")] // Another site.
    public async Task Real_browser_makes_nothing_for_a_page_from_elsewhere(string host)
    {
        var drone = await _http.NewDrone();
        var done = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var evil = await ServePage(Page(_http.BaseAddress!, drone), done);
        var listens = evil.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var address = new UriBuilder(listens) { Host = host }.Uri;

        string tried;
        await using (Chromium.Open(address))
        {
            tried = await done.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }

        // The requests went out, so what kept them from doing anything is the gateway.
        Assert.Equal("typed bare beacon typeless-beacon key key-beacon form key-form", tried);
        AssertUntouched(drone);
    }

    private void AssertUntouched(string drone)
    {
        Assert.DoesNotContain(gateway.World.Webhooks.Keys, key => key.Contains(_owner, StringComparison.Ordinal));
        Assert.False(gateway.World.DroneKeys.ContainsKey(drone), "a drone key was made");
    }

    // Each attempt is over, however it ended, before the next: a form when the frame it is sent from has loaded, a beacon a moment later.
    private string Page(Uri target, string drone) => $$"""
        <!doctype html><title>An innocent page</title><iframe name="frame"></iframe><script>
        const webhooks = '{{new Uri(target, $"/api/webhooks?ownerId={_owner}")}}';
        const keys = '{{new Uri(target, $"/api/operations/drones/{drone}/keys")}}';
        const json = '{{Webhook}}';
        const send = (url, body) => fetch(url, { method: 'POST', mode: 'no-cors', body });
        const beacon = (url, body) => { if (!navigator.sendBeacon(url, body)) throw new Error('not queued'); };
        const form = (url, enctype, name, value) => new Promise(resolve => {
          const form = Object.assign(document.createElement('form'), { method: 'post', action: url, enctype, target: 'frame' });
          form.append(Object.assign(document.createElement('input'), { name, value }));
          document.body.append(form);
          document.querySelector('iframe').onload = resolve;
          form.submit();
        });
        onload = async () => {
          const tried = [];
          for (const [name, attempt] of Object.entries({
            typed: () => send(webhooks, json),
            bare: () => send(webhooks, new Blob([json])),
            beacon: () => beacon(webhooks, json),
            'typeless-beacon': () => beacon(webhooks, new Blob([json])),
            key: () => send(keys),
            'key-beacon': () => beacon(keys),
            form: () => form(webhooks, 'text/plain', '{"url":"https://hooks.example.org/deliveries","x":"', '"}'),
            'key-form': () => form(keys, 'application/x-www-form-urlencoded', 'a', 'b'),
          })) try { await attempt(); tried.push(name); } catch (error) { tried.push(`${name}: ${error}`); }
          await new Promise(resolve => setTimeout(resolve, 500));
          await fetch('/done', { method: 'POST', body: tried.join(' ') });
        };
        </script>
        """;

    private static async Task<WebApplication> ServePage(string html, TaskCompletionSource<string> done)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var site = builder.Build();
        site.MapGet("/", () => Results.Content(html, "text/html"));
        site.MapPost("/done", async (HttpRequest request) =>
            done.TrySetResult(await new StreamReader(request.Body).ReadToEndAsync(request.HttpContext.RequestAborted)));
        await site.StartAsync(TestContext.Current.CancellationToken);
        return site;
    }

    private static async Task<(HttpStatusCode Status, JsonNode? Problem)> Send(
        HttpClient http, string method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
        foreach (var (name, value) in headers) Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var isProblem = response.Content.Headers.ContentType?.MediaType == "application/problem+json";
        return (response.StatusCode, isProblem ? JsonNode.Parse(text) : null);
    }
}
