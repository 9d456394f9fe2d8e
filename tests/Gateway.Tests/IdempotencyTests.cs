using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using DroneDelivery.Scheduling;

namespace DroneDelivery.Gateway.Tests;

public sealed class IdempotencyTests(GatewayFixture gateway)
{
    private readonly string _key = Guid.NewGuid().ToString();

    [Fact]
    public async Task Same_key_and_body_make_one_delivery_and_get_one_answer_also_at_once()
    {
        // No package id and no pickup time: what the gateway makes up must be the same each time.
        var body = Http.Request(b =>
        {
            b["packageInfo"]!.AsObject().Remove("packageId");
            b.Remove("pickupTime");
        });

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Post(body)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        var first = answers[0].Body!;
        Assert.All(answers, answer => Assert.True(JsonNode.DeepEquals(first, answer.Body), answer.Body?.ToJsonString()));
        Assert.Single(answers.Select(answer => answer.Location).Distinct());
        Assert.Equal(1, gateway.World.Effects[(string)first["deliveryId"]!]);
    }

    [Fact]
    public async Task Repetition_after_the_request_changed_gets_the_first_answer()
    {
        var first = await Post(Http.Request());
        var id = (string)first.Body!["deliveryId"]!;
        await gateway.Http.Call("PATCH", $"/api/deliveryrequests/{id}", """{"deadline":"2031-01-01T00:00:00Z","pickupTime":"2020-01-01T00:00:00Z"}""");
        await gateway.Http.Call("DELETE", $"/api/deliveryrequests/{id}");

        var again = await Post(Http.Request());

        Assert.Equal(HttpStatusCode.Accepted, again.Status);
        Assert.True(JsonNode.DeepEquals(first.Body, again.Body));
        Assert.Equal(RequestStatus.Cancelled, gateway.World.Requests[id].Status);
    }

    [Fact]
    public async Task White_space_and_quotes_around_the_key_do_not_matter()
    {
        var first = await Post(Http.Request());
        var again = await Post(JsonNode.Parse(Http.Request())!.ToJsonString(new() { WriteIndented = true }), key: $"\"{_key}\"");

        Assert.Equal((string?)first.Body!["deliveryId"], (string?)again.Body!["deliveryId"]);
    }

    [Fact]
    public async Task Same_key_with_another_body_is_refused_and_changes_nothing()
    {
        var first = await Post(Http.Request());

        var other = await Post(Http.Request(b => b["expedited"] = false));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
        Assert.Equal("urn:drone-delivery:problem:idempotency-key-reused", (string?)other.Body!["type"]);
        Assert.True(gateway.World.Requests[(string)first.Body!["deliveryId"]!].Order.Expedited);
    }

    [Fact]
    public async Task Same_key_of_another_owner_is_another_key()
    {
        var mine = await Post(Http.Request());
        var theirs = await Post(Http.Request(b => b["ownerId"] = "somebody-else"));

        Assert.Equal(HttpStatusCode.Accepted, theirs.Status);
        Assert.NotEqual((string?)mine.Body!["deliveryId"], (string?)theirs.Body!["deliveryId"]);
    }

    [Fact]
    public async Task Request_without_key_is_a_new_one_each_time() => Assert.NotEqual(await gateway.Http.Order(), await gateway.Http.Order());

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("a\tb")]
    [InlineData("LONG")]
    public async Task Key_that_is_none_is_refused(string key)
    {
        var answer = await Post(Http.Request(), key: key == "LONG" ? new string('x', 256) : key);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.NotNull(answer.Body!["errors"]!["Idempotency-Key"]);
    }

    [Fact]
    public async Task Package_is_made_once()
    {
        const string body = """{"size":"small","weight":1,"tag":"t","ownerId":"me"}""";

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Post(body, "PUT", "/api/packages")));
        var id = (string)answers[0].Body!["id"]!;
        await gateway.Http.Call("PATCH", $"/api/packages/{id}", """{"weight":2}""");
        var again = await Post(body, "PUT", "/api/packages");
        var other = await Post("""{"size":"small","weight":3,"tag":"t","ownerId":"me"}""", "PUT", "/api/packages");

        Assert.All([.. answers, again], answer =>
        {
            Assert.Equal(HttpStatusCode.Created, answer.Status);
            Assert.True(JsonNode.DeepEquals(answers[0].Body, answer.Body));
        });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.Status);
        Assert.Equal(2, gateway.World.Packages[id].Details.Weight);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Key_outlives_the_silo_and_the_gateway_that_took_it()
    {
        await using var own = new GatewayFixture();
        await own.InitializeAsync();
        var first = await Post(Http.Request(), http: own.Http);

        await own.KillSilo();
        await own.StartSilo();
        var (host, http) = await own.Open();
        using (http)
        await using (host)
        {
            var again = await Post(Http.Request(), http: http);

            Assert.Equal(HttpStatusCode.Accepted, again.Status);
            Assert.True(JsonNode.DeepEquals(first.Body, again.Body));
            Assert.Single(own.World.Requests);
        }
    }

    private async Task<(HttpStatusCode Status, JsonNode? Body, string? Location)> Post(
        string json, string method = "POST", string path = "/api/deliveryrequests", string? key = null, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(new(method), path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key ?? _key);
        using var response = await (http ?? gateway.Http).SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (response.StatusCode, text.Length > 0 ? JsonNode.Parse(text) : null, response.Headers.Location?.ToString());
    }
}
