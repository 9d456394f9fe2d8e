using System.Net;
using System.Text.Json.Nodes;
using DroneDelivery.Invoicing;

namespace DroneDelivery.Gateway.Tests;

public class InvoicesTests(GatewayFixture gateway)
{
    private readonly HttpClient _http = gateway.Http;
    private readonly string _owner = $"owner-{Guid.NewGuid():N}";

    [Fact]
    public async Task Month_is_the_sum_of_its_days_and_of_no_others()
    {
        foreach (var (day, deliveries) in new[] { ("2024-01-31", 100), ("2024-02-01", 1), ("2024-02-15", 2), ("2024-02-29", 4), ("2024-03-01", 100) })
            gateway.World.Ledgers[$"{_owner}/{day}"] = new LedgerTotals(deliveries, deliveries * 0.1m, deliveries * 1.25m, deliveries * 0.5m);
        gateway.World.Ledgers[$"{_owner}x/2024-02-01"] = new LedgerTotals(1_000, 1, 1, 1);

        await Expect($"/api/invoices/{_owner}?year=2024&month=2", $$$"""
            {"ownerId":"{{{_owner}}}","year":2024,"month":2,"deliveries":{"count":7},"packages":{"totalWeight":0.7},
             "utilization":{"traveledMiles":8.75,"assignedHours":3.5}}
            """);
        await Expect($"/api/deliveries/summary?ownerId={_owner}&year=2024&month=2", """{"count":7}""");
        await Expect($"/v0.1.0/api/packages/summary/{_owner}?year=2024&month=02", """{"totalWeight":0.7}""");
        await Expect($"/v1/api/dronedeliveries/utilization?ownerId={_owner}&year=2024&month=2", """{"traveledMiles":8.75,"assignedHours":3.5}""");
    }

    [Fact]
    public async Task Month_without_a_delivery_comes_to_nothing()
    {
        await Expect($"/api/invoices/{_owner}?year=2200&month=12", $$$"""
            {"ownerId":"{{{_owner}}}","year":2200,"month":12,"deliveries":{"count":0},"packages":{"totalWeight":0},"utilization":{"traveledMiles":0,"assignedHours":0}}
            """);
        await Expect($"/api/deliveries/summary?ownerId={_owner}&year=2024&month=2", """{"count":0}""");
        await _http.ExpectProblem(404, "not-found", "GET", $"/api/dronedeliveries/utilization?ownerId={_owner}&year=2024&month=2");
    }

    [Fact]
    public async Task This_month_counts_today()
    {
        var now = DateTimeOffset.UtcNow;
        gateway.World.Ledgers[LedgerKey.Of(_owner, now)] = new LedgerTotals(3, 1, 2, 3);

        await Expect($"/api/deliveries/summary?ownerId={_owner}&year={now.Year}&month={now.Month}", """{"count":3}""");
    }

    [Theory]
    [InlineData("year", "month=2")]
    [InlineData("month", "year=2024")]
    [InlineData("month", "year=2024&month=13")]
    [InlineData("month", "year=2024&month=0")]
    [InlineData("month", "year=2024&month=Feb")]
    [InlineData("month", "year=2024&month=1&month=2")]
    [InlineData("year", "year=0&month=2")]
    [InlineData("year", "year=20244&month=2")]
    public async Task Month_that_is_none_is_named(string field, string query)
    {
        foreach (var path in new[] { $"/api/invoices/{_owner}?", $"/api/packages/summary/{_owner}?", $"/api/deliveries/summary?ownerId={_owner}&", $"/api/dronedeliveries/utilization?ownerId={_owner}&" })
        {
            var problem = await _http.ExpectProblem(400, "validation", "GET", path + query);
            Assert.True(problem["errors"]!.AsObject().ContainsKey(field), problem.ToJsonString());
        }
    }

    [Theory]
    [InlineData("/api/deliveries/summary?year=2024&month=2")]
    [InlineData("/api/deliveries/summary?ownerId=%2F&year=2024&month=2")]
    [InlineData("/api/dronedeliveries/utilization?ownerId=&year=2024&month=2")]
    [InlineData("/api/invoices/%20?year=2024&month=2")]
    [InlineData("/api/packages/summary/a%20b?year=2024&month=2")]
    public async Task Owner_that_is_none_is_named(string path)
    {
        var problem = await _http.ExpectProblem(400, "validation", "GET", path);
        Assert.True(problem["errors"]!.AsObject().ContainsKey("ownerId"), problem.ToJsonString());
    }

    private async Task Expect(string path, string json)
    {
        var (status, body, _) = await _http.Call("GET", path);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), body), $"{path}: {body?.ToJsonString()}");
    }
}
