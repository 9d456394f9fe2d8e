using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace DroneDelivery.Gateway.Tests;

/// <summary>Outside local mode: who gets in, and who does not.</summary>
public sealed class AuthenticationTests(OpenGateway gateway) : IClassFixture<OpenGateway>, IDisposable
{
    private const string Path = "/api/deliveries/nobody-asked-for-it";

    private readonly TokenIssuer _issuer = gateway.Issuer;
    private readonly HttpClient _http = gateway.Host.Client();

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Signed_token_is_let_in()
    {
        Assert.Equal(HttpStatusCode.NotFound, await StatusWith(_issuer.Token(["Operators"])));
        Assert.Equal(HttpStatusCode.NotFound, await StatusWith(_issuer.Token(["Operators"], change: claims => claims["aud"] = $"api://{_issuer.ClientId}")));
    }

    [Fact]
    public async Task Request_without_token_is_told_what_it_needs()
    {
        var problem = await _http.ExpectProblem(401, "unauthenticated", "GET", Path);

        Assert.DoesNotContain("exception", problem.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        var (_, _, response) = await _http.Call("GET", Path);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
    }

    [Theory]
    [InlineData("/api/probe")]
    [InlineData("/v1/api/probe")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/scalar/")]
    [InlineData("/")]
    public async Task Public_page_needs_no_token(string path) => Assert.Equal(HttpStatusCode.OK, (await _http.Call("GET", path)).Status);

    [Theory]
    [InlineData("/dashboard")]
    [InlineData("/dashboard/")]
    [InlineData("/dashboard/index.min.js")]
    [InlineData("/dashboard/DashboardCounters")]
    [InlineData("/nowhere")]
    public async Task Everything_else_does(string path) => await _http.ExpectProblem(401, "unauthenticated", "GET", path);

    public static TheoryData<string> Forgeries => [.. Forged.Keys];

    private static readonly Dictionary<string, Func<TokenIssuer, string>> Forged = new()
    {
        ["no token at all"] = _ => "",
        ["not a token"] = _ => "abc",
        ["three empty parts"] = _ => "..",
        ["binary"] = _ => "AAAA.AAAA.AAAA",
        ["expired"] = issuer => issuer.Token(["Operators"], change: claims =>
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
            (claims["nbf"], claims["exp"]) = (now - 3600, now - 180);
        }),
        ["without end"] = issuer => issuer.Token(["Operators"], change: claims => claims.Remove("exp")),
        ["not valid yet"] = issuer => issuer.Token(["Operators"], change: claims => claims["nbf"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1_800),
        ["for somebody else"] = issuer => issuer.Token(["Operators"], change: claims => claims["aud"] = Guid.NewGuid().ToString()),
        ["for nobody"] = issuer => issuer.Token(["Operators"], change: claims => claims.Remove("aud")),
        ["of another tenant"] = issuer => issuer.Token(["Operators"], change: claims => claims["iss"] = $"{issuer.Instance}/{Guid.NewGuid()}/v2.0"),
        ["of another issuer"] = issuer => issuer.Token(["Operators"], change: claims => claims["iss"] = "https://evil.example/"),
        ["of no issuer"] = issuer => issuer.Token(["Operators"], change: claims => claims.Remove("iss")),
        ["signed with another key"] = issuer => issuer.Sign(issuer.Claims(["Operators"]), new SigningKey()),
        ["signed with another key of the same name"] = issuer => issuer.Sign(issuer.Claims(["Operators"]), new SigningKey().Called(issuer.Key.Id)),
        ["with roles added after signing"] = issuer =>
        {
            var parts = issuer.Token([]).Split('.');
            return $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(issuer.Claims(["Operators"]).ToJsonString()))}.{parts[2]}";
        },
        ["without signature"] = issuer => $"{issuer.Token(["Operators"])[..issuer.Token(["Operators"]).LastIndexOf('.')]}.",
        ["alg none"] = issuer => TokenIssuer.Content(new() { ["alg"] = "none", ["typ"] = "JWT" }, issuer.Claims(["Operators"])) + ".",
        ["alg None with the key's name"] = issuer => TokenIssuer.Content(new() { ["alg"] = "None", ["kid"] = issuer.Key.Id }, issuer.Claims(["Operators"])) + ".",
        ["the public key as a secret"] = issuer =>
        {
            var content = TokenIssuer.Content(new() { ["alg"] = "HS256", ["typ"] = "JWT", ["kid"] = issuer.Key.Id }, issuer.Claims(["Operators"]));
            return $"{content}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(issuer.Key.PublicPem), Encoding.ASCII.GetBytes(content)))}";
        },
        ["a key in the header"] = issuer =>
        {
            var own = new SigningKey();
            var content = TokenIssuer.Content(new() { ["alg"] = "RS256", ["kid"] = own.Id, ["jwk"] = own.ToJson() }, issuer.Claims(["Operators"]));
            return $"{content}.{Base64Url.EncodeToString(own.Sign(Encoding.ASCII.GetBytes(content)))}";
        },
    };

    [Theory, MemberData(nameof(Forgeries))]
    public async Task Forged_token_is_refused(string forgery)
    {
        _http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {Forged[forgery](_issuer)}");

        await _http.ExpectProblem(401, "unauthenticated", "GET", Path);

        // The same client with a good token: it was the token.
        Assert.Equal(HttpStatusCode.NotFound, await StatusWith(_issuer.Token(["Operators"])));
    }

    [Fact]
    public async Task Tokens_in_the_query_are_not_read()
    {
        var (status, _, _) = await _http.Call("GET", $"{Path}?access_token={_issuer.Token(["Operators"])}");

        Assert.Equal(HttpStatusCode.Unauthorized, status);
    }

    private Task<HttpStatusCode> StatusWith(string token) => _http.StatusWith(token, Path);
}
