using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace DroneDelivery.Gateway.Tests;

public sealed class HttpMannersTests(GatewayFixture gateway)
{
    private readonly HttpClient _http = gateway.Http;

    [Fact]
    public async Task Answer_that_the_client_has_is_not_sent_again()
    {
        var id = await _http.Order();
        var first = await Send("GET", $"/api/deliveries/{id}");
        var tag = first.Headers.ETag!.ToString();
        Assert.Equal("private, no-cache", string.Join(", ", first.Headers.CacheControl!.ToString().Split(", ").Order(StringComparer.Ordinal).Reverse()));

        var again = await Send("GET", $"/api/deliveries/{id}", ("If-None-Match", $"\"other\", {tag}"));
        Assert.Equal((HttpStatusCode.NotModified, 0), (again.StatusCode, (await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length));
        Assert.Equal(tag, again.Headers.ETag?.ToString());

        await _http.Call("PATCH", $"/api/deliveries/{id}", """{"deadline":"2031-01-01T00:00:00Z"}""");
        var changed = await Send("GET", $"/api/deliveries/{id}", ("If-None-Match", tag));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.NotEqual(tag, changed.Headers.ETag?.ToString());
    }

    [Fact]
    public async Task What_is_not_found_has_no_tag_and_is_not_stored()
    {
        var response = await Send("GET", "/api/deliveries/nobody-asked-for-it", ("If-None-Match", "*"));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Null(response.Headers.ETag);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task Status_is_waited_for_until_it_changes()
    {
        var id = await _http.Order();
        var tag = (await Send("GET", $"/api/deliveries/{id}/status")).Headers.ETag!.ToString();
        var waiting = Send("GET", $"/api/deliveries/{id}/status", ("If-None-Match", tag), ("Prefer", "respond-async, wait=20"));
        Assert.False(waiting.IsCompleted);

        await _http.Call("DELETE", $"/api/deliveries/{id}");
        var response = await waiting;

        // Had it waited to the end, it would have answered with what the client knows.
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("wait=20", response.Headers.GetValues("Preference-Applied").Single());
        Assert.Equal(5, (int?)JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["stage"]);
    }

    [Fact]
    public async Task Status_that_does_not_change_within_the_wait_is_the_same_as_before()
    {
        var id = await _http.Order();
        var tag = (await Send("GET", $"/api/deliveries/{id}/status")).Headers.ETag!.ToString();

        var started = Stopwatch.GetTimestamp();
        var response = await Send("GET", $"/api/deliveries/{id}/status", ("If-None-Match", tag), ("Prefer", "wait=1"));

        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromSeconds(0.9), "it did not wait");
    }

    [Theory]
    [InlineData("wait=20", null)]
    [InlineData("wait=x", "TAG")]
    [InlineData("wait=-5", "TAG")]
    [InlineData("wait", "TAG")]
    public async Task Who_has_no_earlier_status_or_no_wish_gets_the_answer_at_once(string prefer, string? known)
    {
        var id = await _http.Order();
        var tag = (await Send("GET", $"/api/deliveries/{id}/status")).Headers.ETag!.ToString();

        using var enough = new CancellationTokenSource();
        var waiting = Send("GET", $"/api/deliveries/{id}/status", enough.Token, ("If-None-Match", tag), ("Prefer", "wait=30"));
        var response = await Send("GET", $"/api/deliveries/{id}/status", ("If-None-Match", known is null ? "\"another\"" : tag), ("Prefer", prefer));

        Assert.Equal(known is null ? HttpStatusCode.OK : HttpStatusCode.NotModified, response.StatusCode);
        Assert.False(waiting.IsCompleted, "one that waits was answered earlier");
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await _http.ExpectProblem(404, "not-found", "GET", "/api/deliveries/nobody-asked-for-it/status");
    }

    [Theory]
    [InlineData("/api/deliveries/ID")]
    [InlineData("/api/deliveries/ID/status")]
    [InlineData("/api/deliveries/ID/tracking")]
    [InlineData("/v1/api/probe")]
    [InlineData("/")]
    public async Task Head_is_get_without_the_body(string path)
    {
        var id = await _http.Order();

        var response = await Send("HEAD", path.Replace("ID", id, StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        if (path.EndsWith("ID", StringComparison.Ordinal)) Assert.NotNull(response.Headers.ETag);
    }

    [Theory]
    [InlineData("/api/deliveryrequests", "POST, OPTIONS")]
    [InlineData("/v1/api/deliveries/x/status", "GET, HEAD, OPTIONS")]
    public async Task Options_lists_what_a_route_takes(string path, string allowed)
    {
        var response = await Send("OPTIONS", path);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow));
    }

    [Theory]
    [InlineData("/api/probe")]
    [InlineData("/api/nowhere")]
    [InlineData("/")]
    [InlineData("/scalar/")]
    public async Task Every_answer_tells_browsers_to_be_careful(string path)
    {
        var response = await Send("GET", path);

        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("DENY", response.Headers.GetValues("X-Frame-Options").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.Contains("frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Failure_tells_them_too()
    {
        var id = $"broken-{Guid.NewGuid():N}";
        gateway.Faults.Throw(id, int.MaxValue, () => new InvalidOperationException("secret"));

        var response = await Send("GET", $"/api/deliveries/{id}");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString().Split(',')[0].Replace("no-cache", "no-store", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Answer_is_compressed_for_who_asks(string encoding)
    {
        var response = await Send("GET", "/openapi/v1.json", ("Accept-Encoding", encoding));

        Assert.Equal(encoding, response.Content.Headers.ContentEncoding.Single());
        Assert.Contains("Accept-Encoding", response.Headers.Vary);
        Assert.Empty((await Send("GET", "/openapi/v1.json")).Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task Page_of_a_known_origin_may_call_and_of_no_other()
    {
        var (host, http) = await gateway.Open(new() { ["Http:AllowedOrigins:0"] = "https://shop.example.com" });
        using (http)
        await using (host)
        {
            var preflight = await Send(http, "OPTIONS", "/api/deliveryrequests", ("Origin", "https://shop.example.com"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,idempotency-key"));
            Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
            Assert.Equal("https://shop.example.com", preflight.Headers.GetValues("Access-Control-Allow-Origin").Single());
            Assert.False(preflight.Headers.Contains("Access-Control-Allow-Credentials"));

            var answer = await Send(http, "GET", "/api/probe", ("Origin", "https://shop.example.com"));
            Assert.Equal("https://shop.example.com", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
            var evil = await Send(http, "GET", "/api/probe", ("Origin", "https://evil.example.com"));
            Assert.False(evil.Headers.Contains("Access-Control-Allow-Origin"));
        }

        Assert.False((await Send("GET", "/api/probe", ("Origin", "https://shop.example.com"))).Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory, Trait("Category", "Slow")]
    [InlineData("127.0.0.0/8", "/fleet/drones/v1/api/packages/")]
    [InlineData("10.0.0.0/8", "/v1/api/packages/")]
    [InlineData(null, "/v1/api/packages/")]
    public async Task Links_work_behind_a_known_proxy_and_nobody_else_chooses_them(string? network, string expected)
    {
        var (host, http) = await gateway.Open(network is null ? [] : new() { ["Http:ProxyNetworks:0"] = network });
        using (http)
        await using (host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/api/packages") { Content = new StringContent("""{"size":"small","weight":1}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
            request.Headers.Add("X-Forwarded-Prefix", "/fleet/drones");
            request.Headers.Add("X-Forwarded-For", "203.0.113.9");
            request.Headers.Add("X-Forwarded-Proto", "https");

            var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            Assert.StartsWith(expected, response.Headers.Location!.ToString(), StringComparison.Ordinal);
        }
    }

    private Task<HttpResponseMessage> Send(string method, string path, params (string Name, string Value)[] headers) => Send(_http, method, path, headers);

    private Task<HttpResponseMessage> Send(string method, string path, CancellationToken enough, params (string Name, string Value)[] headers) => SendUntil(_http, method, path, headers, enough);

    private static Task<HttpResponseMessage> Send(HttpClient http, string method, string path, params (string Name, string Value)[] headers) =>
        SendUntil(http, method, path, headers, TestContext.Current.CancellationToken);

    private static async Task<HttpResponseMessage> SendUntil(HttpClient http, string method, string path, (string Name, string Value)[] headers, CancellationToken enough)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach (var (name, value) in headers) Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        return await http.SendAsync(request, enough);
    }
}
