using System.Net;

namespace DroneDelivery.Gateway.Tests;

/// <summary>The keys that sign tokens: they change, and their publisher is not always there. Each test has a gateway and an issuer of its own.</summary>
public sealed class SigningKeyTests(GatewayFixture gateway) : IAsyncLifetime
{
    private const string Path = "/api/deliveries/nobody-asked-for-it";

    private readonly OpenGateway _gateway = new(gateway);

    private TokenIssuer Issuer => _gateway.Issuer;

    public ValueTask InitializeAsync() => _gateway.InitializeAsync();

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact, Trait("Category", "Slow")]
    public async Task New_key_is_believed_and_the_old_one_no_more_without_a_restart()
    {
        var old = Issuer.Key;
        Assert.Equal(HttpStatusCode.NotFound, await StatusWith(Issuer.Token(["Operators"])));

        Issuer.Rotate();

        var token = Issuer.Token(["Operators"]);
        await Eventually.Holds(async () => await StatusWith(token) == HttpStatusCode.NotFound, "the new key is known");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusWith(Issuer.Sign(Issuer.Claims(["Operators"]), old)));
    }

    [Fact, Trait("Category", "Slow")]
    public async Task Forged_key_names_do_not_make_the_gateway_ask_for_keys_each_time()
    {
        Assert.Equal(HttpStatusCode.NotFound, await StatusWith(Issuer.Token(["Operators"])));
        var before = Issuer.KeyRequests;

        var forger = new SigningKey();
        for (var i = 0; i < 50; i++) Assert.Equal(HttpStatusCode.Unauthorized, await StatusWith(Issuer.Sign(Issuer.Claims(["Operators"]), forger.Called($"key-{i}"))));

        Assert.InRange(Issuer.KeyRequests - before, 0, 2);
    }

    [Fact]
    public async Task Keys_once_had_serve_while_the_issuer_is_away()
    {
        Assert.Equal(HttpStatusCode.NotFound, await StatusWith(Issuer.Token(["Operators"])));

        Issuer.IsBroken = true;

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusWith(Issuer.Sign(Issuer.Claims(["Operators"]), new SigningKey())));
        Assert.Equal(HttpStatusCode.NotFound, await StatusWith(Issuer.Token(["Operators"])));
    }

    [Fact, Trait("Category", "Slow")]
    public async Task Caller_is_told_to_come_back_while_no_key_was_ever_had()
    {
        Issuer.IsBroken = true;
        using var http = _gateway.ClientWith(Issuer.Token(["Operators"]));

        await http.ExpectProblem(503, "unavailable", "GET", Path);
        Assert.Equal("2", (await http.Call("GET", Path)).Response.Headers.RetryAfter?.ToString());

        Issuer.IsBroken = false;
        await Eventually.Holds(async () => (await http.Call("GET", Path)).Status == HttpStatusCode.NotFound, "the keys are there");
    }

    private Task<HttpStatusCode> StatusWith(string token) => _gateway.Http.StatusWith(token, Path);
}
