using DroneDelivery.Gateway.Http;
using DroneDelivery.Gateway.Problems;
using DroneDelivery.Hosting;
using Microsoft.Extensions.Options;

namespace DroneDelivery.Gateway.Security;

/// <summary>
/// Refuses changes that a web page of another origin asks for. A browser sends such a request with everything it adds by itself: the way to
/// loopback, which is all that local mode asks for, or a cookie. A token it does not add, so where tokens count one is enough. Browsers say
/// where a page is from in <c>Sec-Fetch-Site</c> and <c>Origin</c>; services send neither.
/// </summary>
internal sealed class ForeignPages(IConfiguration configuration, IOptions<HttpOptions> http)
{
    private const string Reason =
        "A web page of another origin asked for this change; list its origin in Http:AllowedOrigins if it may, "
        + "or send the request from this service's own page or from a program.";

    private readonly bool _tokensCount = !HostingOptions.IsLocal(configuration);
    private readonly HashSet<string> _allowed = new(http.Value.AllowedOrigins, StringComparer.OrdinalIgnoreCase);

    /// <summary>The middleware; after the headers of proxies are read, since they say by which scheme the client came.</summary>
    public Task Refuse(HttpContext context, RequestDelegate next) =>
        IsForeign(context.Request) ? new ForbiddenProblem(Reason).ExecuteAsync(context) : next(context);

    private bool IsForeign(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method)) return false;

        // What a browser remembers of a sign-in by password it adds by itself.
        var authorization = request.Headers.Authorization.ToString();
        if (_tokensCount && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return false;

        var origin = request.Headers.Origin;
        if (origin.Count == 0) return !IsOwnSite(request);
        return !_allowed.Contains(origin.ToString()) && !(IsOwn(origin.ToString(), request) && IsOwnSite(request));
    }

    private static bool IsOwn(string origin, HttpRequest request) =>
        origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);

    // None: by hand, such as from the address bar.
    private static bool IsOwnSite(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"];
        return site.Count == 0 || site.ToString() is "same-origin" or "none";
    }
}
