using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DroneDelivery.Gateway.Tests;

public partial class PagesTests(GatewayFixture gateway)
{
    private static readonly HashSet<string> Methods = ["get", "put", "post", "patch", "delete"];
    private static readonly string[] WithoutBody = ["/resume", "/test", "/keys", "/erasures/", "/reset"];

    private readonly HttpClient _http = gateway.Http;

    [Fact]
    public async Task Document_says_of_every_route_what_it_takes_and_answers()
    {
        var (status, document, _) = await _http.Call("GET", "/openapi/v1.json");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.StartsWith("3.", (string?)document!["openapi"], StringComparison.Ordinal);
        var operations = document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Where(o => Methods.Contains(o.Key)).Select(o => (Name: $"{o.Key.ToUpperInvariant()} {path.Key}", Operation: o.Value!)))
            .ToDictionary(o => o.Name, o => o.Operation);
        Assert.All(operations, o =>
        {
            Assert.False(string.IsNullOrEmpty((string?)o.Value["summary"]), o.Key);
            Assert.Contains(o.Value["responses"]!.AsObject(), r => r.Key.StartsWith('2'));
            if (o.Key[0] == 'P' && !WithoutBody.Any(path => o.Key.Contains(path, StringComparison.Ordinal))) Assert.True(o.Value["requestBody"] is not null, o.Key);
        });

        var status5 = document["components"]!["schemas"]!["RequestStatus"]!["enum"]!.AsArray().Select(v => (string?)v);
        Assert.Contains("DeadLettered", status5);
        AssertReferencesResolve(document);
    }

    [Fact]
    public async Task Reference_page_loads_nothing_from_elsewhere()
    {
        var page = await _http.GetStringAsync("/scalar/", TestContext.Current.CancellationToken);

        Assert.DoesNotMatch(ExternalUrl(), page);
        var scripts = Script().Matches(page).Select(m => m.Groups[1].Value).ToArray();
        Assert.NotEmpty(scripts);
        foreach (var script in scripts)
        {
            var response = await _http.GetAsync($"/scalar/{script}", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains("javascript", response.Content.Headers.ContentType?.MediaType, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Start_page_links_to_pages_that_exist()
    {
        var page = await _http.GetStringAsync("/", TestContext.Current.CancellationToken);

        var links = Link().Matches(page).Select(m => m.Groups[1].Value).Where(l => !l.StartsWith("data:", StringComparison.Ordinal)).ToArray();
        Assert.Equal(4, links.Length);
        foreach (var link in links)
        {
            var response = await _http.GetAsync("/" + link, TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode, $"{link}: {response.StatusCode}");
        }
    }

    private static void AssertReferencesResolve(JsonNode document)
    {
        foreach (var reference in Reference().Matches(document.ToJsonString()).Select(m => m.Groups[1].Value))
        {
            var node = reference.Split('/').Aggregate((JsonNode?)document, (at, name) => at?[name]);
            Assert.True(node is not null, $"#/{reference} leads nowhere");
        }
    }

    [GeneratedRegex("""(?:src|href)=["']?(?:https?:)?//|cdn\.|fonts\.|import\s+["']https?:""", RegexOptions.IgnoreCase)]
    private static partial Regex ExternalUrl();

    [GeneratedRegex("""<script[^>]* src="([^"]+)">""")]
    private static partial Regex Script();

    [GeneratedRegex("href=\"([^\"]+)\"")]
    private static partial Regex Link();

    [GeneratedRegex("\"\\$ref\":\"#/([^\"]+)\"")]
    private static partial Regex Reference();
}
