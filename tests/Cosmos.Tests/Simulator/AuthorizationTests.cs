using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Core;
using DroneDelivery.CosmosSimulator;
using Microsoft.Azure.Cosmos;

namespace DroneDelivery.Cosmos.Simulator;

public sealed class AuthorizationTests
{
    private const string Issuer = "https://login.example/tenant/v2.0";

    private static readonly byte[] TokenKey = Encoding.UTF8.GetBytes("a key that only the tests know....");

    [Fact]
    public async Task Wrong_key_is_401()
    {
        await using var host = await SimulatorHost.StartAsync();
        var container = await host.CreateContainerAsync();
        using var client = new CosmosClient(host.Endpoint.ToString(), Convert.ToBase64String(new byte[64]), SimulatorHost.ClientOptions());

        var refused = await Assert.ThrowsAsync<CosmosException>(() => ReadAsync(client, container));

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Token_allows_items_but_no_containers()
    {
        await using var host = await SimulatorHost.StartAsync(new SimulatorOptions { EntraIssuer = Issuer, EntraKey = TokenKey });
        var container = await host.CreateContainerAsync();
        using var client = new CosmosClient(host.Endpoint.ToString(), new FixedToken(Token(Issuer, TokenKey)), SimulatorHost.ClientOptions());

        var missing = await Assert.ThrowsAsync<CosmosException>(() => ReadAsync(client, container));
        var refused = await Assert.ThrowsAsync<CosmosException>(() => client.CreateDatabaseAsync("new", cancellationToken: Cancelled));

        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal((HttpStatusCode.Forbidden, 5300), (refused.StatusCode, refused.SubStatusCode));
    }

    [Theory]
    [InlineData("https://login.example/other", true, 60)]
    [InlineData(Issuer, false, 60)]
    [InlineData(Issuer, true, -60)]
    public async Task Token_of_another_issuer_with_another_key_or_of_yesterday_is_401(string issuer, bool rightKey, int secondsLeft)
    {
        await using var host = await SimulatorHost.StartAsync(new SimulatorOptions { EntraIssuer = Issuer, EntraKey = TokenKey });
        var container = await host.CreateContainerAsync();
        var token = Token(issuer, rightKey ? TokenKey : new byte[32], secondsLeft);
        using var client = new CosmosClient(host.Endpoint.ToString(), new FixedToken(token), SimulatorHost.ClientOptions());

        var refused = await Assert.ThrowsAsync<CosmosException>(() => ReadAsync(client, container));

        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Key_is_401_with_sub_status_5202_when_keys_are_switched_off()
    {
        await using var host = await SimulatorHost.StartAsync(new SimulatorOptions { AllowKeys = false, EntraIssuer = Issuer });
        var refused = await Assert.ThrowsAsync<CosmosException>(() => host.Client.GetDatabase("any").ReadAsync(cancellationToken: Cancelled));
        Assert.Equal((HttpStatusCode.Unauthorized, 5202), (refused.StatusCode, refused.SubStatusCode));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static Task ReadAsync(CosmosClient client, Container container) =>
        client.GetContainer(container.Database.Id, container.Id).ReadItemAsync<Parcel>("1", new PartitionKey("a"), cancellationToken: Cancelled);

    private static string Token(string issuer, byte[] key, int secondsLeft = 600)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var head = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8);
        var body = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { iss = issuer, sub = "silo", exp = now + secondsLeft }));
        return $"{head}.{body}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes($"{head}.{body}")))}";
    }

    private sealed class FixedToken(string token) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(token, DateTimeOffset.UtcNow.AddHours(1));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}
