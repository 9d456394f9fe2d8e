using System.Globalization;
using System.Threading.RateLimiting;
using DroneDelivery.Gateway.Cluster;
using DroneDelivery.Gateway.Hosting;
using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Gateway.Security;
using DroneDelivery.Hosting;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Load;

/// <summary>
/// What one client may ask of a group of routes and have under way there (429), and what all of them may at the same time (503). A route belongs to
/// the group of its authorization policy, so that none is forgotten.
/// </summary>
internal static class RateLimits
{
    /// <summary>Routes that take bodies of megabytes: few of one client at a time, so that none fills the memory.</summary>
    public const string LargeBodies = nameof(LargeBodies);

    private const int LargeBodiesOfOneClient = 4;

    /// <summary>Adds the limits, and the time after which a request is given up.</summary>
    public static WebApplicationBuilder AddRateLimits(this WebApplicationBuilder builder)
    {
        var isLocal = HostingOptions.IsLocal(builder.Configuration);
        builder.Services.AddValidated<RateLimitOptions>(RateLimitOptions.Section);
        builder.Services.AddSingleton<SignInBudget>();
        builder.Services.AddRateLimiter(_ => { });
        builder.Services.AddOptions<Microsoft.AspNetCore.RateLimiting.RateLimiterOptions>().Configure<IOptions<RateLimitOptions>>((limiter, options) =>
        {
            limiter.OnRejected = async (context, _) => await Refusal(context.Lease).ExecuteAsync(context.HttpContext);
            var isOn = options.Value.Enabled ?? !isLocal;
            limiter.AddPolicy(LargeBodies, context => isOn
                ? RateLimitPartition.GetConcurrencyLimiter(Client(context), _ => new ConcurrencyLimiterOptions { PermitLimit = LargeBodiesOfOneClient, QueueLimit = 0 })
                : RateLimitPartition.GetNoLimiter(""));
            if (isOn) limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PerClient(options.Value), UnderWayOfClient(options.Value), PerGroup(options.Value),
                Streams(options.Value.StreamsOfLink, (_, link) => link), Streams(options.Value.StreamsOfAddress, (context, _) => ClientAddress.Of(context)));
        });
        builder.Services.AddRequestTimeouts();
        builder.Services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<RateLimitOptions>>((timeouts, options) => timeouts.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = options.Value.RequestTimeout,
            WriteTimeoutResponse = context => new UnavailableProblem("The request took too long and was given up.", TransientFaults.RetryAfter).ExecuteAsync(context),
        });
        return builder;
    }

    private static PartitionedRateLimiter<HttpContext> PerClient(RateLimitOptions options) => PartitionedRateLimiter.Create<HttpContext, (string, string)>(context =>
    {
        var (group, limit) = Group(context, options);
        return RateLimitPartition.GetTokenBucketLimiter((group, Client(context)), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = limit.Burst,
            TokensPerPeriod = limit.PerSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        });
    });

    // Before the group's own limit, so that no client takes the places of all.
    private static PartitionedRateLimiter<HttpContext> UnderWayOfClient(RateLimitOptions options) => PartitionedRateLimiter.Create<HttpContext, (string, string, bool)>(context =>
    {
        if (StaysOpen(context)) return RateLimitPartition.GetNoLimiter(("", "", false));
        var (group, limit) = Group(context, options);
        var waits = Waits(context);
        return RateLimitPartition.Get((group, Client(context), waits), _ => new ConcurrencyOfClient(waits ? options.WaitsOfClient : limit.ConcurrentOfClient));
    });

    private static PartitionedRateLimiter<HttpContext> PerGroup(RateLimitOptions options) => PartitionedRateLimiter.Create<HttpContext, string>(context =>
    {
        var (group, limit) = Group(context, options);
        return StaysOpen(context) || Waits(context)
            ? RateLimitPartition.GetNoLimiter("")
            : RateLimitPartition.GetConcurrencyLimiter(group, _ => new ConcurrencyLimiterOptions { PermitLimit = limit.Concurrent, QueueLimit = 0 });
    });

    private static bool StaysOpen(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<StaysOpen>() is not null;

    private static bool Waits(HttpContext context) =>
        context.User.Identity is { IsAuthenticated: true } && context.GetEndpoint()?.Metadata.GetMetadata<GrantsWaits>() is not null && Preference.Wait(context.Request) > TimeSpan.Zero;

    // What a link leads to, anybody may follow who has it; a stream holds memory for as long as it stays open.
    private static PartitionedRateLimiter<HttpContext> Streams(int most, Func<HttpContext, string, string> partOf) =>
        PartitionedRateLimiter.Create<HttpContext, string>(context =>
        {
            var link = StaysOpen(context) ? context.GetRouteValue("link") as string : null;
            return link is null
                ? RateLimitPartition.GetNoLimiter("")
                : RateLimitPartition.GetConcurrencyLimiter(
                    partOf(context, link), _ => new ConcurrencyLimiterOptions { PermitLimit = most, QueueLimit = 0 });
        });

    private static (string Name, GroupLimit Limit) Group(HttpContext context, RateLimitOptions options)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<OfPartners>() is not null) return (nameof(options.Partners), options.Partners);
        if (context.User.Identity is not { IsAuthenticated: true }) return (nameof(options.Public), options.Public);
        return context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy switch
        {
            Policies.Deliveries => (nameof(options.Deliveries), options.Deliveries),
            Policies.Reports or Policies.Fleet => (nameof(options.Reports), options.Reports),
            Policies.Operators => (nameof(options.Operators), options.Operators),
            _ => (nameof(options.Public), options.Public),
        };
    }

    // Who has a token is limited by it, wherever it calls from; others by address.
    private static string Client(HttpContext context) =>
        context.User.FindFirst(CallerClaims.Subject)?.Value is { } subject ? $"sub {subject}" : ClientAddress.Of(context);

    // Only what a client used up itself says when to come back.
    private static IResult Refusal(RateLimitLease lease) => lease.TryGetMetadata(MetadataName.RetryAfter, out var retryAfter)
        ? new TooManyProblem(retryAfter)
        : new UnavailableProblem("The service is busy; come back soon.", TransientFaults.RetryAfter);
}

/// <summary>Marks routes whose requests stay open and cost next to nothing meanwhile: they count against no concurrency limit.</summary>
internal sealed class StaysOpen;

/// <summary>Marks routes that grant <c>Prefer: wait</c>: while a request waits it costs next to nothing, so it takes no place of its group.</summary>
internal sealed class GrantsWaits;

/// <summary>Marks routes of transport partners, which have a group of their own: callers prove who they are only by their body.</summary>
internal sealed class OfPartners;

/// <summary>429: this client asks too much.</summary>
/// <param name="retryAfter">When to come back.</param>
internal sealed class TooManyProblem(TimeSpan retryAfter) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(retryAfter.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return TypedResults.Problem(Problem.Details(StatusCodes.Status429TooManyRequests, "This client asks more often than agreed, or for more at a time; wait as long as Retry-After says."))
            .ExecuteAsync(httpContext);
    }
}
