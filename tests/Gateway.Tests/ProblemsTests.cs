using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DroneDelivery.Gateway.Tests;

public class ProblemsTests(GatewayFixture gateway)
{
    private readonly HttpClient _http = gateway.Http;

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("/api")]
    [InlineData("/api/nowhere")]
    [InlineData("/v2/api/probe")]
    public async Task Unknown_route_is_not_found(string path) => await _http.ExpectProblem(404, "not-found", "GET", path);

    [Theory]
    [InlineData("PUT", "/api/deliveries/public/x")]
    [InlineData("DELETE", "/api/deliveryrequests")]
    [InlineData("POST", "/api/probe")]
    public async Task Wrong_method_is_not_allowed(string method, string path) =>
        await _http.ExpectProblem(405, "method-not-allowed", method, path, method == "DELETE" ? null : "{}");

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/xml")]
    public async Task Body_that_is_not_json_is_refused(string contentType)
    {
        await _http.ExpectProblem(415, "unsupported-media-type", "POST", "/api/deliveryrequests", Http.Request(), contentType);
        await _http.ExpectProblem(415, "unsupported-media-type", "POST", "/api/drones/telemetry", Http.Report("d"), contentType);
    }

    [Fact]
    public async Task Body_that_is_too_large_is_refused()
    {
        var json = Http.Request(b => b["deadline"] = new string('x', 1024 * 1024));

        await _http.ExpectProblem(413, "too-large", "POST", "/api/deliveryrequests", json);
    }

    [Theory]
    [InlineData("/api/deliveryrequests", "application/json")]
    [InlineData("/api/partners/acme/reports", "application/json")]
    [InlineData("/api/drones/telemetry", "application/x-ndjson")]
    public async Task Body_whose_chunk_is_larger_than_any_number_is_refused(string path, string contentType)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_http.BaseAddress!.Host, _http.BaseAddress.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {contentType}\r\nX-Partner-Signature: {PartnerCallbackTests.Sign("", "whatever")}\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{{}}\r\n"), TestContext.Current.CancellationToken);

        using var answer = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 400 ", await answer.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("The body cannot be read to its end.", await answer.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/v1")]
    [InlineData("/v0.1.0")]
    public async Task Probe_answers(string prefix)
    {
        var (status, _, _) = await _http.Call("GET", $"{prefix}/api/probe");
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task Foreign_host_name_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/probe") { Headers = { Host = "evil.example" } };

        var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Hostile_bodies_never_break_the_service_and_leave_nothing_absurd()
    {
        string[] values =
        [
            "null", "true", "0", "-1", "1e999", "-0.0", "9223372036854775808", "\"\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"NaN\"", "\"9999-99-99T99:99:99Z\"",
            "[]", "[[]]", "{}", "{\"latitude\":1e999,\"longitude\":\"x\"}", "\"1,2,3,4\"", "\",,\"", "\"-Infinity,1,1\"", "\"\\uD83D\\uDE81\"", $"\"{new string('x', 5_000)}\"",
        ];
        var calls = 0;

        foreach (var (method, path, json) in new[]
        {
            ("POST", "/api/deliveryrequests", Http.Request()),
            ("PUT", "/api/deliveries/hostile", """{"pickup":"a","dropoff":"b","owner":{"accountId":"x"},"confirmationRequired":3,"expedited":true,"deadline":""}"""),
            ("PUT", "/api/packages/hostile", """{"size":"small","weight":1,"tag":"t"}"""),
            ("PUT", "/api/drones/hostile", Http.Drone()),
            ("POST", "/api/drones/hostile/telemetry", Http.Report(mission: """{"deliveryId":"d","attempt":1,"phase":1}""")),
            ("POST", "/api/drones/telemetry", Http.Report("hostile")),
            ("PATCH", "/api/deliveries/hostile", """{"pickup":"a"}"""),
            ("POST", "/api/deliveries/hostile/confirmations", """{"confirmationType":"None","dateTime":{"dateTimeValue":"2030-01-01"}}"""),
            ("PUT", "/api/drone/hostile", """{"stage":2,"location":{"latitude":1,"longitude":1}}"""),
            ("PUT", "/api/accounts/hostile", """{"standing":"Active"}"""),
        })
        {
            foreach (var field in System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject().Select(p => p.Key).ToArray())
            {
                foreach (var value in values)
                {
                    // The last of two properties of one name counts.
                    var hostile = $"{json[..^1]},\"{field}\":{value}}}";
                    var (status, body, _) = await _http.Call(method, path, hostile, path.EndsWith("drones/telemetry", StringComparison.Ordinal) ? "application/x-ndjson" : "application/json");
                    Assert.True((int)status < 500, $"{method} {path} {hostile}: {status} {body?.ToJsonString()}");
                    calls++;
                }
            }

            for (var length = 0; length < json.Length; length += 7)
            {
                var (status, body, _) = await _http.Call(method, path, json[..length], path.EndsWith("drones/telemetry", StringComparison.Ordinal) ? "application/x-ndjson" : "application/json");
                Assert.True((int)status < 500, $"{method} {path} {json[..length]}: {status} {body?.ToJsonString()}");
                calls++;
            }
        }

        Assert.True(calls > 500);
        Assert.True(gateway.World.Deliveries.Values.All(d => d.Plan.Pickup.Location.IsValid && d.Plan.Dropoff.Location.IsValid));
        Assert.True(gateway.World.Requests.Values.All(r => r.Order.Package.Weight > 0 && r.Order.Pickup.Location.IsValid && r.Order.OwnerId.Length > 0));
    }
}
