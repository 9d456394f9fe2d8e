using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DroneDelivery.Gateway.Tests.Contract;

/// <summary>
/// <c>docs/openapi.json</c> is what clients were promised. <c>GOLDEN_WRITE=1</c> writes it and <c>docs/api.md</c> anew, but not over a breaking change;
/// <c>GOLDEN_WRITE=breaking</c> does that too.
/// </summary>
public sealed class ApiContractTests(GatewayFixture gateway)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Folder => Path.Combine(Root(AppContext.BaseDirectory), "docs");

    [Fact]
    public async Task Stored_document_is_current_and_nothing_was_taken_from_clients()
    {
        var current = await Current();
        var file = Path.Combine(Folder, "openapi.json");
        var stored = File.Exists(file) ? JsonNode.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))! : null;
        var breaking = stored is null ? [] : BreakingChanges.Between(stored, current);

        var write = Environment.GetEnvironmentVariable("GOLDEN_WRITE");
        if (write == "breaking" || (write == "1" && breaking.Count == 0)) await File.WriteAllTextAsync(file, current.ToJsonString(Indented) + "\n", TestContext.Current.CancellationToken);
        else Assert.True(stored is not null && JsonNode.DeepEquals(stored, current) && breaking.Count == 0, breaking.Count > 0
            ? $"This breaks clients: {string.Join("; ", breaking)}."
            : "docs/openapi.json is not current; run the tests once with GOLDEN_WRITE=1 and review the change.");
    }

    [Fact]
    public async Task Reference_is_current()
    {
        var routes = gateway.Host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(route => (route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Select(method => (Name: $"{method} /{route.RoutePattern.RawText!.Trim('/')}", Route: route)))
            .DistinctBy(route => route.Name)
            .ToDictionary(route => route.Name, route => route.Route.Metadata.GetMetadata<IAllowAnonymous>() is null ? route.Route.Metadata.GetMetadata<IAuthorizeData>()!.Policy! : "");
        var page = ApiReference.Write(await Current(), route => routes[route]);

        var file = Path.Combine(Folder, "api.md");
        if (Environment.GetEnvironmentVariable("GOLDEN_WRITE") is not null) await File.WriteAllTextAsync(file, page, TestContext.Current.CancellationToken);
        else Assert.True(File.Exists(file) && await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) == page, "docs/api.md is not current; run the tests once with GOLDEN_WRITE=1 and review the change.");
    }

    private static readonly Dictionary<string, Action<JsonNode>> Breaks = new()
    {
        ["GET /api/packages/{id} is gone"] = document => document["paths"]!["/api/packages/{id}"]!.AsObject().Remove("get"),
        ["GET /api/packages/{id} is gone; PUT /api/packages/{id} is gone; PATCH /api/packages/{id} is gone"] = document => document["paths"]!.AsObject().Remove("/api/packages/{id}"),
        ["PUT /api/packages/{id} answers 204 no more"] = document => document["paths"]!["/api/packages/{id}"]!["put"]!["responses"]!.AsObject().Remove("204"),
        ["GET /api/deliveries takes the parameter query:stage no more"] = document => Remove(document["paths"]!["/api/deliveries"]!["get"]!["parameters"]!, "stage"),
        ["GET /api/deliveries newly requires the parameter query:ownerId"] = document => Find(document["paths"]!["/api/deliveries"]!["get"]!["parameters"]!, "ownerId")["required"] = true,
        ["GET /api/deliveries/{id}/status → 200.stage is gone"] = document => document["components"]!["schemas"]!["DeliveryStatusResource"]!["properties"]!.AsObject().Remove("stage"),
        ["PUT /api/drones/{id}.capabilities.colour is newly required"] = document => document["components"]!["schemas"]!["CapabilitiesResource"]!["required"]!.AsArray().Add("colour"),
    };

    public static TheoryData<string> Cases => [.. Breaks.Keys];

    [Theory, MemberData(nameof(Cases))]
    public async Task Breaking_change_is_found(string expected)
    {
        var (before, after) = (await Current(), await Current());
        Breaks[expected](after);

        Assert.Equal(expected.Split("; ").Order(StringComparer.Ordinal), BreakingChanges.Between(before, after).Where(change => expected.Contains(change, StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Empty(BreakingChanges.Between(before, await Current()));
    }

    [Fact]
    public async Task Addition_is_not_a_breaking_change()
    {
        var (before, after) = (await Current(), await Current());
        after["paths"]!["/api/new"] = after["paths"]!["/api/probe"]!.DeepClone();
        after["components"]!["schemas"]!["DeliveryStatusResource"]!["properties"]!["news"] = new JsonObject { ["type"] = "string" };
        after["paths"]!["/api/deliveries"]!["get"]!["parameters"]!.AsArray().Add(new JsonObject { ["name"] = "more", ["in"] = "query" });

        Assert.Empty(BreakingChanges.Between(before, after));
    }

    // Where a gateway happens to listen is no part of it.
    private async Task<JsonNode> Current()
    {
        var document = JsonNode.Parse(await gateway.Http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!;
        document.AsObject().Remove("servers");
        return document;
    }

    private static JsonNode Find(JsonNode parameters, string name) => parameters.AsArray().Single(parameter => (string?)parameter!["name"] == name)!;

    private static void Remove(JsonNode parameters, string name) => parameters.AsArray().Remove(Find(parameters, name));

    private static string Root(string folder) => File.Exists(Path.Combine(folder, "Orleans.sln")) ? folder : Root(Path.GetDirectoryName(folder.TrimEnd('/'))!);
}
