using System.Collections.Concurrent;
using System.Net;
using DroneDelivery.FleetSimulator.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DroneDelivery.FleetSimulator.Tests;

/// <summary>Where a ground station has its token from, with an issuer over real HTTP.</summary>
public sealed class AccessTokensTests : IAsyncLifetime
{
    private const int Lifetime = 3600;

    private readonly FakeTimeProvider _clock = new();
    private readonly ConcurrentQueue<string> _forms = new();
    private readonly HttpClient _http = new();
    private WebApplication _issuer = null!;
    private Func<int, IResult> _answer = number => Results.Json(new { access_token = $"token-{number}", expires_in = Lifetime });

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _issuer = builder.Build();
        _issuer.MapPost("/token", async (HttpRequest request) =>
        {
            using var body = new StreamReader(request.Body);
            _forms.Enqueue(await body.ReadToEndAsync(Cancellation));
            return _answer(_forms.Count);
        });
        await _issuer.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task Token_is_asked_for_once_and_again_a_minute_before_it_ends()
    {
        using var tokens = Application();

        Assert.Equal("token-1", await tokens.GetAsync(Cancellation));
        _clock.Advance(TimeSpan.FromSeconds(Lifetime - 61));
        Assert.Equal("token-1", await tokens.GetAsync(Cancellation));
        Assert.Equal("grant_type=client_credentials&client_id=station&client_secret=secret&scope=api%3A%2F%2Fgateway%2F.default", Assert.Single(_forms));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("token-2", await tokens.GetAsync(Cancellation));
    }

    [Fact]
    public async Task Token_that_the_gateway_refuses_is_not_sent_again()
    {
        using var tokens = Application();
        await tokens.GetAsync(Cancellation);

        tokens.Forget();

        Assert.Equal("token-2", await tokens.GetAsync(Cancellation));
    }

    [Fact]
    public async Task Ended_token_is_not_sent_while_the_issuer_gives_no_other()
    {
        using var tokens = Application();
        await tokens.GetAsync(Cancellation);
        _clock.Advance(TimeSpan.FromSeconds(Lifetime));
        _answer = _ => Results.StatusCode(StatusCodes.Status503ServiceUnavailable);

        for (var i = 0; i < 2; i++)
        {
            var failure = await Assert.ThrowsAsync<GatewayException>(() => tokens.GetAsync(Cancellation).AsTask());
            Assert.Equal("the issuer gives no token: 503 Service Unavailable", failure.Message);
        }

        _answer = number => Results.Json(new { access_token = $"token-{number}", expires_in = Lifetime });
        Assert.Equal("token-4", await tokens.GetAsync(Cancellation));
    }

    [Theory]
    [InlineData("", "the issuer cannot be asked for a token: ")]
    [InlineData("{}", "the issuer cannot be asked for a token: ")]
    [InlineData("""{"access_token":"","expires_in":1}""", "the issuer's answer holds no token")]
    public async Task Answer_without_a_token_is_named(string answer, string says)
    {
        using var tokens = Application();
        _answer = _ => Results.Text(answer, "application/json");

        var failure = await Assert.ThrowsAsync<GatewayException>(() => tokens.GetAsync(Cancellation).AsTask());

        Assert.StartsWith(says, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Issuer_that_is_away_is_named()
    {
        using var tokens = Application();
        await _issuer.StopAsync(Cancellation);

        var failure = await Assert.ThrowsAsync<GatewayException>(() => tokens.GetAsync(Cancellation).AsTask());

        Assert.StartsWith("the issuer cannot be asked for a token: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_is_read_for_every_request_and_what_is_wrong_with_it_named()
    {
        using var folder = new TemporaryDirectory();
        var path = folder.File("token");
        var tokens = new TokenFile(path);

        Assert.StartsWith("the token cannot be read: ", (await Assert.ThrowsAsync<GatewayException>(() => tokens.GetAsync(Cancellation).AsTask())).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, "one\n", Cancellation);
        Assert.Equal("one", await tokens.GetAsync(Cancellation));
        await File.WriteAllTextAsync(path, "other", Cancellation);
        Assert.Equal("other", await tokens.GetAsync(Cancellation));
        foreach (var none in new[] { "", " \n", "two words", "umläut" })
        {
            await File.WriteAllTextAsync(path, none, Cancellation);
            Assert.EndsWith("holds no token", (await Assert.ThrowsAsync<GatewayException>(() => tokens.GetAsync(Cancellation).AsTask())).Message, StringComparison.Ordinal);
        }
    }

    private ClientCredentials Application() => new(new(new Uri(_issuer.Urls.Single() + "/token"), "station", "secret", "api://gateway/.default"), _http, _clock);
}
