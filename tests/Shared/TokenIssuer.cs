using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DroneDelivery;

/// <summary>Stands in for Microsoft Entra ID: publishes its keys over HTTP on loopback and signs tokens with them. Tokens are put together by hand, so that they can also be wrong.</summary>
internal sealed class TokenIssuer : IAsyncDisposable
{
    private readonly WebApplication _server;
    private SigningKey _key = new();
    private readonly ConcurrentDictionary<string, (string RedirectUri, string Challenge, string Nonce, IReadOnlyList<string> Roles)> _codes = new();
    private int _keyRequests;
    private int _applicationTokens;

    private TokenIssuer(WebApplication server) => _server = server;

    /// <summary>The tenant.</summary>
    public Guid TenantId { get; } = Guid.NewGuid();

    /// <summary>The gateway's app registration.</summary>
    public Guid ClientId { get; } = Guid.NewGuid();

    /// <summary>Where it answers, as <c>AzureAd:Instance</c> wants it.</summary>
    public string Instance => _server.Urls.Single();

    /// <summary>Who signs, in tokens of version 2.</summary>
    public string Issuer => $"{Instance}/{TenantId}/v2.0";

    /// <summary>The key it signs with now.</summary>
    public SigningKey Key => _key;

    /// <summary>How often its keys were asked for.</summary>
    public int KeyRequests => Volatile.Read(ref _keyRequests);

    /// <summary>Whether it answers with 500.</summary>
    public bool IsBroken { get; set; }

    /// <summary>The settings of a gateway that believes it.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["AzureAd:Instance"] = Instance,
        ["AzureAd:TenantId"] = TenantId.ToString(),
        ["AzureAd:ClientId"] = ClientId.ToString(),
    };

    public static async Task<TokenIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var issuer = new TokenIssuer(builder.Build());
        issuer._server.MapGet("/{tenant:guid}/v2.0/.well-known/openid-configuration", (Guid tenant) => issuer.Answer(new()
        {
            ["issuer"] = $"{issuer.Instance}/{tenant}/v2.0",
            ["jwks_uri"] = $"{issuer.Instance}/{tenant}/discovery/v2.0/keys",
            ["authorization_endpoint"] = $"{issuer.Instance}/{tenant}/oauth2/v2.0/authorize",
            ["token_endpoint"] = $"{issuer.Instance}/{tenant}/oauth2/v2.0/token",
        }));
        issuer._server.MapGet("/{tenant:guid}/oauth2/v2.0/authorize", (HttpRequest request) => issuer.Authorize(request.Query));
        issuer._server.MapPost("/{tenant:guid}/oauth2/v2.0/token", async (HttpRequest request) => issuer.Redeem(await request.ReadFormAsync()));
        issuer._server.MapGet("/{tenant:guid}/discovery/v2.0/keys", (Guid tenant) =>
        {
            Interlocked.Increment(ref issuer._keyRequests);
            return issuer.Answer(new() { ["keys"] = new JsonArray(issuer._key.ToJson()) });
        });
        await issuer._server.StartAsync();
        return issuer;
    }

    /// <summary>The secret of the one client that people sign in through.</summary>
    public static string ClientSecret => "a secret of the dashboard's own";

    /// <summary>How often the application "station", with the same secret, has asked for a token.</summary>
    public int ApplicationTokens => Volatile.Read(ref _applicationTokens);

    /// <summary>App roles of whoever signs in next.</summary>
    public IReadOnlyList<string> SignInRoles { get; set; } = [];

    /// <summary>From now on signs with another key and publishes that one only.</summary>
    public void Rotate() => _key = new();

    /// <summary>A good token of a caller with these roles, unless the claims are changed.</summary>
    public string Token(IEnumerable<string> roles, string subject = "somebody", Action<JsonObject>? change = null) => Sign(Claims(roles, subject, change));

    /// <summary>The claims of a good token.</summary>
    public JsonObject Claims(IEnumerable<string> roles, string subject = "somebody", Action<JsonObject>? change = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["iss"] = Issuer,
            ["aud"] = ClientId.ToString(),
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 3600,
            ["tid"] = TenantId.ToString(),
            ["sub"] = subject,
            ["oid"] = subject,
            ["roles"] = new JsonArray([.. roles.Select(role => JsonValue.Create(role))]),
        };
        change?.Invoke(claims);
        return claims;
    }

    /// <summary>Signs claims with the present key, or another.</summary>
    public string Sign(JsonObject claims, SigningKey? key = null)
    {
        key ??= _key;
        var content = Content(new() { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = key.Id }, claims);
        return $"{content}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(content)))}";
    }

    /// <summary>What is signed: header and claims.</summary>
    public static string Content(JsonObject header, JsonObject claims) => $"{Part(header)}.{Part(claims)}";

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    // Whoever comes is signed in at once.
    private IResult Authorize(IQueryCollection query)
    {
        if (query["client_id"] != ClientId.ToString() || query["response_type"] != "code" || query["code_challenge_method"] != "S256") return TypedResults.BadRequest();
        var code = Guid.NewGuid().ToString("N");
        _codes[code] = (query["redirect_uri"]!, query["code_challenge"]!, query["nonce"]!, SignInRoles);
        return TypedResults.Redirect($"{query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(query["state"]!)}");
    }

    private IResult Redeem(IFormCollection form)
    {
        if (form["grant_type"] == "client_credentials")
        {
            Interlocked.Increment(ref _applicationTokens);
            return form["client_id"] == "station" && form["client_secret"] == ClientSecret && form["scope"] == $"api://{ClientId}/.default"
                ? Answer(new() { ["token_type"] = "Bearer", ["expires_in"] = 3600, ["access_token"] = Token(["Drones.Report.All"], "station") })
                : TypedResults.Unauthorized();
        }

        var isClient = form["client_id"] == ClientId.ToString() && form["client_secret"] == ClientSecret;
        if (!isClient || form["grant_type"] != "authorization_code" || !_codes.TryRemove(form["code"].ToString(), out var asked)) return TypedResults.BadRequest();
        var verifier = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (form["redirect_uri"] != asked.RedirectUri || verifier != asked.Challenge) return TypedResults.BadRequest();
        return Answer(new() { ["token_type"] = "Bearer", ["expires_in"] = 3600, ["access_token"] = "none", ["id_token"] = Token(asked.Roles, "olga", claims => claims["nonce"] = asked.Nonce) });
    }

    private static string Part(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private IResult Answer(JsonObject json) => IsBroken ? TypedResults.StatusCode(500) : TypedResults.Content(json.ToJsonString(), "application/json");
}

/// <summary>An RSA key with a name.</summary>
internal sealed class SigningKey
{
    private readonly RSA _rsa;

    public SigningKey() : this(Guid.NewGuid().ToString("N"), RSA.Create(2048))
    {
    }

    private SigningKey(string id, RSA rsa) => (Id, _rsa) = (id, rsa);

    /// <summary>Its name.</summary>
    public string Id { get; }

    /// <summary>The same key under another name.</summary>
    public SigningKey Called(string id) => new(id, _rsa);

    /// <summary>Its public half, as anybody can read it.</summary>
    public string PublicPem => _rsa.ExportSubjectPublicKeyInfoPem();

    public byte[] Sign(byte[] content) => _rsa.SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    public JsonObject ToJson()
    {
        var key = _rsa.ExportParameters(includePrivateParameters: false);
        return new()
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["kid"] = Id,
            ["n"] = Base64Url.EncodeToString(key.Modulus),
            ["e"] = Base64Url.EncodeToString(key.Exponent),
        };
    }
}
