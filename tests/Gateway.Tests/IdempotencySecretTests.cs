using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DroneDelivery.Startup;
using Microsoft.Extensions.Configuration;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Ids made of an Idempotency-Key: told by a secret of the service, and found again under those it had before.</summary>
public sealed class IdempotencySecretTests(OpenGateway gateway, GatewayFixture fixture) : IClassFixture<OpenGateway>
{
    private const string Package = """{"size":"small","weight":1,"tag":"t"}""";
    private static readonly string Old = Secret(1);
    private static readonly string New = Secret(2);

    private readonly string _owner = $"owner-{Guid.NewGuid():N}";
    private readonly string _key = Guid.NewGuid().ToString();

    /// <summary>What a gateway is told: the current key, then known ones; none is as every gateway of an earlier release.</summary>
    public static TheoryData<string[], string[]> Rolls => new()
    {
        { ["", "old"], ["old"] }, // Upgrade.
        { ["old"], ["", "old"] }, // The same, going back.
        { ["old", "new"], ["new", "old"] }, // Rotation.
        { ["new", "old"], ["old", "new"] }, // The same, answered by a gateway that is not restarted yet.
        { ["", "old"], ["new", "old"] },
    };

    [Fact]
    public async Task Id_that_others_can_reckon_is_not_the_one_that_is_made()
    {
        using var attacker = gateway.ClientWith(gateway.Issuer.Token(["Deliveries.ReadWrite"], $"attacker-{Guid.NewGuid():N}"));
        using var victim = gateway.ClientWith(gateway.Issuer.Token(["Deliveries.ReadWrite"], _owner));
        const string order = """{"pickup":{"latitude":47.6,"longitude":-122.1},"dropoff":{"latitude":47.61,"longitude":-122.11},"deadline":""}""";
        foreach (var id in new[] { Reckoned("delivery"), Reckoned("package") })
        {
            Assert.Equal(HttpStatusCode.Created, (await attacker.Call("PUT", $"/api/deliveries/{id}", order)).Status);
            Assert.Equal(HttpStatusCode.Created, (await attacker.Call("PUT", $"/api/packages/{id}", Package)).Status);
        }

        var (status, made) = await Post(victim, Order());

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.NotEqual(Reckoned("delivery"), (string?)made!["deliveryId"]);
        Assert.NotEqual(Reckoned("package"), (string?)made["packageInfo"]!["packageId"]);
        Assert.Equal(made.ToJsonString(), (await Post(victim, Order())).Body!.ToJsonString());
        Assert.Equal(HttpStatusCode.Created, (await Post(victim, Package, "PUT", "/api/packages")).Status);
    }

    [Theory, Trait("Category", "Slow"), MemberData(nameof(Rolls))]
    public async Task Key_means_the_same_at_every_gateway_of_a_roll(string[] first, string[] then)
    {
        var (one, http) = await Open(first);
        var (other, again) = await Open(then);
        using var client = http;
        using var second = again;
        await using (one)
        await using (other)
        {
            var order = await Post(http, Order());
            var package = await Post(http, Package, "PUT", "/api/packages");
            var requests = Requests();

            var answers = new[] { await Post(again, Order()), await Post(http, Order()), await Post(again, Order()) };
            Assert.All(answers, answer => Assert.Equal((order.Status, order.Body!.ToJsonString()), (answer.Status, answer.Body!.ToJsonString())));
            Assert.Equal(requests, Requests());
            Assert.Equal(package.Body!.ToJsonString(), (await Post(again, Package, "PUT", "/api/packages")).Body!.ToJsonString());

            // With another body it is the same key still.
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Post(again, Order(b => b["expedited"] = false))).Status);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Post(again, """{"size":"large","weight":1}""", "PUT", "/api/packages")).Status);
        }
    }

    [Fact]
    public async Task Gateways_of_an_upgrade_agree_with_those_of_the_release_before_until_the_key_is_current()
    {
        var (host, http) = await Open("", "old");
        using (http)
        await using (host) Assert.Equal(Reckoned("delivery"), (string?)(await Post(http, Order())).Body!["deliveryId"]);
    }

    [Fact, Trait("Category", "Slow")]
    public async Task Ids_of_earlier_releases_are_forgotten_where_the_setting_says_so()
    {
        var (before, http) = await Open("", "old");
        var (after, again) = await Open(new Dictionary<string, string> { ["Idempotency:Key"] = Old, ["Idempotency:KnowsEarlierIds"] = "false" });
        using var client = http;
        using var second = again;
        await using (before)
        await using (after)
        {
            Assert.NotEqual((string?)(await Post(http, Order())).Body!["deliveryId"], (string?)(await Post(again, Order())).Body!["deliveryId"]);
        }
    }

    [Theory]
    [InlineData("", null, "Kubernetes", "Idempotency:Key is missing")]
    [InlineData("c2hvcnQ=", null, "Kubernetes", "Idempotency:Key is not a key")]
    [InlineData("not base64", null, "Local", "Idempotency:Key is not a key")]
    [InlineData("AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=", "", "Kubernetes", "Idempotency:KnownKeys:0 is not a key")]
    [InlineData("", "short", "Kubernetes", "Idempotency:KnownKeys:0 is not a key")]
    public void Key_that_is_none_is_refused_at_the_start(string key, string? known, string mode, string says)
    {
        var settings = new Dictionary<string, string?> { ["Hosting:Mode"] = mode, ["Idempotency:Key"] = key };
        if (known is not null) settings["Idempotency:KnownKeys:0"] = known;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();

        var refusal = Assert.Throws<StartupException>(() => Input.IdempotencySecrets.Read(configuration));

        Assert.StartsWith(says, refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
    }

    private static string Secret(byte value) => Convert.ToBase64String([.. Enumerable.Repeat(value, 32)]);

    private string Order(Action<JsonObject>? change = null) => Http.Request(body =>
    {
        body["ownerId"] = _owner;
        body["packageInfo"]!.AsObject().Remove("packageId");
        change?.Invoke(body);
    });

    // As everybody can who knows whose key it is.
    private string Reckoned(string kind) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(_owner), Encoding.UTF8.GetBytes($"{kind}\n{_key}")).AsSpan(0, 16));

    private int Requests() => fixture.World.Requests.Values.Count(request => request.Order.OwnerId == _owner);

    private async Task<(GatewayHost Host, HttpClient Http)> Open(params string[] keys)
    {
        var secrets = keys.Select(name => name switch { "old" => Old, "new" => New, _ => "" }).ToArray();
        var settings = secrets.Skip(1).Select((secret, number) => KeyValuePair.Create($"Idempotency:KnownKeys:{number}", secret)).ToDictionary();
        return await Open(new Dictionary<string, string>(settings) { ["Idempotency:Key"] = secrets[0] });
    }

    private async Task<(GatewayHost Host, HttpClient Http)> Open(Dictionary<string, string> settings)
    {
        var (host, http) = await fixture.OpenToTheWorld(gateway.Issuer, settings);
        http.DefaultRequestHeaders.Authorization = new("Bearer", gateway.Issuer.Token(["Deliveries.ReadWrite"], _owner));
        return (host, http);
    }

    private async Task<(HttpStatusCode Status, JsonNode? Body)> Post(
        HttpClient http, string json, string method = "POST", string path = "/api/deliveryrequests")
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(new(method), path) { Content = content };
        request.Headers.Add("Idempotency-Key", _key);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }
}
