using System.Net;
using System.Text.Json.Nodes;
using DroneDelivery.Gateway.Sharing;
using DroneDelivery.Notifications;
using DroneDelivery.Queries;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Every route × every kind of caller. A route that is not in the table, or has no policy, fails.</summary>
public sealed class AuthorizationTests(OpenGateway gateway, GatewayFixture fixture) : IClassFixture<OpenGateway>
{
    // What is tried belongs to owner and drone; others have the same roles. "yes" is any answer but 401, 403 and 404.
    private static readonly string[] Callers = ["anonymous", "roleless", "owner", "other", "service", "drone", "station", "operator"];

    private static readonly Dictionary<string, string> Kinds = new()
    {
        //                  anonymous roleless owner other service drone station operator
        ["public"] = "yes      yes      yes   yes   yes     yes   yes     yes",
        ["signed"] = "401      401      401   401   401     401   401     401",
        ["owned"] = "401      403      yes   404   yes     403   403     yes",
        ["own"] = "401      403      yes   yes   yes     403   403     yes",
        ["named"] = "401      403      yes   403   yes     403   403     yes",
        ["fleet"] = "401      403      403   403   403     yes   yes     yes",
        ["reports"] = "401      403      403   403   403     yes   yes     403",
        ["operators"] = "401      403      403   403   403     403   403     yes",
    };

    private const string Order = """{"pickup":"a","dropoff":"b"}""";

    // Route: kind, body, and the path where the one derived from the route would not do.
    private static readonly Dictionary<string, (string Kind, string? Body, string? Path)> Table = new()
    {
        ["GET /api/probe"] = ("public", null, null),
        ["POST /api/deliveryrequests"] = ("named", Http.Request(b => b["ownerId"] = "OWNER"), null),
        ["GET /api/deliveryrequests/{id}"] = ("owned", null, null),
        ["PATCH /api/deliveryrequests/{id}"] = ("owned", """{"pickupLocation":"c"}""", null),
        ["DELETE /api/deliveryrequests/{id}"] = ("owned", null, null),
        ["GET /api/deliveries"] = ("owned", null, "/api/deliveries?ownerId=OWNER&limit=1"),
        ["GET /api/deliveries/{id}"] = ("owned", null, null),
        ["GET /api/deliveries/public/{id}"] = ("owned", null, null),
        ["GET /api/deliveries/{id}/owner"] = ("owned", null, null),
        ["GET /api/deliveries/{id}/status"] = ("owned", null, null),
        ["GET /api/deliveries/{id}/history"] = ("owned", null, null),
        ["GET /api/deliveries/{id}/tracking"] = ("owned", null, "/api/deliveries/DELIVERY/tracking"),
        ["GET /api/deliveries/{id}/overview"] = ("owned", null, null),
        ["POST /api/deliveries/{id}/shares"] = ("owned", "{}", null),
        ["GET /api/shared/{link}"] = ("public", null, "/api/shared/LINK"),
        ["GET /api/shared/{link}/tracking"] = ("public", null, "/api/shared/LINK/tracking"),
        ["PUT /api/deliveries/{id}"] = ("owned", Order, null),
        ["PATCH /api/deliveries/{id}"] = ("owned", """{"pickup":"c"}""", null),
        ["DELETE /api/deliveries/{id}"] = ("owned", null, null),
        ["POST /api/deliveries/{id}/notifymerequests"] = ("owned", """{"sms":"123456"}""", null),
        ["GET /api/deliveries/{id}/confirmation"] = ("owned", null, null),
        ["POST /api/deliveries/{id}/confirmations"] = ("owned", """{"confirmationType":"None"}""", null),
        ["GET /api/deliveries/summary"] = ("owned", null, "/api/deliveries/summary?ownerId=OWNER&year=2030&month=1"),
        ["GET /api/packages/{id}"] = ("owned", null, "/api/packages/PACKAGE"),
        ["PUT /api/packages"] = ("named", """{"size":"small","weight":1,"ownerId":"OWNER"}""", null),
        ["PUT /api/packages/{id}"] = ("named", """{"size":"small","weight":1,"ownerId":"OWNER"}""", "/api/packages/PACKAGE"),
        ["PATCH /api/packages/{id}"] = ("owned", """{"weight":2}""", "/api/packages/PACKAGE"),
        ["GET /api/packages/summary/{ownerId}"] = ("owned", null, "/api/packages/summary/OWNER?year=2030&month=1"),
        ["PUT /api/dronedeliveries/{deliveryId}"] = ("owned", Order, null),
        ["DELETE /api/dronedeliveries/{deliveryId}"] = ("owned", null, null),
        ["GET /api/dronedeliveries/utilization"] = ("owned", null, "/api/dronedeliveries/utilization?ownerId=OWNER&year=x&month=1"),
        ["GET /api/invoices/{ownerId}"] = ("owned", null, "/api/invoices/OWNER?year=2030&month=1"),
        ["GET /api/accounts/{id}"] = ("owned", null, "/api/accounts/OWNER"),
        ["PUT /api/accounts/{id}"] = ("operators", "{}", "/api/accounts/OWNER"),
        ["GET /api/drone/{deliveryId}"] = ("fleet", null, null),
        ["PUT /api/drone/{deliveryId}"] = ("reports", "{}", null),
        ["PUT /api/drones/{id}"] = ("fleet", "{}", "/api/drones/DRONE"),
        ["GET /api/drones/{id}"] = ("fleet", null, "/api/drones/DRONE"),
        ["POST /api/drones/{id}/telemetry"] = ("reports", "{}", "/api/drones/DRONE/telemetry"),
        ["POST /api/drones/{id}/deliveries/{deliveryId}/confirmations"] = ("reports", "{}", "/api/drones/DRONE/deliveries/DELIVERY/confirmations"),
        ["POST /api/drones/{id}/pickup"] = ("reports", "{}", "/api/drones/DRONE/pickup"),
        ["POST /api/drones/telemetry"] = ("reports", "{}", null),
        ["GET /api/operations/deadletters"] = ("operators", null, null),
        ["GET /api/operations/deadletters/{id}"] = ("operators", null, null),
        ["POST /api/operations/deadletters/replay"] = ("operators", """{"reason":"none has this reason"}""", null),
        ["POST /api/operations/deadletters/{id}/replay"] = ("operators", "{}", null),
        ["POST /api/operations/deadletters/{id}/abandon"] = ("operators", "{}", null),
        ["GET /api/operations/incidents"] = ("operators", null, null),
        ["GET /api/operations/incidents/{id}"] = ("operators", null, null),
        ["POST /api/operations/incidents/{id}/resolve"] = ("operators", "{}", null),
        ["GET /api/webhooks"] = ("owned", null, "/api/webhooks?ownerId=OWNER"),
        ["POST /api/webhooks"] = ("owned", "{}", "/api/webhooks?ownerId=OWNER"),
        ["GET /api/webhooks/{webhookId}"] = ("owned", null, "/api/webhooks/WEBHOOK?ownerId=OWNER"),
        ["PUT /api/webhooks/{webhookId}"] = ("owned", "{}", "/api/webhooks/WEBHOOK?ownerId=OWNER"),
        ["PATCH /api/webhooks/{webhookId}"] = ("owned", "{}", "/api/webhooks/WEBHOOK?ownerId=OWNER"),
        ["DELETE /api/webhooks/{webhookId}"] = ("owned", null, "/api/webhooks/WEBHOOK?ownerId=OWNER"),
        ["POST /api/webhooks/{webhookId}/rotate"] = ("owned", "{}", "/api/webhooks/WEBHOOK/rotate?ownerId=OWNER"),
        ["POST /api/webhooks/{webhookId}/resume"] = ("owned", null, "/api/webhooks/WEBHOOK/resume?ownerId=OWNER"),
        ["POST /api/webhooks/{webhookId}/test"] = ("owned", null, "/api/webhooks/WEBHOOK/test?ownerId=OWNER"),
        ["GET /api/operations/subscriptions"] = ("operators", null, null),
        ["POST /api/operations/sinks/{sink}/resume"] = ("operators", null, "/api/operations/sinks/SINK/resume"),
        ["GET /api/operations/drones"] = ("operators", null, null),
        ["GET /api/operations/weatherholds"] = ("operators", null, null),
        ["PUT /api/operations/weatherholds/{id}"] = ("operators", "{}", "/api/operations/weatherholds/storm"),
        ["DELETE /api/operations/weatherholds/{id}"] = ("operators", null, "/api/operations/weatherholds/authorization"),
        ["PUT /api/operations/erasures/{id}"] = ("operators", null, "/api/operations/erasures/authorization"),
        ["GET /api/operations/erasures/{id}"] = ("operators", null, "/api/operations/erasures/erased"),
        ["GET /api/operations/drones/{id}"] = ("operators", null, "/api/operations/drones/DRONE"),
        ["POST /api/partners/{partnerId}/reports"] = ("signed", "{}", "/api/partners/acme/reports"),
        ["POST /api/operations/drones/{id}/keys"] = ("operators", null, "/api/operations/drones/DRONE/keys"),
        ["DELETE /api/operations/drones/{id}/keys"] = ("operators", null, "/api/operations/drones/DRONE/keys"),
        ["POST /api/operations/drones/{id}/reset"] = ("operators", null, "/api/operations/drones/DRONE/reset"),
        ["PUT /api/operations/drones/{id}/maintenance"] = ("operators", "{}", "/api/operations/drones/DRONE/maintenance"),
    };

    public static TheoryData<string> Routes => [.. Table.Keys];

    [Fact]
    public void Table_has_every_route_and_every_route_a_policy()
    {
        var routes = gateway.Host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToList();
        var named = routes.SelectMany(route => (route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["*"])
            .Select(method => (Name: $"{method} /{route.RoutePattern.RawText!.Trim('/')}", Route: route))).ToList();

        Assert.Equal(Table.Keys.Order(StringComparer.Ordinal), named.Select(route => route.Name).Where(name => name.Contains(" /api/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.All(named, route =>
        {
            var isPublic = route.Route.Metadata.GetMetadata<IAllowAnonymous>() is not null;
            if (Table.TryGetValue(route.Name, out var expected)) Assert.True(isPublic == (expected.Kind is "public" or "signed"), route.Name);
            if (!isPublic) Assert.True(route.Route.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => data.Policy is not null), $"{route.Name} has no policy");
        });
        Assert.All(
            named.Where(route => !route.Name.Contains(" /api/", StringComparison.Ordinal) && route.Route.Metadata.GetMetadata<IAllowAnonymous>() is not null),
            route => Assert.Matches("^GET /(openapi|scalar)/", route.Name));
    }

    [Theory, MemberData(nameof(Routes))]
    public async Task Route_admits_whom_it_should(string route)
    {
        var (kind, body, special) = Table[route];
        var (method, template) = (route.Split(' ')[0], route.Split(' ')[1]);
        var expected = Kinds[kind].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var answers = new List<string>();

        // Afresh for each: some callers end what they reach.
        foreach (var caller in Callers)
        {
            var things = await Things.MakeAsync(fixture);
            using var http = Client(caller, things);
            if (route.StartsWith("DELETE", StringComparison.Ordinal) && route.EndsWith("/keys", StringComparison.Ordinal)) fixture.World.DroneKeys[things.Drone] = ["a-hash"];
            if (route.EndsWith("/tracking", StringComparison.Ordinal)) await fixture.Http.Call("DELETE", $"/api/deliveries/{things.Delivery}");
            var link = gateway.Host.Services.GetRequiredService<ShareLinks>().Make(things.Delivery, things.Owner, DateTimeOffset.UtcNow.AddMinutes(1));
            var path = things.Fill(special?.Replace("LINK", link, StringComparison.Ordinal) ?? template.Replace("{id}", "DELIVERY", StringComparison.Ordinal).Replace("{deliveryId}", "DELIVERY", StringComparison.Ordinal));
            var (status, _, _) = await http.Call(method, path, body is null ? null : things.Fill(body), path.EndsWith("drones/telemetry", StringComparison.Ordinal) ? "application/x-ndjson" : "application/json");
            answers.Add(status switch
            {
                HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound => ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture),
                _ => "yes",
            });
            Assert.True((int)status < 500, $"{caller}: {status}");
        }

        Assert.Equal(Pairs(expected), Pairs(answers));

        static IEnumerable<string> Pairs(IEnumerable<string> answers) => Callers.Zip(answers, (caller, answer) => $"{caller} {answer}");
    }

    [Theory]
    [InlineData("GET", "/api/deliveries/DELIVERY", null)]
    [InlineData("DELETE", "/api/deliveries/DELIVERY", null)]
    [InlineData("PUT", "/api/deliveries/DELIVERY", """{"pickup":"a","dropoff":"b"}""")]
    [InlineData("PATCH", "/api/deliveries/DELIVERY", """{"pickup":"c"}""")]
    [InlineData("DELETE", "/api/deliveryrequests/DELIVERY", null)]
    [InlineData("DELETE", "/v0.1.0/api/dronedeliveries/DELIVERY", null)]
    [InlineData("PATCH", "/api/packages/PACKAGE", """{"weight":9}""")]
    [InlineData("POST", "/api/deliveries/DELIVERY/confirmations", """{"confirmationType":"None"}""")]
    public async Task Thing_of_somebody_else_is_answered_like_none_and_stays_as_it_is(string method, string path, string? body)
    {
        var things = await Things.MakeAsync(fixture);
        using var other = Client("other", things);
        var before = (fixture.World.Requests[things.Delivery], fixture.World.Deliveries[things.Delivery], fixture.World.Packages[things.Package]);

        var (status, theirs, _) = await other.Call(method, things.Fill(path), body);
        var (_, nobodys, _) = await other.Call("GET", "/api/deliveries/nobody-asked-for-it");

        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal(["status", "title", "type"], Names(theirs));
        Assert.True(JsonNode.DeepEquals(nobodys!["type"], theirs!["type"]));
        Assert.Equal(before, (fixture.World.Requests[things.Delivery], fixture.World.Deliveries[things.Delivery], fixture.World.Packages[things.Package]));

        static IEnumerable<string> Names(JsonNode? node) => node!.AsObject().Select(p => p.Key).Except(["traceId"]).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Owner_that_names_none_acts_for_itself()
    {
        var things = await Things.MakeAsync(fixture);
        using var owner = Client("owner", things);

        var (asked, request, _) = await owner.Call("POST", "/api/deliveryrequests", Http.Request(b => b.Remove("ownerId")));
        var (put, delivery, _) = await owner.Call("PUT", $"/api/deliveries/d-{Guid.NewGuid():N}", """{"pickup":"a","dropoff":"b"}""");
        var (made, package, _) = await owner.Call("PUT", "/api/packages", """{"size":"small","weight":1}""");

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Created, HttpStatusCode.Created), (asked, put, made));
        Assert.Equal(things.Owner, (string?)request!["ownerId"]);
        Assert.Equal(things.Owner, (string?)delivery!["owner"]!["accountId"]);
        Assert.Equal(things.Owner, fixture.World.Packages[(string)package!["id"]!].OwnerId);
    }

    [Fact]
    public async Task List_without_owner_is_everybodys_for_operators_only()
    {
        var things = await Things.MakeAsync(fixture);
        var index = gateway.Host.Services.GetRequiredService<IDeliveryIndex>();
        foreach (var (id, ownerId) in new[] { (things.Delivery, things.Owner), ("somebody-elses", $"not-{things.Owner}") })
            await index.Upsert(new(id, ownerId, 1, DeliveryStage.Created, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow), TestContext.Current.CancellationToken);

        Assert.Equal([things.Delivery], await List("owner"));
        Assert.Contains("somebody-elses", await List("operator"));
        Assert.Contains(things.Delivery, await List("operator"));
        using var service = Client("service", things);
        await service.ExpectFault("ownerId", "GET", "/api/deliveries");

        async Task<string[]> List(string caller)
        {
            using var http = Client(caller, things);
            var (status, body, _) = await http.Call("GET", "/api/deliveries?limit=200");
            Assert.Equal(HttpStatusCode.OK, status);
            return [.. body!["deliveries"]!.AsArray().Select(row => (string)row!["id"]!)];
        }
    }

    [Fact]
    public async Task Drone_in_a_stream_reports_for_itself_only()
    {
        var things = await Things.MakeAsync(fixture);
        var others = await fixture.Http.NewDrone();
        using var drone = Client("drone", things);

        var (status, body, _) = await drone.Call("POST", "/api/drones/telemetry", Http.Report(others) + "\n" + Http.Report(things.Drone), "application/x-ndjson");

        Assert.Equal(HttpStatusCode.OK, status);
        var lines = body!.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string?)JsonNode.Parse(line)!["outcome"]);
        Assert.Equal(["UnknownDrone", "Accepted"], lines);
        Assert.Null(fixture.World.Drones[others].LastReport);
    }

    [Theory]
    [InlineData("/api/drones/OTHER", "GET", null)]
    [InlineData("/api/drones/OTHER/telemetry", "POST", "REPORT")]
    [InlineData("/api/drones/OTHER/pickup", "POST", """{"deliveryId":"d","attempt":1}""")]
    [InlineData("/api/drones/OTHER/deliveries/DELIVERY/confirmations", "POST", """{"confirmationType":"None"}""")]
    [InlineData("/api/drone/DELIVERY", "PUT", """{"stage":2,"location":{"latitude":1,"longitude":1}}""")]
    [InlineData("/api/drone/DELIVERY", "GET", null)]
    public async Task Drone_speaks_for_no_other(string path, string method, string? body)
    {
        var things = await Things.MakeAsync(fixture);
        var others = await fixture.Http.NewDrone();
        using var http = gateway.ClientWith(gateway.Issuer.Token(["Drones.Report"], change: claims => claims["drone_id"] = $"not-{things.Drone}"));

        await http.ExpectProblem(404, "not-found", method, things.Fill(path).Replace("OTHER", others, StringComparison.Ordinal), body == "REPORT" ? Http.Report() : body);
    }

    [Theory]
    [InlineData(new string[0], "Deliveries.ReadWrite", "/api/deliveries/DELIVERY", 200)]
    [InlineData(new string[0], "openid profile", "/api/deliveries/DELIVERY", 403)]
    [InlineData(new[] { "Deliveries.ReadWrite" }, "openid", "/api/deliveries/DELIVERY", 403)]
    [InlineData(new[] { "Operators" }, "Deliveries.ReadWrite", "/api/operations/deadletters", 403)]
    [InlineData(new[] { "Operators" }, "Operations.ReadWrite", "/api/operations/deadletters", 200)]
    [InlineData(new string[0], "Operations.ReadWrite", "/api/operations/deadletters", 403)]
    [InlineData(new[] { "operators" }, null, "/api/operations/deadletters", 403)]
    public async Task User_does_what_both_its_roles_and_the_scopes_of_the_application_allow(string[] roles, string? scopes, string path, int expected)
    {
        var things = await Things.MakeAsync(fixture);
        using var http = gateway.ClientWith(gateway.Issuer.Token(roles, things.Owner, claims => claims["scp"] = scopes));

        Assert.Equal(expected, (int)(await http.Call("GET", things.Fill(path))).Status);
    }

    [Theory]
    [InlineData("oid", null)]
    [InlineData("oid", "a b")]
    [InlineData("oid", "")]
    public async Task Token_whose_owner_cannot_be_one_is_refused(string claim, string? value)
    {
        using var http = gateway.ClientWith(gateway.Issuer.Token(["Deliveries.ReadWrite"], change: claims => claims[claim] = value));

        await http.ExpectProblem(403, "forbidden", "GET", "/api/deliveries");
    }

    [Fact]
    public async Task Claim_that_names_the_owner_is_a_setting()
    {
        var things = await Things.MakeAsync(fixture);
        var (host, http) = await fixture.OpenToTheWorld(gateway.Issuer, new() { ["Authorization:OwnerClaim"] = "shop" });
        using (http)
        await using (host)
        {
            Assert.Equal(HttpStatusCode.OK, await http.StatusWith(Token(things.Owner), $"/api/deliveries/{things.Delivery}"));
            Assert.Equal(HttpStatusCode.NotFound, await http.StatusWith(Token("another"), $"/api/deliveries/{things.Delivery}"));
        }

        string Token(string shop) => gateway.Issuer.Token(["Deliveries.ReadWrite"], "somebody", claims => claims["shop"] = shop);
    }

    private HttpClient Client(string caller, Things things) => caller switch
    {
        "anonymous" => gateway.Host.Client(),
        "roleless" => gateway.ClientWith(gateway.Issuer.Token([], things.Owner)),
        "owner" => gateway.ClientWith(gateway.Issuer.Token(["Deliveries.ReadWrite"], things.Owner)),
        "other" => gateway.ClientWith(gateway.Issuer.Token(["Deliveries.ReadWrite"], $"not-{things.Owner}")),
        "service" => gateway.ClientWith(gateway.Issuer.Token(["Deliveries.ReadWrite.All"])),
        "drone" => gateway.ClientWith(gateway.Issuer.Token(["Drones.Report"], change: claims => claims["drone_id"] = things.Drone)),
        "station" => gateway.ClientWith(gateway.Issuer.Token(["Drones.Report.All"])),
        "operator" => gateway.ClientWith(gateway.Issuer.Token(["Operators"])),
        _ => throw new ArgumentOutOfRangeException(nameof(caller), caller, null),
    };

    /// <summary>A delivery that a drone carries, and its package, of one owner.</summary>
    private sealed record Things(string Owner, string Delivery, string Package, string Drone)
    {
        public static async Task<Things> MakeAsync(GatewayFixture fixture)
        {
            var (owner, package) = ($"owner-{Guid.NewGuid():N}", $"package-{Guid.NewGuid():N}");
            var drone = await fixture.Http.NewDrone();
            var delivery = await fixture.Http.Order(b =>
            {
                b["ownerId"] = owner;
                b["packageInfo"]!["packageId"] = package;
                b["packageInfo"]!["tag"] = $"drone:{drone}";
            });
            await fixture.Http.Call("PUT", $"/api/packages/{package}", $$"""{"size":"small","weight":1,"ownerId":"{{owner}}"}""");
            fixture.World.Confirmations[delivery] = "aGk=";
            await fixture.Cluster.Client.GetGrain<IOwnerNotificationsGrain>(owner).AddWebhook(CommandId.New(), "WEBHOOK", new("https://example.org", [], null), "");
            fixture.World.Webhooks[SubscriptionKey.OfSink("SINK", 0)] =
                (new(new("", [], null), new SubscriptionHealth("", "SINK.0", SubscriptionStatus.GivenUp, 0, null, null, null, 0, 0), DateTimeOffset.UtcNow, null, null), "");
            return new(owner, delivery, package, drone);
        }

        public string Fill(string text) => text
            .Replace("OWNER", Owner, StringComparison.Ordinal).Replace("DELIVERY", Delivery, StringComparison.Ordinal)
            .Replace("PACKAGE", Package, StringComparison.Ordinal).Replace("DRONE", Drone, StringComparison.Ordinal);
    }
}
