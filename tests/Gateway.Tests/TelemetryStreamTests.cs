using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace DroneDelivery.Gateway.Tests;

public class TelemetryStreamTests(GatewayFixture gateway)
{
    private readonly HttpClient _http = gateway.Http;

    private async Task<JsonNode[]> Send(string body, string contentType = "application/x-ndjson")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } };
        var response = await _http.PostAsync("/api/drones/telemetry", content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType?.MediaType);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    [Fact]
    public async Task Each_line_gets_its_answer_in_order_and_a_bad_one_spoils_no_other()
    {
        var drone = await _http.NewDrone();
        var lines = string.Join('\n', Http.Report(drone), "", "{nonsense", "   \r", Http.Report("nobody"), Http.Report(drone, 2, change: b => b["battery"] = 7), Http.Report(drone, 3) + "\r");

        var answers = await Send(lines);

        Assert.Equal([1, 3, 5, 6, 7], answers.Select(a => (int)a["line"]!));
        Assert.Equal("Accepted", (string?)answers[0]["outcome"]);
        Assert.Equal(drone, (string?)answers[0]["droneId"]);
        Assert.True(answers[0].AsObject().ContainsKey("mission"));
        Assert.Equal("urn:drone-delivery:problem:validation", (string?)answers[1]["error"]!["type"]);
        Assert.NotNull(answers[1]["error"]!["errors"]!["body"]);
        Assert.Equal("UnknownDrone", (string?)answers[2]["outcome"]);
        Assert.NotNull(answers[3]["error"]!["errors"]!["battery"]);
        Assert.Equal("Accepted", (string?)answers[4]["outcome"]);
        Assert.False(answers[4].AsObject().ContainsKey("error"));
    }

    [Fact]
    public async Task Huge_line_is_answered_with_an_error_and_skipped()
    {
        var drone = await _http.NewDrone();

        var answers = await Send(new string('x', 3_000_000) + "\n" + Http.Report(drone) + "\n" + new string(' ', 20_000));

        Assert.Equal([1, 2, 3], answers.Select(a => (int)a["line"]!));
        Assert.NotNull(answers[0]["error"]);
        Assert.Equal("Accepted", (string?)answers[1]["outcome"]);
        Assert.NotNull(answers[2]["error"]);
    }

    [Fact]
    public async Task Empty_body_gets_an_empty_answer() => Assert.Empty(await Send("\n\n", "application/json"));

    [Fact]
    public async Task Thousand_lines_are_answered_in_order()
    {
        var drones = new List<string>();
        for (var i = 0; i < 10; i++) drones.Add(await _http.NewDrone());
        var body = string.Concat(Enumerable.Range(0, 1_000).Select(i => Http.Report(drones[i % 10], 1 + (i / 10)) + "\n"));

        var answers = await Send(body);

        Assert.Equal(Enumerable.Range(1, 1_000), answers.Select(a => (int)a["line"]!));
        Assert.Equal(Enumerable.Range(0, 1_000).Select(i => drones[i % 10]), answers.Select(a => (string)a["droneId"]!));
        Assert.All(answers, a => Assert.Contains((string?)a["outcome"], new[] { "Accepted", "Superseded" }));
    }

    [Fact]
    public async Task Answer_comes_while_the_request_still_runs()
    {
        var drone = await _http.NewDrone();
        var rest = new TaskCompletionSource<string>();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/drones/telemetry") { Content = new TwoPieces(Http.Report(drone) + "\n", rest.Task) };

        var sending = _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await Eventually.Holds(async () => (double)(await _http.Call("GET", $"/api/drones/{drone}")).Body!["battery"]! == 0.9, "the first line was taken in");
        rest.SetResult(Http.Report(drone, 2));

        var response = await sending;
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Line_whose_silo_fails_for_good_is_answered_with_an_error()
    {
        var drone = await _http.NewDrone();
        gateway.Faults.Throw(drone, 1, () => new InvalidOperationException("broken"));

        var answers = await Send(Http.Report(drone) + "\n" + Http.Report("nobody"));

        Assert.Equal(500, (int?)answers[0]["error"]!["status"]);
        Assert.Equal("UnknownDrone", (string?)answers[1]["outcome"]);
    }

    private sealed class TwoPieces : HttpContent
    {
        private readonly string _first;
        private readonly Task<string> _second;

        public TwoPieces(string first, Task<string> second)
        {
            (_first, _second) = (first, second);
            Headers.ContentType = new("application/x-ndjson");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(_first));
            await stream.FlushAsync();
            await stream.WriteAsync(Encoding.UTF8.GetBytes(await _second));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
