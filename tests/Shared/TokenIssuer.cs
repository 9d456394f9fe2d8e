using System.Buffers.Text;
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
    private int _keyRequests;

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
        }));
        issuer._server.MapGet("/{tenant:guid}/discovery/v2.0/keys", (Guid tenant) =>
        {
            Interlocked.Increment(ref issuer._keyRequests);
            return issuer.Answer(new() { ["keys"] = new JsonArray(issuer._key.ToJson()) });
        });
        await issuer._server.StartAsync();
        return issuer;
    }

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
