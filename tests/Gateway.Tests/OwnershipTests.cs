using System.Net;
using System.Text;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Gateway.Tests.Fakes;
using DroneDelivery.Notifications;
using DroneDelivery.Packages;
using DroneDelivery.Scheduling;
using DroneDelivery.Shipping;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DroneDelivery.Gateway.Tests;

/// <summary>
/// Every route that names something that belongs to an account, asked by a stranger while the thing comes into being, and by a former owner.
/// A route that is not in the table fails.
/// </summary>
public sealed class OwnershipTests(OwnershipTests.QuickGateway gateway, GatewayFixture fixture) : IClassFixture<OwnershipTests.QuickGateway>
{
    private const string Marker = "only-for-the-owner";

    // More than any route calls of the thing's grains.
    private const int MostCalls = 6;

    private const string Put = """{"pickup":"a","dropoff":"b"}""";

    // Body and query. Routes that name an account lead to things of that account only, whenever those come into being.
    private static readonly Dictionary<string, (string? Body, string Query)> Table = new()
    {
        ["GET /api/deliveryrequests/{id}"] = (null, ""),
        ["PATCH /api/deliveryrequests/{id}"] = ("""{"pickupLocation":"c"}""", ""),
        ["DELETE /api/deliveryrequests/{id}"] = (null, ""),
        ["GET /api/deliveries/{id}"] = (null, ""),
        ["GET /api/deliveries/public/{id}"] = (null, ""),
        ["GET /api/deliveries/{id}/owner"] = (null, ""),
        ["GET /api/deliveries/{id}/status"] = (null, ""),
        ["GET /api/deliveries/{id}/history"] = (null, ""),
        ["GET /api/deliveries/{id}/tracking"] = (null, ""),
        ["GET /api/deliveries/{id}/overview"] = (null, ""),
        ["GET /api/deliveries/{id}/confirmation"] = (null, ""),
        ["POST /api/deliveries/{id}/shares"] = ("{}", ""),
        ["PUT /api/deliveries/{id}"] = (Put, ""),
        ["PATCH /api/deliveries/{id}"] = ("""{"pickup":"c"}""", ""),
        ["DELETE /api/deliveries/{id}"] = (null, ""),
        ["POST /api/deliveries/{id}/notifymerequests"] = ("""{"sms":"123456"}""", ""),
        ["POST /api/deliveries/{id}/confirmations"] = ("""{"confirmationType":"None"}""", ""),
        ["PUT /api/dronedeliveries/{deliveryId}"] = (Put, ""),
        ["DELETE /api/dronedeliveries/{deliveryId}"] = (null, ""),
        ["GET /api/packages/{id}"] = (null, ""),
        ["PUT /api/packages/{id}"] = ("""{"size":"small","weight":2}""", ""),
        ["PATCH /api/packages/{id}"] = ("""{"weight":2}""", ""),
        ["GET /api/packages/summary/{ownerId}"] = (null, "?year=2030&month=1"),
        ["GET /api/invoices/{ownerId}"] = (null, "?year=2030&month=1"),
        ["GET /api/accounts/{id}"] = (null, ""),
        ["GET /api/webhooks/{webhookId}"] = (null, "?ownerId=OWNER"),
        ["PUT /api/webhooks/{webhookId}"] = ("""{"url":"https://example.org"}""", "?ownerId=OWNER"),
        ["PATCH /api/webhooks/{webhookId}"] = ("""{"description":"x"}""", "?ownerId=OWNER"),
        ["DELETE /api/webhooks/{webhookId}"] = (null, "?ownerId=OWNER"),
        ["POST /api/webhooks/{webhookId}/rotate"] = ("{}", "?ownerId=OWNER"),
        ["POST /api/webhooks/{webhookId}/resume"] = (null, "?ownerId=OWNER"),
        ["POST /api/webhooks/{webhookId}/test"] = (null, "?ownerId=OWNER"),
    };

    public static TheoryData<string, string?> Routes
    {
        get
        {
            var routes = new TheoryData<string, string?>();
            foreach (var route in Table.Keys) routes.Add(route, null);
            routes.Add("GET /api/deliveries/{id}/status", "wait=1");
            return routes;
        }
    }

    private World World => fixture.World;

    [Fact]
    public void Table_has_every_route_that_names_something_of_an_account()
    {
        var routes = gateway.Host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.Parameters.Count > 0)
            .Where(route => route.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => data.Policy == Policies.Deliveries))
            .SelectMany(route => route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(method =>
                $"{method} /{route.RoutePattern.RawText!.Trim('/')}"))
            .Except(["PUT /api/accounts/{id}"]); // For operators only.

        Assert.Equal(Table.Keys.Order(StringComparer.Ordinal), routes.Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Routes))]
    public async Task Stranger_gets_nothing_of_what_comes_into_being_between_any_two_calls(string route, string? prefer)
    {
        var owner = $"owner-{Guid.NewGuid():N}";
        using var stranger = Client($"not-{owner}");
        for (var answers = 0; answers <= MostCalls; answers++)
        {
            var (id, isMade) = ($"{Guid.NewGuid():N}", false);
            if (answers == 0) isMade = Make(id, owner);
            else fixture.Faults.AfterAnswers(id, answers, () => isMade = Make(id, owner));

            var (status, told) = await Ask(stranger, route, id, owner, prefer);

            // A stranger who was first has made something of its own.
            if (!isMade) isMade = Make(id, owner);
            var when = $"{route} after {answers} answers";
            Assert.True(isMade || route.StartsWith("PUT ", StringComparison.Ordinal), $"{when}: the owner could not make it");
            if (isMade) CheckUntouched(id, owner, status, told, when);
            if (answers == 0) Assert.Equal(route == "PUT /api/packages/{id}" ? HttpStatusCode.Conflict : HttpStatusCode.NotFound, status);
        }
    }

    [Theory, MemberData(nameof(Routes))]
    public async Task Former_owner_gets_nothing_of_what_another_made_by_the_same_id(string route, string? prefer)
    {
        var (id, owner) = ($"{Guid.NewGuid():N}", $"owner-{Guid.NewGuid():N}");
        using var former = Client($"former-{owner}");
        Make(id, $"former-{owner}");
        Assert.Equal(HttpStatusCode.OK, (await former.Call("GET", $"/api/deliveries/{id}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await former.Call("GET", $"/api/packages/{id}")).Status);

        Erase(id);
        Assert.True(Make(id, owner));

        var (status, told) = await Ask(former, route, id, owner, prefer);
        CheckUntouched(id, owner, status, told, route);
    }

    [Fact]
    public async Task Link_of_a_former_owner_leads_nowhere()
    {
        var (id, owner) = ($"{Guid.NewGuid():N}", $"owner-{Guid.NewGuid():N}");
        Make(id, $"former-{owner}");
        using var former = Client($"former-{owner}");
        var (made, link, _) = await former.Call("POST", $"/api/deliveries/{id}/shares", "{}");
        Assert.Equal(HttpStatusCode.Created, made);
        Assert.Equal(HttpStatusCode.OK, (await former.Call("GET", (string)link!["path"]!)).Status);

        Erase(id);
        Make(id, owner);

        Assert.Equal(HttpStatusCode.NotFound, (await former.Call("GET", (string)link["path"]!)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await former.Call("GET", (string)link["trackingPath"]!)).Status);
    }

    [Fact]
    public async Task Stream_of_a_former_owner_ends_without_a_word_of_the_new_one()
    {
        var (id, owner) = ($"{Guid.NewGuid():N}", $"owner-{Guid.NewGuid():N}");
        Make(id, $"former-{owner}", "of the former");
        using var former = Client($"former-{owner}");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        using var stream = await former.GetAsync($"/api/deliveries/{id}/tracking", HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync(deadline.Token));
        Assert.Equal("event: event", await reader.ReadLineAsync(deadline.Token));

        Erase(id);
        Make(id, owner);

        var rest = await reader.ReadToEndAsync(deadline.Token);
        Assert.DoesNotContain(Marker, rest, StringComparison.Ordinal);
    }

    private static async Task<(HttpStatusCode Status, string Told)> Ask(HttpClient http, string route, string id, string owner, string? prefer)
    {
        var (method, template) = (route.Split(' ')[0], route.Split(' ')[1]);
        var (body, query) = Table[route];
        var names = template.Contains("accounts", StringComparison.Ordinal) || template.Contains("{ownerId}", StringComparison.Ordinal) ? owner : id;
        var path = template.Replace("{id}", names, StringComparison.Ordinal).Replace("{deliveryId}", names, StringComparison.Ordinal)
            .Replace("{ownerId}", names, StringComparison.Ordinal).Replace("{webhookId}", names, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(method), path + query.Replace("OWNER", owner, StringComparison.Ordinal));
        if (prefer is not null) request.Headers.Add("Prefer", prefer);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
        return (response.StatusCode, isStream ? "" : await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private void CheckUntouched(string id, string owner, HttpStatusCode status, string told, string when)
    {
        Assert.False((int)status is < 400 or >= 500, $"{when}: {status} {told}");
        Assert.DoesNotContain(owner, told, StringComparison.Ordinal);
        Assert.DoesNotContain(Marker, told, StringComparison.Ordinal);
        Assert.Equal(Request(id, owner, World.Requests[id].AcceptedAt), World.Requests[id]);
        Assert.Equal(DeliveryStage.Created, World.Deliveries[id].Status.Stage);
        Assert.Equal((owner, Details), (World.Packages[id].OwnerId, World.Packages[id].Details));
        Assert.DoesNotContain(World.Commands, command => command.Key.StartsWith($"{id}/", StringComparison.Ordinal) && command.Value.Succeeded);
        Assert.Equal("", World.Webhooks[SubscriptionKey.OfWebhook(owner, id)].Secret);
    }

    /// <summary>An owner makes its things of an id; false when another has made one of them.</summary>
    private bool Make(string id, string owner, string detail = Marker)
    {
        var request = Request(id, owner, DateTimeOffset.UtcNow);
        if (World.Packages.ContainsKey(id) || !World.Requests.TryAdd(id, request)) return false;

        var order = request.Order;
        var plan = new DeliveryPlan(owner, id, order.Pickup, order.Dropoff, "", false, order.Confirmation);
        World.Packages[id] = new PackageSnapshot(id, owner, Details);
        World.Confirmations[id] = Marker;
        World.Histories[id] = [new TrackingEvent(1, DeliveryStage.Created, request.AcceptedAt, null, detail)];
        World.Deliveries[id] = new DeliverySnapshot(id, plan, new DeliveryStatus(DeliveryStage.Created, order.Pickup.Location, null, null), "drone", 1, null);
        World.Webhooks[SubscriptionKey.OfWebhook(owner, id)] = (
            new(new("https://example.org", [], Marker), new(owner, id, SubscriptionStatus.Active, 0, null, null, null, 0, 0), request.AcceptedAt, null, null), "");
        return true;
    }

    private void Erase(string id)
    {
        World.Requests.TryRemove(id, out _);
        World.Packages.TryRemove(id, out _);
        World.Confirmations.TryRemove(id, out _);
        World.Histories.TryRemove(id, out _);
        World.Deliveries.TryRemove(id, out _);
    }

    private static PackageDetails Details { get; } = new(PackageSize.Small, 1, Marker);

    private static DeliveryRequestSnapshot Request(string id, string owner, DateTimeOffset at) => new(
        id,
        new DeliveryOrder(owner, id, Details, new Place(Marker, new(47.6, -122.1)), new Place(Marker, new(47.7, -122.1)), at, null, "", false, ConfirmationRequired.None),
        RequestStatus.Scheduled, null, Marker, new Transport("drone", 1), at, at);

    private HttpClient Client(string owner)
    {
        var http = gateway.Host.Client();
        http.DefaultRequestHeaders.Authorization = new("Bearer", gateway.Issuer.Token(["Deliveries.ReadWrite"], owner));
        return http;
    }

    /// <summary>A gateway that waits for nothing and looks often.</summary>
    public sealed class QuickGateway(GatewayFixture fixture) : IAsyncLifetime
    {
        internal TokenIssuer Issuer { get; private set; } = null!;

        internal GatewayHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Issuer = await TokenIssuer.StartAsync();
            var settings = new Dictionary<string, string>
            {
                ["DroneDeliveries:Wait"] = "00:00:00",
                ["Tracking:Pause"] = "00:00:00.010",
                ["Tracking:IdlePause"] = "00:00:00.010",
                ["Tracking:Heartbeat"] = "00:00:00.100",
            };
            (Host, var http) = await fixture.OpenToTheWorld(Issuer, settings);
            http.Dispose();
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await Issuer.DisposeAsync();
        }
    }
}
