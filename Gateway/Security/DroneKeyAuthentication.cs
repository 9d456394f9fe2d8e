using System.Security.Claims;
using System.Text.Encodings.Web;
using DroneDelivery.Drones;
using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Gateway.Load;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Security;

/// <summary>
/// A drone with a key of its own, given by an operator. A good key is asked about again after five seconds, so that is how long a void one may go on.
/// What asking may cost is bounded: invented keys fail by their MAC, and look-ups that fail are counted against <see cref="SignInBudget"/>.
/// </summary>
internal sealed class DroneKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IGrainFactory grains, ClusterConnection cluster, CallerOptions claims,
    DroneKeySecrets secrets, DroneKeyCache cache, SignInBudget budget, FailedSignIns failed)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>Name of the scheme.</summary>
    public new const string Scheme = "DroneKey";

    private const string Bearer = "Bearer ";

    private TimeSpan? _retryAfter;

    /// <summary>Whether a request brings a key, good or not.</summary>
    public static bool IsFor(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith(Bearer + DroneKey.Prefix, StringComparison.Ordinal);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var text = Request.Headers.Authorization.ToString();
        if (!IsFor(Request)) return AuthenticateResult.NoResult();
        if (!DroneKey.TryRead(text[Bearer.Length..], out var key)) return Refuse(SignInFault.Malformed, "Malformed drone key.");
        if (!secrets.Accepts(key)) return Refuse(SignInFault.Forged, "The drone key was not made by this service.");
        if (!cache.Knows(key) && await LookUp(key) is { } refusal) return refusal;

        return AuthenticateResult.Success(new AuthenticationTicket(
            new ClaimsPrincipal(new ClaimsIdentity(
                [new(CallerClaims.Subject, $"drone {key.DroneId}"), new(CallerClaims.Role, Roles.Drone), new(claims.DroneClaim, key.DroneId)],
                Scheme,
                CallerClaims.Subject,
                CallerClaims.Role)),
            Scheme));
    }

    // A genuine key is the business of its drone, an unproven one that of the address it comes from.
    private async Task<AuthenticateResult?> LookUp(DroneKey key)
    {
        if (!cluster.HasStarted) throw new SiloUnavailableException("No silo has been connected yet.");
        var payer = cache.WasGood(key) ? null : key.Mac is null ? ClientAddress.Of(Context) : $"drone {key.DroneId}";
        if (payer is not null && !budget.TryTake(payer, out var retryAfter))
        {
            _retryAfter = retryAfter;
            return Refuse(SignInFault.TooMany, "Too many sign-ins failed.");
        }

        var isVoid = false;
        try
        {
            isVoid = !await grains.GetGrain<IDroneGrain>(key.DroneId).HasKey(key.Hash);
        }
        finally
        {
            if (payer is not null && !isVoid) budget.GiveBack(payer);
        }

        if (isVoid)
        {
            cache.Remove(key);
            return Refuse(SignInFault.Void, "The drone has no such key.");
        }

        cache.Add(key);
        return null;
    }

    private AuthenticateResult Refuse(SignInFault fault, string reason)
    {
        failed.Note(fault);
        return AuthenticateResult.Fail(reason);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (_retryAfter is { } retryAfter) return new TooManyProblem(retryAfter).ExecuteAsync(Context);
        Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        return base.HandleChallengeAsync(properties);
    }
}

/// <summary>
/// Keys found good a short while ago. However often a drone reports, each gateway asks about its key at most every five seconds, and that costs no read of the store.
/// A key that was good within the hour is asked about whatever others at its address do.
/// </summary>
internal sealed class DroneKeyCache(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);
    private const int Capacity = 50_000;

    private readonly MemoryCache _good = new(new MemoryCacheOptions { SizeLimit = Capacity });

    public bool Knows(DroneKey key) => _good.TryGetValue(key, out long until) && time.GetTimestamp() < until;

    public bool WasGood(DroneKey key) => _good.TryGetValue(key, out _);

    public void Add(DroneKey key) => _good.Set(
        key, time.GetTimestamp() + (long)(Lifetime.TotalSeconds * time.TimestampFrequency), new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Remembered });

    public void Remove(DroneKey key) => _good.Remove(key);

    public void Dispose() => _good.Dispose();
}
