using System.Security.Claims;
using System.Text.Encodings.Web;
using DroneDelivery.Drones;
using DroneDelivery.Gateway.Cluster;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Security;

/// <summary>A drone with a key of its own, given by an operator. A good key is asked about again after five seconds, so that is how long a void one may go on.</summary>
internal sealed class DroneKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IGrainFactory grains, ClusterConnection cluster, CallerOptions claims, DroneKeyCache cache)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>Name of the scheme.</summary>
    public new const string Scheme = "DroneKey";

    private const string Bearer = "Bearer ";

    /// <summary>Whether a request brings a key, good or not.</summary>
    public static bool IsFor(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith(Bearer + DroneKey.Prefix, StringComparison.Ordinal);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var text = Request.Headers.Authorization.ToString();
        if (!IsFor(Request)) return AuthenticateResult.NoResult();
        if (!DroneKey.TryRead(text[Bearer.Length..], out var key)) return AuthenticateResult.Fail("This is no key of a drone.");
        if (!cache.Knows(key))
        {
            if (!cluster.HasStarted) throw new SiloUnavailableException("No silo has been connected yet.");
            if (!await grains.GetGrain<IDroneGrain>(key.DroneId).HasKey(key.Hash)) return AuthenticateResult.Fail("The drone has no such key.");
            cache.Add(key);
        }

        return AuthenticateResult.Success(new AuthenticationTicket(
            new ClaimsPrincipal(new ClaimsIdentity(
                [new(CallerClaims.Subject, $"drone {key.DroneId}"), new(CallerClaims.Role, Roles.Drone), new(claims.DroneClaim, key.DroneId)],
                Scheme,
                CallerClaims.Subject,
                CallerClaims.Role)),
            Scheme));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        return base.HandleChallengeAsync(properties);
    }
}

/// <summary>
/// Keys found good a short while ago. However often a drone reports, each gateway asks about its key at most every five seconds, and that costs no read of the store.
/// </summary>
internal sealed class DroneKeyCache(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);
    private const int Capacity = 50_000;

    private readonly MemoryCache _good = new(new MemoryCacheOptions { SizeLimit = Capacity });

    public bool Knows(DroneKey key) => _good.TryGetValue(key, out long until) && time.GetTimestamp() < until;

    public void Add(DroneKey key) => _good.Set(
        key, time.GetTimestamp() + (long)(Lifetime.TotalSeconds * time.TimestampFrequency), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Lifetime });

    public void Dispose() => _good.Dispose();
}
