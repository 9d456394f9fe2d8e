using System.Collections.Concurrent;
using System.Net;
using DroneDelivery.Deployment.Charts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DroneDelivery.Deployment.Application;

/// <summary>The script that <c>helm test</c> runs, against stand-ins of Entra and the gateway.</summary>
public sealed class DeliveryScriptTests
{
    [Fact]
    public async Task Script_brings_the_token_that_Entra_gives_for_its_identity()
    {
        await using var stub = await Stub.StartAsync();
        var answer = (await RunAsync(stub, token: true)).OrFail();
        Assert.Equal(["accepted", "read", "cancelled"], answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[1]));

        Assert.Equal("client_credentials", stub.TokenRequest!["grant_type"]);
        Assert.Equal("the-client", stub.TokenRequest["client_id"]);
        Assert.Equal("api://drone-delivery/.default", stub.TokenRequest["scope"]);
        Assert.Equal("federated", stub.TokenRequest["client_assertion"]);
        Assert.Equal(["POST", "GET", "DELETE"], stub.Calls.Select(call => call.Method));
        Assert.All(stub.Calls, call => Assert.Equal("Bearer the.token", call.Authorization));
        Assert.DoesNotContain("the.token", answer.Output + answer.Errors);
    }

    [Fact]
    public async Task Script_waits_for_a_gateway_that_has_no_silo_yet()
    {
        await using var stub = await Stub.StartAsync();
        stub.Unavailable = 2;
        (await RunAsync(stub, token: false)).OrFail();
        Assert.Equal(["POST", "POST", "POST", "GET", "DELETE"], stub.Calls.Select(call => call.Method));
        Assert.All(stub.Calls, call => Assert.Empty(call.Authorization));
    }

    [Theory]
    [InlineData(StatusCodes.Status401Unauthorized, "the-delivery", "expected 202, got 401")]
    [InlineData(StatusCodes.Status202Accepted, "another", "the delivery read back is another one")]
    public async Task Script_fails_when_the_gateway_does_not_do_its_work(int status, string readBack, string sentence)
    {
        await using var stub = await Stub.StartAsync();
        (stub.Accepts, stub.ReadBack) = (status, readBack);
        var answer = await RunAsync(stub, token: false);
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains(sentence, answer.Errors);
    }

    [Fact]
    public async Task Script_fails_when_Entra_gives_no_token()
    {
        await using var stub = await Stub.StartAsync();
        stub.GivesToken = false;
        var answer = await RunAsync(stub, token: true);
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("Entra gave no token", answer.Errors);
        Assert.Empty(stub.Calls);
    }

    private static async Task<Answer> RunAsync(Stub stub, bool token)
    {
        var script = await File.ReadAllTextAsync(Repository.At("helm", "drone-delivery", "files", "make-a-delivery.sh"));
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "federated");
            return await Command.RunAsync("sh", ["-c", script], new Dictionary<string, string?>
            {
                ["GATEWAY"] = stub.Address,
                ["SCOPE"] = "api://drone-delivery/.default",
                ["AZURE_FEDERATED_TOKEN_FILE"] = token ? file : null,
                ["AZURE_AUTHORITY_HOST"] = $"{stub.Address}/",
                ["AZURE_TENANT_ID"] = "the-tenant",
                ["AZURE_CLIENT_ID"] = "the-client",
            });
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Entra and the gateway, as far as the script speaks to them.</summary>
    private sealed class Stub(WebApplication app) : IAsyncDisposable
    {
        public ConcurrentQueue<(string Method, string Authorization)> Calls { get; } = new();

        public Dictionary<string, string>? TokenRequest { get; private set; }

        public bool GivesToken { get; set; } = true;

        public int Unavailable { get; set; }

        public int Accepts { get; set; } = StatusCodes.Status202Accepted;

        public string ReadBack { get; set; } = "the-delivery";

        public string Address => app.Urls.Single();

        public static async Task<Stub> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            var stub = new Stub(builder.Build());
            stub.Map();
            await stub.StartAppAsync();
            return stub;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private Task StartAppAsync() => app.StartAsync();

        private void Map()
        {
            app.MapPost("/the-tenant/oauth2/v2.0/token", async (HttpContext context) =>
            {
                TokenRequest = (await context.Request.ReadFormAsync()).ToDictionary(field => field.Key, field => field.Value.ToString());
                return GivesToken
                    ? Results.Json(new Dictionary<string, object> { ["token_type"] = "Bearer", ["expires_in"] = 3599, ["access_token"] = "the.token" })
                    : Results.BadRequest();
            });
            app.MapPost("/api/deliveryrequests", (HttpContext context) =>
            {
                Note(context);
                return Unavailable-- > 0
                    ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable)
                    : Results.Json(new { deliveryId = "the-delivery", ownerId = "helm-test" }, statusCode: Accepts);
            });
            app.MapGet("/api/deliveries/the-delivery", (HttpContext context) =>
            {
                Note(context);
                return Results.Json(new { id = ReadBack, owner = new { userId = "helm-test" } });
            });
            app.MapDelete("/api/deliveryrequests/the-delivery", (HttpContext context) =>
            {
                Note(context);
                return Results.NoContent();
            });
        }

        private void Note(HttpContext context) => Calls.Enqueue((context.Request.Method, context.Request.Headers.Authorization.ToString()));
    }
}
