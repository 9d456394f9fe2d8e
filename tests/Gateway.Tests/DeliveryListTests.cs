using System.Net;
using System.Text.Json.Nodes;
using DroneDelivery.Queries;
using Microsoft.Extensions.DependencyInjection;

namespace DroneDelivery.Gateway.Tests;

public class DeliveryListTests(GatewayFixture gateway)
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly HttpClient _http = gateway.Http;
    private readonly string _owner = $"owner-{Guid.NewGuid():N}";

    [Fact]
    public async Task Deliveries_are_listed_by_owner_stage_and_time()
    {
        await Index("a", DeliveryStage.Completed, Noon);
        await Index("b", DeliveryStage.Cancelled, Noon.AddHours(1));
        await Index("c", DeliveryStage.Completed, Noon.AddHours(2));

        var (status, body, _) = await _http.Call("GET", $"/api/deliveries?ownerId={_owner}");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["c", "b", "a"], Ids(body));
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse($$"""{"id":"c","ownerId":"{{_owner}}","stage":4,"requestedAt":"2030-01-02T11:00:00.000Z","changedAt":"2030-01-02T14:00:00.000Z"}"""),
            body!["deliveries"]![0]));
        Assert.Null((string?)body["continuation"]);

        foreach (var (query, ids) in new (string, string[])[]
        {
            ("stage=Completed", ["c", "a"]), ("stage=4", ["c", "a"]), ("stage=cancelled&limit=1", ["b"]),
            ("from=2030-01-02T13:00:00Z", ["c", "b"]), ("to=2030-01-02T14:00:00Z", ["b", "a"]),
            ("from=2030-01-02T14:00:00+01:00&to=2030-01-02T13:00:01", ["b"]), ("from=2031-01-01&stage=", []),
        })
            Assert.Equal(ids, Ids((await _http.Call("GET", $"/v1/api/deliveries?ownerId={_owner}&{query}")).Body));
        Assert.Empty(Ids((await _http.Call("GET", $"/api/deliveries?ownerId={_owner}x")).Body));
        Assert.Contains("a", Ids((await _http.Call("GET", $"/api/deliveries?from={Noon:O}&to={Noon.AddTicks(1):O}".Replace("+", "%2B", StringComparison.Ordinal))).Body));
    }

    [Fact]
    public async Task Continuation_leads_through_all_pages()
    {
        for (var number = 0; number < 7; number++) await Index($"d{number}", DeliveryStage.Created, Noon.AddMinutes(number));

        var (ids, continuation) = (new List<string>(), "");
        for (var page = 1; page <= 3; page++)
        {
            var (_, body, _) = await _http.Call("GET", $"/api/deliveries?ownerId={_owner}&limit=3&continuation={continuation}");
            ids.AddRange(Ids(body));
            continuation = (string?)body!["continuation"];
            Assert.Equal(page < 3, continuation is not null);
        }

        Assert.Equal(["d6", "d5", "d4", "d3", "d2", "d1", "d0"], ids);
    }

    [Theory]
    [InlineData("ownerId", "ownerId=a%2Fb")]
    [InlineData("ownerId", "ownerId=%27%20OR%201%3D1")]
    [InlineData("stage", "stage=Lost")]
    [InlineData("stage", "stage=6")]
    [InlineData("stage", "stage=1,2")]
    [InlineData("stage", "stage=1&stage=2")]
    [InlineData("from", "from=yesterday")]
    [InlineData("to", "to=2030-13-01")]
    [InlineData("to", "from=2030-01-02&to=2030-01-01")]
    [InlineData("limit", "limit=0")]
    [InlineData("limit", "limit=201")]
    [InlineData("limit", "limit=-1")]
    [InlineData("limit", "limit=ten")]
    [InlineData("continuation", "continuation=xyz")]
    [InlineData("continuation", "continuation=%00")]
    [InlineData("continuation", "continuation=f_______f_____9h")]
    public async Task Value_that_cannot_be_read_is_named(string field, string query)
    {
        var problem = await _http.ExpectProblem(400, "validation", "GET", $"/api/deliveries?{query}");
        Assert.True(problem["errors"]!.AsObject().ContainsKey(field), problem.ToJsonString());
    }

    [Fact]
    public async Task List_is_documented_with_its_parameters()
    {
        var (_, document, _) = await _http.Call("GET", "/openapi/v1.json");
        var list = document!["paths"]!["/api/deliveries"]!["get"]!;
        Assert.Equal(
            ["continuation", "from", "limit", "ownerId", "stage", "to"],
            list["parameters"]!.AsArray().Select(parameter => (string)parameter!["name"]!).Order(StringComparer.Ordinal));
        Assert.All(list["parameters"]!.AsArray(), parameter => Assert.NotEmpty((string?)parameter!["description"] ?? ""));
        Assert.NotNull(list["responses"]!["400"]);
    }

    private Task Index(string id, DeliveryStage stage, DateTimeOffset changed) =>
        gateway.Host.Services.GetRequiredService<IDeliveryIndex>().Upsert(
            new(id, _owner, 1, stage, Noon.AddHours(-1), changed), TestContext.Current.CancellationToken);

    private static IEnumerable<string> Ids(JsonNode? body) => body!["deliveries"]!.AsArray().Select(row => (string)row!["id"]!);
}
